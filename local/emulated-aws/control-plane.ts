import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { ExecutionResult } from '../state-machine/execute.ts';
import { bodyOf, listenOnLoopback, type LoopbackServer } from './loopback.ts';
import { ServiceError } from './service-error.ts';
import { toXml } from './xml.ts';

export interface EmulatedStack {
  readonly name: string;
  readonly description: string;
  /** Default: CREATE_COMPLETE. */
  readonly status?: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface ControlPlaneSettings {
  readonly stacks: readonly EmulatedStack[];
  readonly stateMachineArn: string;
  /** Default: ACTIVE. */
  readonly stateMachineStatus?: 'ACTIVE' | 'DELETING';
  readonly definition: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly run: (execution: {
    readonly name: string;
    readonly arn: string;
    readonly input: unknown;
    /** Milliseconds since the epoch: the start date that the API reports. */
    readonly startedAt: number;
  }) => Promise<ExecutionResult>;
  /** Number of accounts in the current run, by state. */
  readonly accounts: () => {
    readonly total: number;
    readonly running: number;
    readonly succeeded: number;
    readonly failed: number;
  };
  /** Denied actions, such as `states:StartExecution`. */
  readonly denied?: readonly string[];
}

export interface ControlPlane extends LoopbackServer {
  /** Resolves when every started execution has ended. */
  settled(): Promise<void>;
}

interface Execution {
  readonly name: string;
  readonly arn: string;
  /** As the caller sent it. */
  readonly input: string;
  readonly startedAt: number;
  end: { readonly at: number; readonly result: ExecutionResult } | null;
}

const StartExecutionInput = v.object({
  stateMachineArn: v.string(),
  name: v.optional(v.string()),
  input: v.optional(v.string(), '{}'),
});
/** Step Functions API reference, StartExecution: "A name must not contain". */
const FORBIDDEN_IN_NAME = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;
const ListExecutionsInput = v.object({ stateMachineArn: v.string(), statusFilter: v.optional(v.string()) });
const ExecutionArnInput = v.object({ executionArn: v.string() });
const StateMachineArnInput = v.object({ stateMachineArn: v.string() });
const MapRunArnInput = v.object({ mapRunArn: v.string() });

/**
 * Serves CloudFormation's DescribeStacks, and Step Functions' operations to start and follow executions, on loopback.
 */
export async function startControlPlane(settings: ControlPlaneSettings): Promise<ControlPlane> {
  const state = new ControlPlaneState(settings);
  const server = await listenOnLoopback((request, response) => serve(state, request, response));
  return { ...server, settled: () => state.settled() };
}

/** Never rejects. An error becomes an error response. */
async function serve(state: ControlPlaneState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await bodyOf(request)).toString();
  const target = request.headers['x-amz-target'];
  const json = typeof target === 'string';
  try {
    const answer = json
      ? JSON.stringify(state.states(target.split('.')[1] ?? '', JSON.parse(body)))
      : state.cloudFormation(new URLSearchParams(body));
    response.writeHead(200, { 'content-type': json ? 'application/x-amz-json-1.0' : 'text/xml' }).end(answer);
  } catch (error: unknown) {
    const { status, code, message } =
      error instanceof ServiceError ? error : new ServiceError(500, 'InternalFailure', String(error));
    const text = json
      ? JSON.stringify({ __type: `com.amazonaws.swf.service.v2.model#${code}`, message })
      : toXml('ErrorResponse', { Error: { Type: 'Sender', Code: code, Message: message } });
    response.writeHead(status, { 'content-type': json ? 'application/x-amz-json-1.0' : 'text/xml' }).end(text);
  }
}

const statusOf = ({ end }: Execution): string => end?.result.status ?? 'RUNNING';

const mapRunArn = ({ arn, name }: Execution): string =>
  `${arn.replace(':execution:', ':mapRun:').slice(0, -name.length - 1)}/Accounts:${name}`;

/** @throws ServiceError InvalidExecutionInput */
function parsedInput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError(400, 'InvalidExecutionInput', `Invalid State Machine Execution Input: '${text}'`);
  }
}

class ControlPlaneState {
  readonly #executions = new Map<string, Execution>();
  readonly #running = new Set<Promise<void>>();

  constructor(private readonly settings: ControlPlaneSettings) {}

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** @throws ServiceError */
  cloudFormation(parameters: URLSearchParams): string {
    const action = parameters.get('Action') ?? '';
    this.#authorize(`cloudformation:${action}`);
    if (action !== 'DescribeStacks') throw new ServiceError(400, 'InvalidAction', `${action} is not emulated.`);
    const name = parameters.get('StackName');
    const stacks = this.settings.stacks.filter((stack) => name === null || stack.name === name);
    if (name !== null && stacks.length === 0) {
      throw new ServiceError(400, 'ValidationError', `Stack with id ${name} does not exist`);
    }
    const result = {
      Stacks: stacks.map((stack) => ({
        StackName: stack.name,
        CreationTime: new Date(this.settings.now()).toISOString(),
        Description: stack.description,
        StackStatus: stack.status ?? 'CREATE_COMPLETE',
        Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
      })),
    };
    return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">${toXml('DescribeStacksResult', result)}</DescribeStacksResponse>`;
  }

  /** @throws ServiceError */
  states(action: string, input: unknown): unknown {
    this.#authorize(`states:${action}`);
    switch (action) {
      case 'DescribeStateMachine':
        this.#checkStateMachineArn(v.parse(StateMachineArnInput, input).stateMachineArn);
        return {
          stateMachineArn: this.settings.stateMachineArn,
          definition: this.settings.definition,
          name: 'IamAudit',
          type: 'STANDARD',
          status: this.settings.stateMachineStatus ?? 'ACTIVE',
          roleArn: 'arn:aws:iam::111122223333:role/iam-audit/workflow',
          creationDate: 0,
        };
      case 'StartExecution':
        return this.#start(v.parse(StartExecutionInput, input));
      case 'ListExecutions': {
        const { stateMachineArn, statusFilter } = v.parse(ListExecutionsInput, input);
        this.#checkStateMachineArn(stateMachineArn);
        const listed = [...this.#executions.values()]
          .reverse()
          .filter((execution) => statusFilter === undefined || statusOf(execution) === statusFilter);
        return { executions: listed.map((execution) => this.#summaryOf(execution)) };
      }
      case 'DescribeExecution':
        return this.#describe(this.#execution(v.parse(ExecutionArnInput, input).executionArn));
      case 'ListMapRuns': {
        const execution = this.#execution(v.parse(ExecutionArnInput, input).executionArn);
        const { stateMachineArn } = this.settings;
        return {
          mapRuns: [
            {
              ...{ executionArn: execution.arn, mapRunArn: mapRunArn(execution), stateMachineArn },
              startDate: execution.startedAt / 1000,
            },
          ],
        };
      }
      case 'DescribeMapRun':
        return this.#describeMapRun(v.parse(MapRunArnInput, input).mapRunArn);
      default:
        throw new ServiceError(400, 'UnknownOperationException', `${action} is not emulated.`);
    }
  }

  #start({ stateMachineArn, name = randomUUID(), input }: v.InferOutput<typeof StartExecutionInput>): unknown {
    this.#checkStateMachineArn(stateMachineArn);
    if (name.length < 1 || name.length > 80 || FORBIDDEN_IN_NAME.test(name)) {
      throw new ServiceError(400, 'InvalidName', `Invalid Name: '${name}'`);
    }
    const parsed = parsedInput(input);
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    if (this.#executions.has(arn)) throw new ServiceError(400, 'ExecutionAlreadyExists', `${arn} exists already.`);
    const execution: Execution = { name, arn, input, startedAt: this.settings.now(), end: null };
    this.#executions.set(arn, execution);
    const running = this.settings.run({ name, arn, input: parsed, startedAt: execution.startedAt }).then((result) => {
      execution.end = { at: this.settings.now(), result };
    });
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return { executionArn: arn, startDate: execution.startedAt / 1000 };
  }

  #summaryOf(execution: Execution): Record<string, unknown> {
    const { arn, name, startedAt, end } = execution;
    return {
      executionArn: arn,
      stateMachineArn: this.settings.stateMachineArn,
      name,
      status: statusOf(execution),
      startDate: startedAt / 1000,
      ...(end === null ? {} : { stopDate: end.at / 1000 }),
    };
  }

  #describe(execution: Execution): Record<string, unknown> {
    const { input, end } = execution;
    const result =
      end === null
        ? {}
        : end.result.status === 'SUCCEEDED'
          ? { output: JSON.stringify(end.result.output), outputDetails: { included: true } }
          : { error: end.result.error, cause: end.result.cause };
    return { ...this.#summaryOf(execution), input, inputDetails: { included: true }, ...result };
  }

  #describeMapRun(arn: string): unknown {
    const execution = [...this.#executions.values()].find((one) => mapRunArn(one) === arn);
    if (execution === undefined) throw new ServiceError(400, 'ResourceNotFound', `Resource not found: '${arn}'`);
    const itemCounts = { pending: 0, timedOut: 0, aborted: 0, resultsWritten: 0, ...this.settings.accounts() };
    const { startDate, stopDate } = this.#summaryOf(execution);
    return {
      ...{ mapRunArn: arn, executionArn: execution.arn, status: statusOf(execution), startDate, stopDate },
      ...{ maxConcurrency: 0, toleratedFailurePercentage: 100, toleratedFailureCount: 0 },
      ...{ itemCounts, executionCounts: itemCounts },
    };
  }

  #execution(arn: string): Execution {
    const execution = this.#executions.get(arn);
    if (execution !== undefined) return execution;
    throw new ServiceError(400, 'ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  #checkStateMachineArn(arn: string): void {
    if (arn === this.settings.stateMachineArn) return;
    throw new ServiceError(400, 'StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  #authorize(action: string): void {
    if (this.settings.denied?.includes(action) !== true) return;
    const message = `User: arn:aws:iam::111122223333:user/operator is not authorized to perform: ${action}`;
    throw action.startsWith('states:')
      ? new ServiceError(400, 'AccessDeniedException', message)
      : new ServiceError(403, 'AccessDenied', message);
  }
}

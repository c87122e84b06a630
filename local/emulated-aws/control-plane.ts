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
  readonly startedAt: number;
  result: ExecutionResult | null;
}

const StartExecutionInput = v.object({ name: v.string(), input: v.string() });
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
        const { statusFilter } = v.parse(v.object({ statusFilter: v.optional(v.string()) }), input);
        const listed = [...this.#executions.values()]
          .reverse()
          .filter(({ result }) => statusFilter === undefined || (result?.status ?? 'RUNNING') === statusFilter);
        return { executions: listed.map((execution) => ({ ...this.#describe(execution), stateMachineArn: '' })) };
      }
      case 'DescribeExecution':
        return this.#describe(this.#execution(v.parse(ExecutionArnInput, input).executionArn));
      case 'ListMapRuns': {
        const { arn } = this.#execution(v.parse(ExecutionArnInput, input).executionArn);
        return {
          mapRuns: [{ executionArn: arn, mapRunArn: `${arn}/Accounts`, stateMachineArn: '', startDate: 0 }],
        };
      }
      case 'DescribeMapRun': {
        v.parse(MapRunArnInput, input);
        const counts = this.settings.accounts();
        const itemCounts = { pending: 0, timedOut: 0, aborted: 0, resultsWritten: 0, ...counts };
        return { itemCounts, executionCounts: itemCounts, status: 'RUNNING', startDate: 0, maxConcurrency: 0 };
      }
      default:
        throw new ServiceError(400, 'UnknownOperationException', `${action} is not emulated.`);
    }
  }

  #start({ name, input }: v.InferOutput<typeof StartExecutionInput>): unknown {
    const arn = `${this.settings.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    if (this.#executions.has(arn)) throw new ServiceError(400, 'ExecutionAlreadyExists', `${arn} exists already.`);
    const execution: Execution = { name, arn, startedAt: this.settings.now(), result: null };
    this.#executions.set(arn, execution);
    const running = this.settings
      .run({ name, arn, input: JSON.parse(input), startedAt: execution.startedAt })
      .then((result) => {
        execution.result = result;
      });
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return { executionArn: arn, startDate: execution.startedAt / 1000 };
  }

  #describe({ arn, name, startedAt, result }: Execution): Record<string, unknown> {
    const end =
      result === null
        ? {}
        : result.status === 'SUCCEEDED'
          ? { output: JSON.stringify(result.output) }
          : { error: result.error, cause: result.cause };
    return { executionArn: arn, name, startDate: startedAt / 1000, status: result?.status ?? 'RUNNING', ...end };
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

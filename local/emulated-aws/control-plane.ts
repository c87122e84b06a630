import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { ExecutionResult } from '../state-machine/execute.ts';
import { bodyOf, listenOnLoopback, type LoopbackServer } from './loopback.ts';
import { ServiceError } from './service-error.ts';
import { toXml } from './xml.ts';

export interface EmulatedStack {
  readonly name: string;
  readonly description: string;
  /** CREATE_COMPLETE without it. */
  readonly status?: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface ControlPlaneSettings {
  readonly stacks: readonly EmulatedStack[];
  readonly stateMachineArn: string;
  /** ACTIVE without it. */
  readonly stateMachineStatus?: 'ACTIVE' | 'DELETING';
  readonly definition: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly run: (execution: {
    readonly name: string;
    readonly arn: string;
    readonly input: unknown;
  }) => Promise<ExecutionResult>;
  /** Accounts of the run that is in progress, by state. */
  readonly accounts: () => {
    readonly total: number;
    readonly running: number;
    readonly succeeded: number;
    readonly failed: number;
  };
  /** Actions that are denied, such as `states:StartExecution`. */
  readonly denied?: readonly string[];
}

export interface ControlPlane extends LoopbackServer {
  /** Resolves when every execution that was started has ended. */
  settled(): Promise<void>;
}

interface Execution {
  readonly name: string;
  readonly arn: string;
  readonly startedAt: number;
  result: ExecutionResult | null;
}

const Named = v.object({ name: v.string(), input: v.string() });
const OfExecution = v.object({ executionArn: v.string() });
const OfMachine = v.object({ stateMachineArn: v.string() });
const OfMapRun = v.object({ mapRunArn: v.string() });

/** CloudFormation's DescribeStacks and the part of Step Functions that starts and follows executions, on loopback. */
export async function startControlPlane(settings: ControlPlaneSettings): Promise<ControlPlane> {
  const plane = new Plane(settings);
  const server = await listenOnLoopback((request, response) => serve(plane, request, response));
  return { ...server, settled: () => plane.settled() };
}

/** Never rejects: what goes wrong is answered. */
async function serve(plane: Plane, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await bodyOf(request)).toString();
  const target = request.headers['x-amz-target'];
  const json = typeof target === 'string';
  try {
    const answer = json
      ? JSON.stringify(plane.states(target.split('.')[1] ?? '', JSON.parse(body)))
      : plane.cloudFormation(new URLSearchParams(body));
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

class Plane {
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
        this.#checkMachine(v.parse(OfMachine, input).stateMachineArn);
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
        return this.#start(v.parse(Named, input));
      case 'ListExecutions': {
        const { statusFilter } = v.parse(v.object({ statusFilter: v.optional(v.string()) }), input);
        const listed = [...this.#executions.values()]
          .reverse()
          .filter(({ result }) => statusFilter === undefined || (result?.status ?? 'RUNNING') === statusFilter);
        return { executions: listed.map((execution) => ({ ...this.#shown(execution), stateMachineArn: '' })) };
      }
      case 'DescribeExecution':
        return this.#shown(this.#execution(v.parse(OfExecution, input).executionArn));
      case 'ListMapRuns': {
        const { arn } = this.#execution(v.parse(OfExecution, input).executionArn);
        return {
          mapRuns: [{ executionArn: arn, mapRunArn: `${arn}/Accounts`, stateMachineArn: '', startDate: 0 }],
        };
      }
      case 'DescribeMapRun': {
        v.parse(OfMapRun, input);
        const counts = this.settings.accounts();
        const itemCounts = { pending: 0, timedOut: 0, aborted: 0, resultsWritten: 0, ...counts };
        return { itemCounts, executionCounts: itemCounts, status: 'RUNNING', startDate: 0, maxConcurrency: 0 };
      }
      default:
        throw new ServiceError(400, 'UnknownOperationException', `${action} is not emulated.`);
    }
  }

  #start({ name, input }: v.InferOutput<typeof Named>): unknown {
    const arn = `${this.settings.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    if (this.#executions.has(arn)) throw new ServiceError(400, 'ExecutionAlreadyExists', `${arn} exists already.`);
    const execution: Execution = { name, arn, startedAt: this.settings.now(), result: null };
    this.#executions.set(arn, execution);
    const running = this.settings.run({ name, arn, input: JSON.parse(input) }).then((result) => {
      execution.result = result;
    });
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return { executionArn: arn, startDate: execution.startedAt / 1000 };
  }

  #shown({ arn, name, startedAt, result }: Execution): Record<string, unknown> {
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

  #checkMachine(arn: string): void {
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

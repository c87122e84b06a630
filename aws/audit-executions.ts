import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  StartExecutionCommand,
  type ExecutionListItem,
  type ListExecutionsCommandOutput,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { AwsFault } from '../core/ports/aws-fault.ts';
import type { ExecutionInput } from '../core/contract/execution-input.ts';
import { runIdOf, runTimeOf } from '../core/run/run-id.ts';
import { required } from './required.ts';
import { toAwsFault } from './sdk-fault.ts';

export interface StartedExecution {
  readonly arn: string;
  readonly name: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

export type ExecutionState =
  | { readonly kind: 'running' }
  | {
      readonly kind: 'ended';
      readonly status: string;
      readonly error: string | null;
      readonly cause: string | null;
      /** JSON text; null if the execution did not succeed. */
      readonly output: string | null;
    };

/** Numbers of accounts of a run by state. */
export interface AccountProgress {
  readonly total: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
}

const toStartedExecution = ({ executionArn, name, startDate }: ExecutionListItem): StartedExecution => ({
  arn: required(executionArn, 'ListExecutions', 'executionArn'),
  name: required(name, 'ListExecutions', 'name'),
  startedAt: required(startDate, 'ListExecutions', 'startDate').toISOString(),
});

/** Executions of the deployed workflow. Every method throws AwsFault. */
export class AuditExecutions {
  constructor(
    private readonly client: SFNClient,
    private readonly stateMachineArn: string,
  ) {}

  /** The running executions, the latest first: one that audits, and scheduled starts that wait for its end. */
  async running(): Promise<StartedExecution[]> {
    const { executions = [] } = await this.#list({ statusFilter: 'RUNNING' });
    return executions.map(toStartedExecution);
  }

  /** The execution of a run, even if the run was refused and has no run.json; null if there is none. */
  async ofRun(runId: string): Promise<StartedExecution | null> {
    let nextToken: string | undefined;
    do {
      const page = await this.#list(nextToken === undefined ? {} : { nextToken });
      for (const execution of (page.executions ?? []).map(toStartedExecution)) {
        if ((await runIdOf(execution.name, execution.startedAt)) === runId) return execution;
        // The latest executions come first, and a run ID begins with its start time.
        const time = runTimeOf(execution.startedAt);
        if (time < runId.slice(0, time.length)) return null;
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return null;
  }

  async start(name: string, input: ExecutionInput): Promise<StartedExecution> {
    const response = await this.#send(() =>
      this.client.send(
        new StartExecutionCommand({ stateMachineArn: this.stateMachineArn, name, input: JSON.stringify(input) }),
      ),
    );
    return {
      arn: required(response.executionArn, 'StartExecution', 'executionArn'),
      name,
      startedAt: required(response.startDate, 'StartExecution', 'startDate').toISOString(),
    };
  }

  async state(executionArn: string): Promise<ExecutionState> {
    const found = await this.#send(() => this.client.send(new DescribeExecutionCommand({ executionArn }))).catch(
      (fault: unknown) => {
        if (fault instanceof AwsFault && fault.code === 'ExecutionDoesNotExist') return null;
        throw fault;
      },
    );
    // Step Functions deletes an execution's history 90 days after its end.
    if (found === null) return { kind: 'ended', status: 'FORGOTTEN', error: null, cause: null, output: null };
    const { status, error, cause, output } = found;
    if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return { kind: 'running' };
    return {
      kind: 'ended',
      status: required(status, 'DescribeExecution', 'status'),
      error: error ?? null,
      cause: cause ?? null,
      output: output ?? null,
    };
  }

  /** Null until the Accounts map has started. */
  async accounts(executionArn: string): Promise<AccountProgress | null> {
    const { mapRuns } = await this.#send(() => this.client.send(new ListMapRunsCommand({ executionArn })));
    const mapRunArn = mapRuns?.[0]?.mapRunArn;
    if (mapRunArn === undefined) return null;
    const { itemCounts } = await this.#send(() => this.client.send(new DescribeMapRunCommand({ mapRunArn })));
    const counts = required(itemCounts, 'DescribeMapRun', 'itemCounts');
    return {
      total: counts.total ?? 0,
      running: counts.running ?? 0,
      succeeded: counts.succeeded ?? 0,
      failed: (counts.failed ?? 0) + (counts.timedOut ?? 0) + (counts.aborted ?? 0),
    };
  }

  #list(parameters: {
    readonly statusFilter?: 'RUNNING';
    readonly nextToken?: string;
  }): Promise<ListExecutionsCommandOutput> {
    return this.#send(() =>
      this.client.send(
        new ListExecutionsCommand({ stateMachineArn: this.stateMachineArn, maxResults: 100, ...parameters }),
      ),
    );
  }

  async #send<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error: unknown) {
      throw toAwsFault(error);
    }
  }
}

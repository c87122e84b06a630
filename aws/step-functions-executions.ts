import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import type { Executions } from '../core/ports/executions.ts';
import { toAwsFault } from './sdk-fault.ts';

/** Asks Step Functions whether an execution still runs. */
export class StepFunctionsExecutions implements Executions {
  readonly #client: SFNClient;

  constructor(client: SFNClient) {
    this.#client = client;
  }

  /** @throws AwsFault */
  async isRunning(execution: string): Promise<boolean> {
    try {
      const { status } = await this.#client.send(new DescribeExecutionCommand({ executionArn: execution }));
      return status === 'RUNNING' || status === 'PENDING_REDRIVE';
    } catch (error: unknown) {
      // Step Functions forgets executions 90 days after they ended.
      if (error instanceof ExecutionDoesNotExist) return false;
      throw toAwsFault(error);
    }
  }
}

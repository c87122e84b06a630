import { GetAccountSettingsCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { LambdaConcurrency } from '../core/ports/services.ts';
import { required } from './required.ts';
import { toAwsFault } from './sdk-fault.ts';

/** Reads the unreserved concurrency of AWS Lambda in this account and Region. */
export class SdkLambdaConcurrency implements LambdaConcurrency {
  readonly #client: LambdaClient;

  constructor(client: LambdaClient) {
    this.#client = client;
  }

  async quota(): Promise<number> {
    try {
      const { AccountLimit } = await this.#client.send(new GetAccountSettingsCommand({}));
      const limit = required(AccountLimit, 'GetAccountSettings', 'AccountLimit');
      return required(
        limit.UnreservedConcurrentExecutions,
        'GetAccountSettings',
        'AccountLimit.UnreservedConcurrentExecutions',
      );
    } catch (error: unknown) {
      throw toAwsFault(error);
    }
  }
}

import type { FailedInvocation } from '../../contract/account-objects.ts';

/**
 * What failed invocations did, as long as it could not be stored. It is in the memory of this process, so that a later
 * invocation of the same process can store it: the next attempt, the next batch, or on one machine the account's summary.
 */
export class UnstoredWork {
  readonly #byAccount = new Map<string, readonly FailedInvocation[]>();

  of(runId: string, accountId: string): readonly FailedInvocation[] {
    return this.#byAccount.get(`${runId}/${accountId}`) ?? [];
  }

  /** Replaces what is kept of an account. */
  keep(runId: string, accountId: string, failed: readonly FailedInvocation[]): void {
    // A process of Lambda may live for hours. Of earlier runs, nobody asks any more.
    for (const key of this.#byAccount.keys()) if (!key.startsWith(`${runId}/`)) this.#byAccount.delete(key);
    if (failed.length === 0) this.#byAccount.delete(`${runId}/${accountId}`);
    else this.#byAccount.set(`${runId}/${accountId}`, failed);
  }
}

import pLimit from 'p-limit';
import type { SummariseRunInput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { AccountSummary, type FailureCause } from '../contract/run.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { READS_AT_ONCE, type ObjectStore } from '../ports/store.ts';
import { readValue, unlessDamaged } from '../ports/stored-objects.ts';
import { causeOf, failedSummary } from '../summary/account-failure.ts';
import { summariseAccount } from './summarise-account.ts';

/**
 * The summaries of a run's accounts. If the child execution of an account was interrupted, it wrote no summary: the
 * summary is made now from its batches. If that fails, the summary says why. The failure of one account does not stop
 * the others.
 * @throws RunSuperseded, StoreError
 */
export async function accountSummaries(
  input: SummariseRunInput,
  accountIds: readonly string[],
  services: Services,
  invocation: Invocation,
): Promise<AccountSummary[]> {
  const stored = await storedSummaries(services.store, input.runId, accountIds);
  const summaries: AccountSummary[] = [];
  // One at a time, because joining the evidence of an account needs much memory.
  for (const [index, accountId] of accountIds.entries()) {
    summaries.push(stored[index] ?? (await lateSummary(input, accountId, services, invocation)));
  }
  return summaries;
}

/** The summaries in the order of the accounts; null if there is no summary or it is damaged. @throws StoreError */
export function storedSummaries(
  store: ObjectStore,
  runId: string,
  accountIds: readonly string[],
): Promise<(AccountSummary | null)[]> {
  const limit = pLimit(READS_AT_ONCE);
  return Promise.all(accountIds.map((accountId) => limit(() => storedSummary(store, runId, accountId))));
}

/** Null if there is no summary or it is damaged. */
const storedSummary = (store: ObjectStore, runId: string, accountId: string): Promise<AccountSummary | null> =>
  // It is summarised again, so nothing is lost.
  unlessDamaged(
    () => readValue(store, objects.account(runId, accountId), AccountSummary),
    null,
    () => undefined,
  );

async function lateSummary(
  { runId, error }: SummariseRunInput,
  accountId: string,
  services: Services,
  invocation: Invocation,
): Promise<AccountSummary> {
  const interruption: FailureCause = error ?? {
    code: 'Interrupted',
    message: 'The audit of this account was interrupted before the account could be summarised.',
  };
  try {
    await summariseAccount(
      { runId, accountId, inventory: null, results: [], error: interruption },
      services,
      // SummariseRun counts the requests to S3 of this whole invocation.
      { ...invocation, storeRequests: () => ({ puts: 0, gets: 0 }) },
    );
    const summary = await storedSummary(services.store, runId, accountId);
    if (summary !== null) return summary;
    throw new Error(`${objects.account(runId, accountId)} was written, but it can't be found.`);
  } catch (failure: unknown) {
    const cause = causeOf(failure, 'The account could not be summarised');
    services.warn(`Account ${accountId}: ${cause.code}: ${cause.message}`);
    const summary = failedSummary(runId, accountId, cause, services.clock.now());
    await services.store.write(objects.account(runId, accountId), `${JSON.stringify(summary, null, 2)}\n`);
    return summary;
  }
}

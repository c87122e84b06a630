import type { AccountLine } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { ObjectStore } from '../ports/store.ts';

/**
 * Writes `accounts.jsonl`: the accounts of a run, each with the time at which its audit may start.
 * @param startTimes one per account, milliseconds since the epoch
 */
export async function writePlannedAccounts(
  store: ObjectStore,
  runId: string,
  accounts: readonly AccountLine[],
  startTimes: readonly number[],
): Promise<void> {
  const lines = startTimes.map((time, index) => ({ ...accounts[index], startAt: new Date(time).toISOString() }));
  await store.writeLines(
    objects.accounts(runId),
    lines.map((line) => JSON.stringify(line)),
  );
}

import type { FailedInvocation } from '../contract/account-objects.ts';
import type { SummariseAccountInput, SummariseAccountOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { invocationUse } from '../cost/invocation-use.ts';
import { interrupted } from '../evidence/interrupted.ts';
import type { SessionCalls } from '../inventory/account-session.ts';
import { countedIfFailed, failedInvocations, requestsOfNote } from '../objects/failed-invocations.ts';
import { readInventoryOutput } from '../objects/inventory-output.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { notRechecked, recheckAccount, type Recheck } from '../reuse/recheck-account.ts';
import { assertClaimHeld } from '../run/claim.ts';
import { accountSummary, credentialsOf } from '../summary/account-summary.ts';
import { checkRecords } from '../summary/check-records.ts';
import { noRecords, writeRecords } from '../summary/write-records.ts';
import { writeResults } from '../summary/write-results.ts';

/**
 * Joins what an account's batches found with its inventory. Every principal of the inventory gets exactly one record,
 * which says what is missing.
 * @throws RunSuperseded, StoreError
 */
export async function summariseAccount(
  given: SummariseAccountInput,
  services: Services,
  invocation: Invocation,
): Promise<SummariseAccountOutput> {
  const { clock } = services;
  const startedAt = clock.now();
  await assertClaimHeld(services.store, given.runId);
  let session: SessionCalls = { calls: {} };
  const failed = (): FailedInvocation => ({
    state: 'SummariseAccount',
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(clock.now()).toISOString(),
    ...session,
    use: invocationUse(invocation, clock.now() - startedAt, requestsOfNote),
  });
  const recheck = (): Promise<Recheck> =>
    recheckAccount(given, services, invocation, (calls) => {
      session = calls;
    });
  return countedIfFailed(services, given, failed, () => summarise(given, services, invocation, { startedAt, recheck }));
}

async function summarise(
  given: SummariseAccountInput,
  services: Services,
  invocation: Invocation,
  { startedAt, recheck: recheckedNow }: { readonly startedAt: number; readonly recheck: () => Promise<Recheck> },
): Promise<SummariseAccountOutput> {
  const { store, clock } = services;
  const { runId, accountId } = given;
  const inventory = given.inventory ?? (await readInventoryOutput(store, given));
  const input = { ...given, inventory };
  const interruption = given.error ?? inventory?.error ?? null;
  // The carried evidence is written last: if it exists, the inventory is complete.
  const hasInventory = inventory?.error === undefined && (await store.exists(objects.carried(runId, accountId)));

  // SummariseRun summarises interrupted accounts in one invocation, without a given inventory: it rechecks none of them.
  const mayRecheck = hasInventory && given.inventory !== null;
  const recheck = mayRecheck ? await recheckedNow() : notRechecked;
  const records = hasInventory
    ? await writeRecords(store, input, recheck.changed, clock.now(), interruption ?? interrupted)
    : noRecords;
  const mismatch = hasInventory ? await checkRecords(store, { ...records, runId, accountId, inventory }) : null;
  const uncarried = hasInventory && mismatch === null ? records.uncarried : null;
  const wasRechecked = recheck.changed !== null;
  const credentials = credentialsOf(inventory);
  const unreadable = inventory?.unreadable ?? [];
  const account = { runId, accountId, credentials, unreadable, uncarried, wasRechecked };
  const results = await writeResults(account, services);

  const failed = await failedInvocations(services, given);
  const summarised = {
    input,
    failed,
    hasInventory,
    interruption,
    records,
    mismatch,
    results,
    recheckCalls: recheck.calls,
  };
  const now = clock.now();
  const summary = accountSummary(summarised, invocationUse(invocation, now - startedAt, { puts: 1 }), now);
  await store.write(objects.account(runId, accountId), `${JSON.stringify(summary, null, 2)}\n`);
  services.onProgress?.({ kind: 'accountEnded', status: summary.status });
  return { accountId, status: summary.status };
}

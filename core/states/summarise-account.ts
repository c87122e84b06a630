import type { SummariseAccountInput, SummariseAccountOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { invocationUse } from '../cost/invocation-use.ts';
import { interrupted } from '../evidence/interrupted.ts';
import { readInventoryOutput } from '../objects/inventory-output.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { notRechecked, recheckAccount } from '../reuse/recheck-account.ts';
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
  const { store, clock } = services;
  const { runId, accountId } = given;
  const startedAt = clock.now();
  await assertClaimHeld(store, runId);
  const inventory = given.inventory ?? (await readInventoryOutput(store, given));
  const input = { ...given, inventory };
  const interruption = given.error ?? inventory?.error ?? null;
  // The carried evidence is written last: if it exists, the inventory is complete.
  const hasInventory = inventory?.error === undefined && (await store.exists(objects.carried(runId, accountId)));

  // SummariseRun summarises interrupted accounts in one invocation, without a given inventory: it rechecks none of them.
  const mayRecheck = hasInventory && given.inventory !== null;
  const recheck = mayRecheck ? await recheckAccount(given, services, invocation) : notRechecked;
  const records = hasInventory
    ? await writeRecords(store, input, recheck.changed, clock.now(), interruption ?? interrupted)
    : noRecords;
  const mismatch = hasInventory ? await checkRecords(store, { ...records, runId, accountId, inventory }) : null;
  const uncarried = hasInventory && mismatch === null ? records.uncarried : null;
  const wasRechecked = recheck.changed !== null;
  const credentials = credentialsOf(inventory);
  const results = await writeResults({ runId, accountId, credentials, uncarried, wasRechecked }, services);

  const account = { input, hasInventory, interruption, records, mismatch, results, recheckCalls: recheck.calls };
  const now = clock.now();
  const summary = accountSummary(account, invocationUse(invocation, now - startedAt, { puts: 1 }), now);
  await store.write(objects.account(runId, accountId), `${JSON.stringify(summary, null, 2)}\n`);
  services.onProgress?.({ kind: 'accountEnded', status: summary.status });
  return { accountId, status: summary.status };
}

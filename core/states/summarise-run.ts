import * as v from 'valibot';
import { addWork } from '../ports/call-ledger.ts';
import { PrincipalRecord } from '../contract/evidence.ts';
import type { SummariseRunInput, SummariseRunOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { RunSummary, type AccountSummary, type Consumption } from '../contract/run.ts';
import { categoriesOf } from '../catalogue/catalogue.ts';
import { isNotified, notificationOf } from '../report/notification.ts';
import { renderReport } from '../report/report.ts';
import type { Invocation, Services } from '../ports/services.ts';
import type { ObjectStore } from '../ports/store.ts';
import type { StoreRequests } from '../ports/store-requests.ts';
import { accountSummaries } from './account-summaries.ts';
import { assertClaimHeld, releaseClaim } from '../run/claim.ts';
import { addCost, costOf } from '../cost/cost.ts';
import { coverageOf } from '../summary/coverage.ts';
import { addConsumption, addCounts, overallStatus } from '../summary/counts.ts';
import { invocationUse } from '../cost/invocation-use.ts';
import { recordSharedBucket } from '../pacing/record-shared-bucket.ts';
import { findingsOfRun, writeRunFindings } from '../summary/run-findings.ts';
import { ONCE_PER_PRINCIPAL, reportedCalls } from '../cost/reported-calls.ts';
import { soundLines } from '../objects/valid-lines.ts';
import { plannedAccounts } from '../objects/stored-runs.ts';
import { runTransitions } from '../cost/transitions.ts';
import { Unreadable } from '../objects/unreadable.ts';

/**
 * Compares the accounts that were planned with those that were summarised, writes the run's summary and report, and
 * last which run is the latest. Releases the claim.
 * @throws RunSuperseded, StoreError
 */
export async function summariseRun(
  input: SummariseRunInput,
  services: Services,
  invocation: Invocation,
): Promise<SummariseRunOutput> {
  const { store, clock } = services;
  const startedAt = clock.now();
  await assertClaimHeld(store, input.runId);
  const stored = await store.read(objects.run(input.runId));
  if (stored === null) throw new Error(`Run ${input.runId} has no run.json: it was never planned.`);
  const planned = v.parse(RunSummary, JSON.parse(stored.text));

  const accountIds = await plannedAccounts(store, input.runId);
  const summaries = await accountSummaries(input, accountIds, services, invocation);
  const sharing = await recordSharedBucket(services, input.runId, accountIds);
  const principals = addCounts(summaries.map((summary) => summary.principals));
  const unreadable = new Unreadable(services.warn);
  const findings = await writeRunFindings(services, planned, summaries, unreadable.of);
  const accounts = summaries.map((summary) => unreadable.toldIn(summary));
  const finishedAt = clock.now();
  const use = invocationUse(invocation, finishedAt - startedAt, requestsToCome(accountIds.length));
  const own: Consumption = {
    megabyteMs: use.durationMs * use.memoryMegabytes,
    invocations: 2,
    transitions: runTransitions(
      isNotified(overallStatus(accounts.map(({ status }) => status)), services.settings.notify),
    ),
    puts: use.puts,
    gets: use.gets,
  };
  const run: RunSummary = {
    ...planned,
    finishedAt: new Date(finishedAt).toISOString(),
    ...accountsOf(accounts),
    principals,
    calls: callsOf(planned, accounts, principals.total),
    ...findings,
    ...(sharing === null ? {} : { sharing }),
    ...(planned.spread === undefined
      ? {}
      : { spread: { ...planned.spread, tookMinutes: minutesUntilAudited(planned.startedAt, accounts) } }),
    cost: addCost(planned.cost, costOf(addConsumption([own, ...accounts.map(({ consumption }) => consumption)]))),
  };

  await store.writeLines(
    objects.report(input.runId),
    renderReport({
      run,
      records: recordsOfAccounts(store, input.runId, accountIds, unreadable.of),
      unreadable: unreadable.reasons,
      findings: findingsOfRun(store, input.runId),
      credentials: new Map(accounts.map((account) => [account.accountId, account])),
      generatedAt: new Date(finishedAt).toISOString(),
      categoriesOf,
    }),
  );
  // Only who has read the records for the report knows whether they can be read.
  const told: RunSummary = { ...run, ...accountsOf(summaries.map((summary) => unreadable.toldIn(summary))) };
  await store.write(objects.run(input.runId), `${JSON.stringify(told, null, 2)}\n`);
  await store.write(objects.latest, `${JSON.stringify({ runId: input.runId })}\n`);
  await releaseClaim(store, input.runId);
  services.onRunEnded?.({
    event: 'RunEnded',
    runId: input.runId,
    status: told.status,
    wholeScope: told.wholeScope === true,
    ...(await coverageOf(store, told, accounts)),
  });
  return {
    runId: input.runId,
    status: told.status,
    notification: notificationOf(told, store.bucket, services.settings.notify),
  };
}

const accountsOf = (accounts: readonly AccountSummary[]): Pick<RunSummary, 'status' | 'accounts'> => ({
  status: overallStatus(accounts.map(({ status }) => status)),
  accounts: accounts.map(({ accountId, status, principals, error }) => ({
    accountId,
    status,
    principals,
    ...(error === undefined ? {} : { error }),
  })),
});

/** What planning has called, and what the accounts have; no operation is both's. */
function callsOf(planned: RunSummary, accounts: readonly AccountSummary[], principals: number): RunSummary['calls'] {
  const expected = Object.fromEntries(ONCE_PER_PRINCIPAL.map((operation) => [operation, principals]));
  const calls = { ...planned.calls, ...reportedCalls(addWork(accounts.map((account) => account.calls)), expected) };
  return Object.fromEntries(Object.entries(calls).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Minutes from the run's start until its last batch had ended, to a tenth; null where nothing was asked. */
function minutesUntilAudited(startedAt: string, accounts: readonly AccountSummary[]): number | null {
  const times = accounts.flatMap(({ auditedAt }) => (auditedAt === null ? [] : [Date.parse(auditedAt)]));
  return times.length === 0 ? null : Math.round((Math.max(...times) - Date.parse(startedAt)) / 6_000) / 10;
}

/** Report, run.json, latest.json, the claim; the findings, of each account its records; and who read accounts.jsonl. */
const requestsToCome = (accounts: number): StoreRequests => ({ puts: 4, gets: 4 + 2 * accounts });

async function* recordsOfAccounts(
  store: ObjectStore,
  runId: string,
  accountIds: readonly string[],
  unreadable: (accountId: string) => (reason: string) => void,
): AsyncGenerator<PrincipalRecord> {
  for (const accountId of accountIds) {
    const key = objects.principals(runId, accountId);
    if (await store.exists(key)) yield* soundLines(store, key, PrincipalRecord, unreadable(accountId));
  }
}

import type { SummariseRunInput, SummariseRunOutput } from '../contract/messages.ts';
import type { RunSummary } from '../contract/run.ts';
import { throttledRun } from '../doctor/throttled-run.ts';
import { DamagedAccounts } from '../objects/damaged-accounts.ts';
import { plannedAccounts, readRun, writeLatest, writeRun } from '../objects/stored-runs.ts';
import { readUseAttempts, readUseSummary } from '../objects/stored-organization-use.ts';
import { placesOf } from '../organization/account-in-organization.ts';
import { MAX_ATTEMPTS } from '../organization/use/report-settings.ts';
import { failedUse, finishedUse, type UseOfRun } from '../organization/use/use-of-run.ts';
import { recordSharedBucket } from '../pacing/record-shared-bucket.ts';
import type { Invocation, Services } from '../ports/services.ts';
import type { ObjectStore } from '../ports/store.ts';
import { isNotified } from '../report/messages/news.ts';
import { eventCalls, runEvents } from '../report/messages/run-events.ts';
import { notificationOf } from '../report/notification.ts';
import type { ReportPage } from '../report/page.ts';
import { assertClaimHeld, releaseClaim } from '../run/claim.ts';
import { runStatus } from '../summary/counts.ts';
import { coverageOf } from '../summary/coverage.ts';
import { accountsOf, finishedRun } from '../summary/finished-run.ts';
import { runFigures } from '../report/run-figures.ts';
import { runConsumption } from '../summary/run-consumption.ts';
import { writeRunFindings } from '../summary/findings/run-findings.ts';
import { writeTrend } from '../summary/report/trend.ts';
import { writeReport } from '../summary/report/write-report.ts';
import { writeRunRows } from '../tables/write-runs.ts';
import { writeAcrossAccountsTables } from '../tables/write-tables.ts';
import { accountSummaries } from './account-summaries.ts';

/**
 * Compares the planned accounts with the summarised ones, and writes the run's findings, report and summary. Last,
 * names the run in `latest.json` and releases the claim.
 * @throws RunSuperseded, StoreError
 */
export async function summariseRun(
  input: SummariseRunInput,
  services: Services,
  invocation: Invocation,
  page: ReportPage,
): Promise<SummariseRunOutput> {
  const { store, clock, settings } = services;
  const { runId, namesCulprits = false, organizationUseError } = input;
  const startedAt = clock.now();
  await assertClaimHeld(store, runId);
  const planned = await readRun(store, runId);
  if (planned === null) throw new Error(`Run ${runId} has no run.json: it was never planned.`);

  const accountIds = await plannedAccounts(store, runId);
  const summaries = await accountSummaries(input, accountIds, services, invocation);
  const sharing = await recordSharedBucket(services, runId, accountIds);
  const damaged = new DamagedAccounts(services.warn);
  // The report still has to be written after the search for paths between accounts.
  const enough = invocation.remainingMs() / 2;
  const hasTime = (): boolean => invocation.remainingMs() > enough;
  const written = await writeRunFindings(services, planned, summaries, damaged, hasTime);
  const { recorded: findings, highlights, before } = written;
  if (findings.acrossAccounts !== undefined && planned.wholeScope === true)
    await writeAcrossAccountsTables(store, runId);
  const accounts = damaged.addTo(summaries);
  const places = await placesOf(store, runId);
  const use = await useOfRun(input, planned, store);
  const finishedAt = clock.now();
  const states = { manyThrottled: namesCulprits, ofOrganization: organizationUseError !== undefined };
  const durationMs = finishedAt - startedAt;
  const outcome = { status: runStatus(accounts), startedAt: planned.startedAt, accounts };
  const notify = isNotified(outcome, before, highlights, settings.notify);
  const consumption = runConsumption(
    accounts,
    invocation,
    durationMs,
    { ...states, notify, eventCalls: eventCalls(highlights) },
    use !== null,
    findings.previous !== null,
  );
  const audited = finishedRun({ planned, accounts, findings, sharing, consumption, use, places, finishedAt });
  const trend = await writeTrend(store, audited, services.warn);
  await writeReport(store, { run: audited, accounts, damaged, trend, page, now: finishedAt });
  // Writing the report reads every record, so only now all damage is known.
  const run = { ...audited, ...accountsOf(damaged.addTo(summaries), places) };
  await writeRunRows(store, run, summaries);
  await writeRun(store, run);
  await writeLatest(store, runId);
  await releaseClaim(store, runId);
  const { status } = run;
  const wholeScope = run.wholeScope === true;
  services.onRunEnded?.({
    event: 'RunEnded',
    runId,
    status,
    wholeScope,
    ...(await coverageOf(store, run, accounts)),
  });
  services.publishFigures?.(runFigures(run, trend, finishedAt));
  return {
    runId,
    status,
    notification: notify ? notificationOf(run, highlights, { bucket: store.bucket, region: services.region }) : null,
    events: runEvents(run, highlights, store.bucket),
    throttled: throttledRun(run, finishedAt),
  };
}

/** The organization's use of services; null if the run did not read it. @throws StoreError */
async function useOfRun(
  { runId, organizationUseError }: SummariseRunInput,
  { organization }: RunSummary,
  store: ObjectStore,
): Promise<UseOfRun | null> {
  if (organizationUseError === undefined || organization === undefined) return null;
  const summary = await readUseSummary(store, runId);
  if (summary !== null) return finishedUse(summary);
  const { ends } = await readUseAttempts(store, runId, MAX_ATTEMPTS);
  return failedUse(ends, organizationUseError ?? { code: 'Interrupted', message: 'The reports were not read.' });
}

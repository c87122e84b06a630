import { objects } from '../contract/objects.ts';
import type { Finding } from '../contract/finding.ts';
import type { AccountSummary, RunSummary } from '../contract/run.ts';
import { countFinding, noFindings } from '../findings/compare.ts';
import type { DetectedFinding } from '../findings/find.ts';
import { searchLimits } from '../findings/search-limit.ts';
import { findingsTable } from '../findings/findings-table.ts';
import { DamagedAccounts } from '../objects/damaged-accounts.ts';
import { writeLatest, writeRun } from '../objects/stored-runs.ts';
import type { ObjectStore } from '../ports/store.ts';
import type { ReportPage } from '../report/page.ts';
import { addCounts, emptyCounts, noConsumption, overallStatus } from '../summary/counts.ts';
import { accountsOf } from '../summary/finished-run.ts';
import { findingsOfRun } from '../summary/findings/run-findings.ts';
import { writeReport } from '../summary/report/write-report.ts';
import type { ScanResult } from './scan-account.ts';

/**
 * Writes the results of a scan as those of a run, so that other commands can answer questions about them.
 * @param across the findings that compare accounts
 * @param now milliseconds since the epoch
 * @throws StoreError
 */
export async function writeScan(
  store: ObjectStore,
  runId: string,
  results: readonly ScanResult[],
  across: readonly DetectedFinding[],
  now: number,
  page: ReportPage,
): Promise<RunSummary> {
  const at = new Date(now).toISOString();
  const accountIds = results.map(({ accountId }) => accountId);
  await store.writeLines(
    objects.accounts(runId),
    accountIds.map((accountId) => JSON.stringify({ accountId, resumeFrom: null })),
  );
  const accounts: AccountSummary[] = [];
  for (const result of results) accounts.push(await writeAccount(store, runId, result, at));
  const all = [...results.flatMap(({ findings }) => newFindings(findings, at)), ...newFindings(across, at)];
  const counts = noFindings();
  for (const finding of all) countFinding(counts, finding);
  await store.writeLines(objects.findings(runId), toLines(all));
  await store.writeLines(objects.findingsTable(runId), findingsTable(findingsOfRun(store, runId)));
  const run: RunSummary = {
    schemaVersion: 1,
    runId,
    startedAt: at,
    finishedAt: at,
    scope: { accounts: accountIds, principals: 'all' },
    wholeScope: false,
    ...accountsOf(accounts, new Map()),
    principals: addCounts(accounts.map(({ principals }) => principals)),
    calls: {},
    cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0 },
    findings: counts,
  };
  await writeReport(store, { run, accounts, damaged: new DamagedAccounts(() => undefined), trend: [], page, now });
  await writeRun(store, run);
  await writeLatest(store, runId);
  return run;
}

async function writeAccount(
  store: ObjectStore,
  runId: string,
  result: ScanResult,
  at: string,
): Promise<AccountSummary> {
  const { accountId, records, policyLines, serviceControl, credentials } = result;
  const findings = newFindings(result.findings, at);
  const counts = noFindings();
  for (const finding of findings) countFinding(counts, finding);
  const principals = emptyCounts();
  for (const { status } of records) {
    principals.total += 1;
    if (status === 'COMPLETE') principals.complete += 1;
    else if (status === 'PARTIAL') principals.partial += 1;
    else principals.failed += 1;
  }
  const statuses = records.map(({ status }) => status);
  const summary: AccountSummary = {
    schemaVersion: 1,
    runId,
    accountId,
    status: credentials.problems.length > 0 ? overallStatus([...statuses, 'PARTIAL']) : overallStatus(statuses),
    startedAt: at,
    finishedAt: at,
    principals,
    deleted: 0,
    ...credentials,
    calls: {},
    consumption: noConsumption(),
    auditedAt: null,
    findings: { counts, exceptions: [] },
    openRoles: 0,
    stoppedByOrganization: {},
    missingEvidence: [...searchLimits(result.graph)],
    // The tables are the history of the account. Files may be older than the rows of an audit of the same day.
    tablesWritten: false,
  };
  await store.writeLines(objects.policies(runId, accountId), toLines(policyLines));
  if (serviceControl !== null) {
    await store.write(objects.scannedServiceControl(runId, accountId), `${JSON.stringify(serviceControl)}\n`);
  }
  await store.writeLines(objects.principals(runId, accountId), toLines(records));
  await store.writeLines(objects.accountFindings(runId, accountId), toLines(findings));
  await store.write(objects.account(runId, accountId), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}

/** The findings of a scan are all new: nothing earlier is compared. @param at ISO 8601 */
export const newFindings = (findings: readonly DetectedFinding[], at: string): Finding[] =>
  findings.map((finding) => ({ ...finding, firstSeen: at, state: 'new', exception: null }));

function* toLines(items: Iterable<unknown>): Generator<string> {
  for (const item of items) yield JSON.stringify(item);
}

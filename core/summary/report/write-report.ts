import { PrincipalRecord } from '../../contract/evidence.ts';
import { objects } from '../../contract/objects.ts';
import { RecommendationLine } from '../../contract/recommendation.ts';
import type { AccountSummary, RunSummary } from '../../contract/run.ts';
import type { TrendPoint } from '../../contract/report/trend.ts';
import type { DamagedAccounts } from '../../objects/damaged-accounts.ts';
import { unitUses } from '../../objects/stored-organization-use.ts';
import { validLines } from '../../objects/valid-lines.ts';
import { readPolicies } from '../../policies/read-policies.ts';
import type { ObjectStore } from '../../ports/store.ts';
import { readObjectLines, untilDamage } from '../../ports/stored-objects.ts';
import type { ReportSources, StoredRecommendation } from '../../report/data/report-lines.ts';
import { reportHead, type StoppedAction } from '../../report/head.ts';
import { renderReport, type ReportPage } from '../../report/page.ts';
import { addTimelines } from '../../ports/calls/call-timeline.ts';
import { findingsOfRun } from '../findings/run-findings.ts';

interface RunToReport {
  readonly run: RunSummary;
  readonly accounts: readonly AccountSummary[];
  readonly damaged: DamagedAccounts;
  readonly trend: readonly TrendPoint[];
  readonly page: ReportPage;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Writes `report.html`. Reads the records that it shows, and therefore detects damaged ones. @throws StoreError */
export async function writeReport(
  store: ObjectStore,
  { run, accounts, damaged, trend, page, now }: RunToReport,
): Promise<void> {
  const sources = sourcesOf(store, run.runId, inOrderOfRisk(accounts), damaged);
  const head = reportHead({
    run,
    generatedAt: new Date(now).toISOString(),
    credentials: new Map(accounts.map((account) => [account.accountId, account])),
    stopped: stoppedInRun(accounts),
    unitUses: await unitUses(store, run),
    trend,
    timeline: addTimelines(accounts.flatMap(({ timeline }) => timeline ?? [])),
  });
  await store.writeLines(objects.report(run.runId), renderReport(head, sources, page));
}

/** The accounts with the most severe findings first: a report of many accounts does not have room for all records. */
function inOrderOfRisk(accounts: readonly AccountSummary[]): readonly AccountSummary[] {
  const weight = ({ findings }: AccountSummary): number =>
    findings === null
      ? 0
      : findings.counts.critical * 1_000_000 + findings.counts.high * 1_000 + findings.counts.medium;
  return accounts
    .map((account) => ({ account, weight: weight(account) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ account }) => account);
}

function sourcesOf(
  store: ObjectStore,
  runId: string,
  accounts: readonly AccountSummary[],
  damaged: DamagedAccounts,
): ReportSources {
  return {
    records: () => recordsOfAccounts(store, runId, accounts, damaged),
    findings: () => findingsOfRun(store, runId),
    policies: async function* (accountId, wanted) {
      if (!(await store.exists(objects.policies(runId, accountId)))) return;
      yield* untilDamage(readPolicies(store, runId, accountId, wanted), damaged.onDamageOf(accountId));
    },
    recommendations: (accountId, wanted) =>
      untilDamage(recommendationsOf(store, runId, accountId, wanted), damaged.onDamageOf(accountId)),
    unreadable: damaged.reasons,
  };
}

async function* recommendationsOf(
  store: ObjectStore,
  runId: string,
  accountId: string,
  wanted: (arn: string) => boolean,
): AsyncGenerator<StoredRecommendation> {
  const index = objects.recommendations(runId, accountId);
  if (!(await store.exists(index))) return;
  for await (const { key, principalArn, recommendation } of readObjectLines(store, index, RecommendationLine)) {
    if (key !== null && recommendation !== undefined && wanted(principalArn)) yield { key, recommendation };
  }
}

/** By action: in how many accounts the organization stops principals, and how many. */
function stoppedInRun(accounts: readonly AccountSummary[]): ReadonlyMap<string, StoppedAction> {
  const stopped = new Map<string, StoppedAction>();
  for (const { stoppedByOrganization } of accounts) {
    for (const [action, principals] of Object.entries(stoppedByOrganization)) {
      const before = stopped.get(action) ?? { accounts: 0, principals: 0 };
      stopped.set(action, { accounts: before.accounts + 1, principals: before.principals + principals });
    }
  }
  return stopped;
}

async function* recordsOfAccounts(
  store: ObjectStore,
  runId: string,
  accounts: readonly AccountSummary[],
  damaged: DamagedAccounts,
): AsyncGenerator<PrincipalRecord> {
  for (const { accountId } of accounts) {
    const key = objects.principals(runId, accountId);
    if (await store.exists(key)) yield* validLines(store, key, PrincipalRecord, damaged.onDamageOf(accountId));
  }
}

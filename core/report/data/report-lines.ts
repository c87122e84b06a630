import type { PrincipalRecord } from '../../contract/evidence.ts';
import { severities, type Finding } from '../../contract/finding.ts';
import type { Recommendation } from '../../contract/recommendation.ts';
import type { ReportHead, ReportLine } from '../../contract/report/report-data.ts';
import { needsAction, noFindings } from '../../findings/compare.ts';
import type { StoredPolicies } from '../../policies/read-policies.ts';
import { daysBefore } from './days-ago.ts';
import { findingRow } from './finding-row.ts';
import { PolicyRows } from './policy-rows.ts';
import { PrincipalRows } from './principal-row.ts';
import { FindingSelection } from './selection.ts';
import { Values } from './values.ts';

/** What a report has room for. */
export interface Room {
  readonly principals: number;
  readonly findings: number;
  /** Characters of the texts of policies, before compression. */
  readonly documents: number;
  readonly recommendations: number;
}

/** With more, browsers take too long to open the report. */
export const defaultRoom: Room = {
  principals: 20_000,
  findings: 60_000,
  documents: 12_000_000,
  recommendations: 1_000,
};

export interface StoredRecommendation {
  readonly key: string;
  readonly recommendation: Recommendation;
}

/** Where the report's data comes from. The functions read objects of the run, one item at a time. */
export interface ReportSources {
  readonly records: () => AsyncIterable<PrincipalRecord>;
  readonly findings: () => AsyncIterable<Finding>;
  /** @param wanted whether a principal's policies are needed */
  readonly policies: (accountId: string, wanted: (arn: string) => boolean) => AsyncIterable<StoredPolicies>;
  /** @param wanted whether a principal's recommendation is needed; asked once for each */
  readonly recommendations: (
    accountId: string,
    wanted: (arn: string) => boolean,
  ) => AsyncIterable<StoredRecommendation>;
  /** Reasons why some records or findings could not be read. Complete only after `records` has been read. */
  readonly unreadable: () => readonly string[];
}

/** A line of the kind. Its value is of the type that `ReportLine` has for the kind. */
const line = <Kind extends ReportLine[0]>(
  kind: Kind,
  value: Extract<ReportLine, readonly [Kind, unknown]>[1],
): string => JSON.stringify([kind, value]);

/** The lines of the report's data as JSON text, in the order that `ReportLine` describes. */
export async function* reportLines(head: ReportHead, sources: ReportSources, room: Room): AsyncGenerator<string> {
  yield line('head', head);
  const values = new Values();
  const daysAgo = daysBefore(head.generatedAt);
  const accounts = new Map(head.run.accounts.map(({ accountId }, index) => [accountId, index]));
  let rows: PrincipalRows | null = null;
  const numbers = new Map<string, number>();
  const shownAccounts = new Set<string>();
  for await (const record of sources.records()) {
    // The records of a large organization are not read to the end: the time of the report must not grow with them.
    if (numbers.size === room.principals) break;
    if (rows === null) {
      const partition = record.arn.split(':')[1] ?? '';
      yield line('partition', partition);
      rows = new PrincipalRows(values, daysAgo, partition, accounts);
    }
    const row = rows.rowOf(record);
    numbers.set(record.arn, numbers.size);
    shownAccounts.add(record.accountId);
    yield* values.take();
    yield line('principal', row);
  }

  const selection = new FindingSelection(head.run.findings ?? noFindings(), room.findings);
  /** By ARN: the most severe of the principal's findings that need action, as an index of `severities`. */
  const active = new Map<string, number>();
  for await (const finding of sources.findings()) {
    if (!selection.takes(finding)) continue;
    if (needsAction(finding.state)) {
      const rank = severities.indexOf(finding.severity);
      active.set(finding.principalArn, Math.min(active.get(finding.principalArn) ?? rank, rank));
    }
    const row = findingRow(finding, numbers, values, daysAgo);
    yield* values.take();
    yield line('finding', row);
  }

  const policies = new PolicyRows(room.documents);
  const worst = [...active]
    .filter(([arn]) => numbers.has(arn))
    .sort(([, a], [, b]) => a - b)
    .slice(0, room.recommendations);
  const recommended = new Set(worst.map(([arn]) => arn));
  let recommendationsOmitted = 0;
  for (const accountId of shownAccounts) {
    for await (const stored of sources.policies(accountId, (arn) => numbers.has(arn))) {
      const lines = policies.linesOf(stored, numbers.get(stored.arn) ?? -1, active.has(stored.arn));
      for (const one of lines) yield JSON.stringify(one);
    }
    const wanted = (arn: string): boolean => {
      if (!active.has(arn) || !numbers.has(arn)) return false;
      const isWanted = recommended.has(arn);
      if (!isWanted) recommendationsOmitted += 1;
      return isWanted;
    };
    for await (const { key, recommendation } of sources.recommendations(accountId, wanted)) {
      yield recommendationLine(key, recommendation, numbers.get(recommendation.principalArn) ?? -1);
    }
  }
  const omitted = {
    principals: numbers.size < room.principals ? 0 : Math.max(0, head.run.principals.total - numbers.size),
    findings: selection.omitted,
  };
  const unreadable = [...sources.unreadable()];
  yield line('end', { omitted, documentsOmitted: policies.omitted, recommendationsOmitted, unreadable });
}

const recommendationLine = (
  key: string,
  { policy, replaces, removed, notJudged, apply, size }: Recommendation,
  p: number,
): string => line('recommendation', { p, policy, replaces, removed, notJudged, apply, note: size.note, key });

import { noWork } from '../ports/call-ledger.ts';
import type { ReportedCalls, WorkByOperation } from '../contract/run.ts';

/** Operations that an audit without our savings would call once per principal. */
export const ONCE_PER_PRINCIPAL = [
  'iam:GenerateServiceLastAccessedDetails',
  'iam:GetServiceLastAccessedDetails',
  'iam:SimulatePrincipalPolicy',
];

/**
 * Work as the run reports it, by operation.
 * @param expected calls that one of each kind per principal would have needed, by operation: those not named, none
 */
export function reportedCalls(
  work: WorkByOperation,
  expected: Readonly<Record<string, number>> = {},
): Record<string, ReportedCalls> {
  const operations = [...new Set([...Object.keys(work), ...Object.keys(expected)])];
  return Object.fromEntries(
    operations.map((operation) => {
      const { busyMs, waitedMs, ...counts } = work[operation] ?? noWork();
      const needed = expected[operation];
      const saved = needed === undefined ? 0 : needed - counts.sent;
      const perSecond = busyMs > 0 ? Math.round((counts.succeeded * 100_000) / busyMs) / 100 : 0;
      return [operation, { ...counts, saved, perSecond, waitedSeconds: Math.round(waitedMs / 100) / 10 }];
    }),
  );
}

import { noCalls } from '../ports/call-ledger.ts';
import type { ReportedCalls, CallsByOperation } from '../contract/run.ts';

/** Operations that an audit without optimisation calls once per principal. */
export const ONCE_PER_PRINCIPAL = [
  'iam:GenerateServiceLastAccessedDetails',
  'iam:GetServiceLastAccessedDetails',
  'iam:SimulatePrincipalPolicy',
];

/**
 * The calls that a run reports, by operation.
 * @param expected calls that an audit with one call of each kind per principal needs, by operation; 0 if not named
 */
export function reportedCalls(
  work: CallsByOperation,
  expected: Readonly<Record<string, number>> = {},
): Record<string, ReportedCalls> {
  const operations = [...new Set([...Object.keys(work), ...Object.keys(expected)])];
  return Object.fromEntries(
    operations.map((operation) => {
      const { busyMs, waitedMs, avoided = 0, ...counts } = work[operation] ?? noCalls();
      const needed = expected[operation];
      const saved = needed === undefined ? avoided : needed - counts.sent;
      const perSecond = busyMs > 0 ? Math.round((counts.succeeded * 100_000) / busyMs) / 100 : 0;
      return [operation, { ...counts, saved, perSecond, waitedSeconds: Math.round(waitedMs / 100) / 10 }];
    }),
  );
}

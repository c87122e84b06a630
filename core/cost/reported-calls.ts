import type { ReportedCalls, CallsByOperation } from '../contract/run.ts';

/** The calls that a run reports, by operation. */
export function reportedCalls(work: CallsByOperation): Record<string, ReportedCalls> {
  return Object.fromEntries(
    Object.entries(work).map(([operation, { busyMs, waitedMs, avoided: saved = 0, ...counts }]) => {
      const perSecond = busyMs > 0 ? Math.round((counts.succeeded * 100_000) / busyMs) / 100 : 0;
      return [operation, { ...counts, saved, perSecond, waitedSeconds: Math.round(waitedMs / 100) / 10 }];
    }),
  );
}

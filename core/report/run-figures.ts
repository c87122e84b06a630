import type { TrendPoint } from '../contract/report/trend.ts';
import type { Figures } from '../contract/operations/run-metrics.ts';
import type { RunSummary } from '../contract/run.ts';
import { exceededWindowInWords } from './exceeded-window.ts';

/**
 * The metrics of a run that has ended; none if it did not audit all accounts and principals.
 * @param trend the points of earlier runs and of this one, oldest first
 */
export function runFigures(run: RunSummary, trend: readonly TrendPoint[], now: number): Figures {
  if (run.wholeScope !== true) return {};
  const calls = Object.values(run.calls);
  const sum = (of: (counts: (typeof calls)[number]) => number): number =>
    calls.reduce((total, counts) => total + of(counts), 0);
  const sent = sum((counts) => counts.sent);
  const throttled = sum((counts) => counts.throttled);
  // Damage that was found after the trend was written can make the run PARTIAL.
  const comparable = trend
    .filter(({ wholeScope }) => wholeScope)
    .map((point) => (point.runId === run.runId ? { ...point, status: run.status } : point));
  const lastComplete = comparable.findLastIndex(({ status }) => status === 'COMPLETE');
  const complete = comparable[lastComplete];
  const { principals, findings } = run;
  return {
    calls: sent,
    throttledCalls: throttled,
    throttledPercent: sent === 0 ? 0 : Math.round((throttled / sent) * 10_000) / 100,
    callsSaved: sum(({ saved }) => saved),
    secondsPaced: Math.round(sum(({ waitedSeconds }) => waitedSeconds)),
    ...(run.resumes === undefined
      ? {
          principalsComplete: principals.complete,
          principalsPartial: principals.partial,
          principalsFailed: principals.failed,
        }
      : {}),
    ...(run.resumes === undefined && findings !== undefined
      ? {
          findingsCritical: findings.critical,
          findingsHigh: findings.high,
          findingsMedium: findings.medium,
          findingsLow: findings.low,
        }
      : {}),
    ...(complete === undefined
      ? {}
      : { hoursSinceComplete: Math.round((now - Date.parse(complete.startedAt)) / 36_000) / 100 }),
    runsSinceComplete: comparable.length - 1 - lastComplete,
    windowExceeded: exceededWindowInWords(run) === null ? 0 : 1,
  };
}

import type { ThrottledRun } from '../contract/messages.ts';
import type { RunSummary } from '../contract/run.ts';
import { periodParameters } from './athena-statements.ts';

/** The audit itself causes up to this share of throttled calls, because it tests the limit. */
const USUAL_SHARE = 0.01;

/**
 * The analysis of a run in which many calls were throttled; null if few were.
 * @param finishedAt milliseconds since the epoch
 */
export function throttledRun({ runId, startedAt, calls }: RunSummary, finishedAt: number): ThrottledRun | null {
  const counts = Object.values(calls);
  const sent = counts.reduce((sum, count) => sum + count.sent, 0);
  const throttled = counts.reduce((sum, count) => sum + count.throttled, 0);
  if (throttled <= USUAL_SHARE * sent) return null;
  const from = Math.floor(Date.parse(startedAt) / 1_000);
  const to = Math.ceil(finishedAt / 1_000);
  return { from, to, analysis: runId.toLowerCase(), parameters: [...periodParameters({ from, to })] };
}

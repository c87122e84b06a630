import type { RunNeeds } from '../contract/answers/estimate.ts';
import type { CallsByOperation, Cost } from '../contract/run.ts';

/** To a hundredth. */
const minutesOf = (ms: number): number => Math.round(ms / 600) / 100;

/** @param tookMs milliseconds */
export function runNeeds(calls: CallsByOperation, tookMs: number, cost: Cost): RunNeeds {
  return {
    calls: sentCalls(calls),
    throttled: Object.values(calls).reduce((sum, { throttled }) => sum + throttled, 0),
    minutes: minutesOf(tookMs),
    cost,
  };
}

/** Requests by operation, in alphabetical order. */
export function sentCalls(calls: CallsByOperation): Record<string, number> {
  const sent = Object.entries(calls).flatMap(([operation, counts]): [string, number][] =>
    counts.sent === 0 ? [] : [[operation, counts.sent]],
  );
  return Object.fromEntries(sent.sort(([a], [b]) => (a < b ? -1 : 1)));
}

import type { CallTimeline } from '../../../core/contract/calls/timeline.ts';

/** The calls of one operation over time. */
export interface OperationRates {
  readonly operation: string;
  /** Requests a second, throttled ones a second, and the share of the time that calls waited, by interval. */
  readonly sent: readonly number[];
  readonly throttled: readonly number[];
  readonly waited: readonly number[];
}

export interface Rates {
  /** The start of each interval, milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly operations: readonly OperationRates[];
}

/** The rates of all intervals from the first to the last call, also of those without calls. Operations with the most calls first. */
export function ratesOf({ stepSeconds, operations }: CallTimeline): Rates {
  const numbers = Object.values(operations).flatMap((intervals) => intervals.map(([n]) => n));
  if (numbers.length === 0) return { times: [], operations: [] };
  const first = numbers.reduce((a, b) => Math.min(a, b));
  const last = numbers.reduce((a, b) => Math.max(a, b));
  const count = last - first + 1;
  const times = Array.from({ length: count }, (_, index) => (first + index) * stepSeconds * 1_000);
  const rates = Object.entries(operations).map(([operation, intervals]) => {
    const sent = Array.from({ length: count }, () => 0);
    const throttled = sent.slice();
    const waited = sent.slice();
    for (const [n, calls, refused, waitedMs] of intervals) {
      sent[n - first] = calls / stepSeconds;
      throttled[n - first] = refused / stepSeconds;
      waited[n - first] = waitedMs / (stepSeconds * 1_000);
    }
    return { operation, sent, throttled, waited };
  });
  const total = ({ sent }: OperationRates): number => sent.reduce((sum, rate) => sum + rate, 0);
  return { times, operations: rates.sort((a, b) => total(b) - total(a)) };
}

import type { CallTimeline, TimelineInterval } from '../../contract/calls/timeline.ts';

/** The shortest interval, in seconds. */
const SHORTEST_SECONDS = 5;
/** A timeline has at most this many intervals from its first to its last; then the intervals are made twice as long. */
const MOST_INTERVALS = 120;

/** Requests, throttled ones and milliseconds of waiting, by interval. */
type Intervals = Map<number, [sent: number, throttled: number, waitedMs: number]>;

/** Counts calls and waiting over time. Its size is bounded: intervals become longer as time goes on. */
export class TimelineCounter {
  readonly #operations = new Map<string, Intervals>();
  #stepMs = SHORTEST_SECONDS * 1_000;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** @param at milliseconds since the epoch */
  called(operation: string, at: number, sent: number, throttled: number): void {
    this.#add(operation, at, sent, throttled, 0);
  }

  /** Calls of the operation waited from one time to another, in milliseconds since the epoch. */
  waited(operation: string, from: number, to: number): void {
    // The interval may become longer while the time is distributed, so each part is found again.
    for (let at = from; at < to;) {
      const end = Math.min(to, (Math.floor(at / this.#stepMs) + 1) * this.#stepMs);
      this.#add(operation, at, 0, 0, end - at);
      at = end;
    }
  }

  add({ stepSeconds, operations }: CallTimeline): void {
    for (const [operation, intervals] of Object.entries(operations)) {
      for (const [n, sent, throttled, waitedMs] of intervals) {
        this.#add(operation, n * stepSeconds * 1_000, sent, throttled, waitedMs);
      }
    }
    while (this.#stepMs < stepSeconds * 1_000) this.#coarsen();
  }

  /** Null if nothing was counted. */
  timeline(): CallTimeline | null {
    if (this.#operations.size === 0) return null;
    const operations: Record<string, TimelineInterval[]> = {};
    for (const [operation, intervals] of this.#operations) {
      operations[operation] = [...intervals]
        .sort(([a], [b]) => a - b)
        .map(([n, [sent, throttled, waitedMs]]) => [n, sent, throttled, Math.round(waitedMs)]);
    }
    return { stepSeconds: this.#stepMs / 1_000, operations };
  }

  #add(operation: string, at: number, sent: number, throttled: number, waitedMs: number): void {
    this.#widen(at);
    const n = Math.floor(at / this.#stepMs);
    const intervals = this.#operations.get(operation) ?? new Map<number, [number, number, number]>();
    this.#operations.set(operation, intervals);
    const counts = intervals.get(n) ?? [0, 0, 0];
    counts[0] += sent;
    counts[1] += throttled;
    counts[2] += waitedMs;
    intervals.set(n, counts);
  }

  #widen(at: number): void {
    this.#first = Math.min(this.#first, at);
    this.#last = Math.max(this.#last, at);
    while (this.#last - this.#first > MOST_INTERVALS * this.#stepMs) this.#coarsen();
  }

  #coarsen(): void {
    this.#stepMs *= 2;
    for (const [operation, intervals] of this.#operations) {
      const coarser: Intervals = new Map();
      for (const [n, [sent, throttled, waitedMs]] of intervals) {
        const counts = coarser.get(Math.floor(n / 2)) ?? [0, 0, 0];
        coarser.set(Math.floor(n / 2), [counts[0] + sent, counts[1] + throttled, counts[2] + waitedMs]);
      }
      this.#operations.set(operation, coarser);
    }
  }
}

/** Adds up timelines. Null if there are none. */
export function addTimelines(timelines: Iterable<CallTimeline>): CallTimeline | null {
  const sum = new TimelineCounter();
  for (const timeline of timelines) sum.add(timeline);
  return sum.timeline();
}

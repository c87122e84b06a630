import * as v from 'valibot';
import type { AdditiveSettings } from './controller-settings.ts';

const Finite = v.pipe(v.number(), v.finite());
const Positive = v.pipe(Finite, v.gtValue(0));

/** Rates are calls per second. Times are milliseconds since the epoch. */
export const AdditiveState = v.object({
  rate: Positive,
  /** The rate that the bucket left earlier in the run. The rate grows and falls in proportion to it. */
  best: Positive,
  startedAt: Finite,
  /** Seconds until the bucket's model is tried again. */
  seconds: Positive,
  /** Calls accepted since the start, and since the last decrease. */
  accepted: Finite,
  acceptedSince: Finite,
  decreasedAt: Finite,
  grewAt: Finite,
  /** What the last intervals between decreases gave. */
  intervals: v.array(Positive),
});
export type AdditiveState = v.InferOutput<typeof AdditiveState>;

/**
 * The rate grows evenly with time, and each throttle divides it, as in TCP congestion control. This needs no model
 * of the limit. It is used while the model fails: if the estimate has fallen far below what the bucket left earlier in the
 * run, another application sends calls in bursts, or the limit has changed. It ends when several intervals between
 * throttles agree, because then the limit is a steady bucket, and after some time.
 */
export class AdditivePace {
  #state: AdditiveState | null;

  constructor(
    state: AdditiveState | null,
    private readonly settings: AdditiveSettings,
  ) {
    this.#state = state === null ? null : { ...state, intervals: [...state.intervals] };
  }

  /** Null if the model of the bucket decides. */
  get rate(): number | null {
    return this.#state?.rate ?? null;
  }

  /** @param best calls per second that the bucket left earlier @param seconds until the model is tried again */
  start(rate: number, best: number, seconds: number, now: number): void {
    const state = { best, startedAt: now, seconds, accepted: 0, acceptedSince: 0 };
    this.#state = {
      ...state,
      rate: Math.max(rate, this.settings.least * best),
      decreasedAt: now,
      grewAt: now,
      intervals: [],
    };
  }

  /**
   * @param isRateLimiting whether the rate, and not a lack of work, limits the calls
   * @returns the rate that the bucket leaves, if the time is over; null otherwise
   */
  accepted(now: number, isRateLimiting: boolean): number | null {
    const state = this.#state;
    if (state === null) return null;
    const seconds = Math.min(this.settings.longestStep, (now - state.grewAt) / 1000);
    state.grewAt = now;
    state.accepted += 1;
    state.acceptedSince += 1;
    if (isRateLimiting) {
      const { growSeconds, most } = this.settings;
      state.rate = Math.min(most * state.best, state.rate + (seconds * state.best) / growSeconds);
    }
    const elapsed = (now - state.startedAt) / 1000;
    if (elapsed < state.seconds) return null;
    return this.#end(state.accepted / elapsed);
  }

  /** @returns the rate that the bucket leaves, if the last intervals agree; null otherwise */
  throttled(now: number): number | null {
    const state = this.#state;
    if (state === null) return null;
    const { least, cut, forget, leastCalls, agreeing, tolerance } = this.settings;
    const lowest = least * state.best;
    // The limit is far lower than it was: at the lowest rate, calls are still throttled.
    if (state.rate <= 1.01 * lowest) state.best *= forget;
    state.rate = Math.max(state.rate * cut, least * state.best);
    const seconds = (now - state.decreasedAt) / 1000;
    const { acceptedSince } = state;
    state.grewAt = now;
    if (acceptedSince > 0 && acceptedSince < leastCalls) return null;
    state.decreasedAt = now;
    state.acceptedSince = 0;
    if (acceptedSince === 0) {
      state.intervals = [];
      return null;
    }
    state.intervals = [...state.intervals, acceptedSince / seconds].slice(-agreeing);
    const { intervals } = state;
    if (intervals.length < agreeing || Math.max(...intervals) > (1 + tolerance) * Math.min(...intervals)) return null;
    return this.#end(intervals.reduce((sum, one) => sum + one, 0) / intervals.length);
  }

  #end(perSecond: number): number {
    this.#state = null;
    return perSecond;
  }

  snapshot(): AdditiveState | null {
    return this.#state === null ? null : { ...this.#state, intervals: [...this.#state.intervals] };
  }
}

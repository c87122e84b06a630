import * as v from 'valibot';
import { boundedRate } from './bounded-rate.ts';
import type { AdditiveSettings } from './controller-settings.ts';

const Finite = v.pipe(v.number(), v.finite());
const Positive = v.pipe(Finite, v.gtValue(0));

/** Rates are calls per second. Times are milliseconds since the epoch. */
export const AdditiveState = v.object({
  rate: Positive,
  /**
   * The best rate: what the bucket leaves while no other application uses it. `rate` grows in proportion to the best rate.
   * The best rate follows the highest of the last rates at which calls were throttled.
   */
  best: Positive,
  startedAt: Finite,
  /** Length of this additive pace in seconds. After it the model of a steady bucket is tried again. */
  seconds: Positive,
  /** Calls accepted since the start, and since the last decrease. */
  accepted: Finite,
  acceptedSince: Finite,
  decreasedAt: Finite,
  grewAt: Finite,
  /** Accepted calls per second in each of the last intervals between decreases. */
  intervals: v.array(Positive),
  /** The rates at the last throttles that ended such an interval. */
  peaks: v.optional(v.array(Positive), []),
});
export type AdditiveState = v.InferOutput<typeof AdditiveState>;

/**
 * The rate grows evenly with time, and each throttle multiplies it by a factor below 1, as in TCP congestion control. This
 * needs no model of the limit. The additive pace is used while the model of a steady bucket does not fit, because another
 * application sends calls in bursts or the limit has changed. It ends when several intervals between throttles give about
 * the same rate, because then the limit is a steady bucket. Otherwise it ends after some time.
 */
export class AdditivePace {
  #state: AdditiveState | null;

  constructor(
    state: AdditiveState | null,
    private readonly settings: AdditiveSettings,
  ) {
    this.#state = copyOf(state);
  }

  /** Null while the additive pace is not used: then the model of the bucket determines the rate. */
  get rate(): number | null {
    return this.#state?.rate ?? null;
  }

  /** @param best calls per second that the bucket left earlier in the run @param seconds until the model is tried again */
  start(rate: number, best: number, seconds: number, now: number): void {
    this.#state = {
      rate: boundedRate(Math.max(rate, this.settings.least * best)),
      best,
      startedAt: now,
      seconds,
      accepted: 0,
      acceptedSince: 0,
      decreasedAt: now,
      grewAt: now,
      intervals: [],
      peaks: [],
    };
  }

  /**
   * @param isRateLimiting whether the rate, and not a lack of work, limits the calls
   * @returns the rate that the bucket leaves, if the additive pace ends; null otherwise
   */
  accepted(now: number, isRateLimiting: boolean): number | null {
    const state = this.#state;
    if (state === null) return null;
    const seconds = Math.min(this.settings.longestStep, (now - state.grewAt) / 1000);
    state.grewAt = now;
    state.accepted += 1;
    state.acceptedSince += 1;
    const { growSeconds, most } = this.settings;
    const grown = boundedRate(state.rate + (seconds * state.best) / growSeconds);
    // A rate that is not used is not tested, so it grows only up to the best rate.
    state.rate = isRateLimiting ? grown : Math.max(state.rate, Math.min(grown, state.best));
    // If calls are accepted far above the best rate, the bucket leaves more than it did earlier.
    state.best = Math.max(state.best, state.rate / most);
    const elapsed = (now - state.startedAt) / 1000;
    if (elapsed < state.seconds) return null;
    return this.#end(state.accepted / elapsed);
  }

  /** @returns the rate that the bucket leaves, if the last intervals agree and the additive pace ends; null otherwise */
  throttled(now: number): number | null {
    const state = this.#state;
    if (state === null) return null;
    const { least, cut, forget, burstShare, leastCalls } = this.settings;
    const peak = state.rate;
    // If calls are throttled even at the lowest rate, the limit is far lower than it was.
    if (peak <= 1.01 * least * state.best) state.best *= forget;
    state.rate = boundedRate(Math.max(peak * cut, least * state.best));
    // Throttles at a low rate come from a burst of another application. The intervals around it do not show a steady bucket.
    if (state.rate < burstShare * state.best) state.intervals = [];
    state.grewAt = now;
    const { acceptedSince } = state;
    if (acceptedSince > 0 && acceptedSince < leastCalls) return null;
    const seconds = (now - state.decreasedAt) / 1000;
    state.decreasedAt = now;
    state.acceptedSince = 0;
    return acceptedSince === 0 ? null : this.#interval(state, acceptedSince / seconds, peak);
  }

  /** @param peak the rate at the end of the interval */
  #interval(state: AdditiveState, perSecond: number, peak: number): number | null {
    const { peakShare, peaks, agreeing, tolerance } = this.settings;
    state.peaks = [...state.peaks, peak].slice(-peaks);
    const best = peakShare * Math.max(...state.peaks);
    if (best > state.best || state.peaks.length === peaks) state.best = best;
    state.intervals = [...state.intervals, perSecond].slice(-agreeing);
    const { intervals } = state;
    if (intervals.length < agreeing || Math.max(...intervals) > (1 + tolerance) * Math.min(...intervals)) return null;
    return this.#end(intervals.reduce((sum, one) => sum + one, 0) / intervals.length);
  }

  #end(perSecond: number): number {
    this.#state = null;
    return perSecond;
  }

  snapshot(): AdditiveState | null {
    return copyOf(this.#state);
  }
}

const copyOf = (state: AdditiveState | null): AdditiveState | null =>
  state === null ? null : { ...state, intervals: [...state.intervals], peaks: [...state.peaks] };

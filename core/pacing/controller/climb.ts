import * as v from 'valibot';
import type { ClimbSettings } from './controller-settings.ts';
import type { RateEstimate } from './rate-estimate.ts';

const Finite = v.pipe(v.number(), v.finite());

export const ClimbState = v.object({
  /** The rate is this multiple of the rate of the plateau. */
  factor: v.pipe(Finite, v.minValue(1)),
  /**
   * For how many seconds the factor has grown, and how many more calls were accepted in this time than the estimated rate
   * gives.
   */
  seconds: Finite,
  excess: Finite,
  /** Whether the estimate has fallen or is a guess. Then a higher rate is tried soon. */
  afterFall: v.boolean(),
  /** Whether the estimate is a guess: it was made while hardly any call was accepted. */
  isGuess: v.boolean(),
  /** Climbs since the fall that ended with a throttle. */
  inVain: Finite,
  /** The highest recent estimate with little doubt, and when it was updated. It approaches the current estimate with time. */
  best: Finite,
  bestAt: Finite,
  /** The highest estimate with little doubt in the run. The rate climbs back to it. */
  highest: Finite,
  /** The same, but only since the additive pace last ended. Null if it was not used. */
  highestSince: v.optional(v.nullable(Finite), null),
});
export type ClimbState = v.InferOutput<typeof ClimbState>;

/** An estimate with less doubt than this was measured. */
const KNOWN_DOUBT = 0.25;

/** @param remembered the rate that an earlier day learned, in calls per second. Null if none did */
export const noClimb = (now: number, remembered: number | null = null): ClimbState => ({
  factor: 1,
  seconds: 0,
  excess: 0,
  afterFall: false,
  isGuess: false,
  inVain: 0,
  best: remembered ?? 0,
  bestAt: now,
  highest: remembered ?? 0,
  highestSince: null,
});

/**
 * Raises the rate beyond the plateau, because only a higher rate shows that the bucket gives more. After a fall of the estimate,
 * the rate climbs back to its value before the fall. Each climb that ends with a throttle makes the next plateau longer.
 */
export class Climb {
  #state: ClimbState;

  constructor(
    state: ClimbState,
    private readonly settings: ClimbSettings,
  ) {
    this.#state = { ...state };
  }

  /** The highest sure estimate since the additive pace last ended, in calls per second. 0 if there was none. */
  get highest(): number {
    return this.#state.highestSince ?? this.#state.highest;
  }

  /**
   * The additive pace has ended. A much higher earlier estimate stays the aim of the next climbs, because the limit may rise again.
   * @param perSecond the estimate now
   */
  restart(now: number, perSecond: number): void {
    const { highest } = this.#state;
    const isFar = perSecond < this.settings.far * highest;
    const state = noClimb(now, isFar ? highest : perSecond);
    this.#state = { ...state, highestSince: perSecond, afterFall: isFar };
  }

  get factor(): number {
    return this.#state.factor;
  }

  /**
   * Grows with time, not with calls: after a fall to a low rate, calls take too long.
   * @param position the rate of the plateau, as a multiple of the estimate
   * @returns the estimate that the climb has confirmed without a throttle; null if none
   */
  grow(seconds: number, position: number, rate: number, perSecond: number, content: number): RateEstimate | null {
    const state = this.#state;
    const { beyond, doubleSeconds, beyondAfterFall } = this.settings;
    if (state.factor > 1) {
      state.excess += 1 - seconds * perSecond;
      state.seconds += seconds;
    }
    if (state.afterFall) {
      return position > beyondAfterFall || state.factor > 1 ? this.#climbBack(seconds, rate, perSecond, content) : null;
    }
    if (position > beyond || state.factor > 1) {
      const speed = Math.max(0, Math.min(1, 2 * (rate / perSecond - 1)));
      state.factor *= 2 ** ((seconds / doubleSeconds) * speed);
    }
    return null;
  }

  #climbBack(seconds: number, rate: number, perSecond: number, content: number): RateEstimate | null {
    const state = this.#state;
    const { doubleSecondsAfterFall, doubleCallsAfterFall, backTo, contentMargin, mostContent } = this.settings;
    state.factor *= 2 ** (seconds / Math.max(doubleSecondsAfterFall, doubleCallsAfterFall / rate));
    if (state.highest === 0) return null;
    const back = backTo * state.highest;
    state.factor = Math.min(state.factor, Math.max(1.01, back / perSecond));
    const isBack = state.factor * perSecond >= 0.999 * back;
    if (!isBack || state.excess <= Math.min(contentMargin * content, mostContent)) return null;
    this.end();
    state.afterFall = false;
    return { perSecond: Math.max(perSecond, back), doubt: 0.4 };
  }

  /** Called if the climb ends with a throttle. @returns the estimate that its accepted calls give; null if they give none */
  estimateAfterThrottle(rate: number, perSecond: number, content: number): RateEstimate | null {
    const { factor, seconds, excess } = this.#state;
    const { tried, assumedContent, leastExcess } = this.settings;
    if (factor <= tried) return null;
    // The bucket may have been full before the climb, so its content does not count.
    const beyond = excess - Math.min(content, assumedContent);
    if (beyond <= leastExcess) return null;
    const found = perSecond + beyond / Math.max(1, seconds);
    const higher = beyond > 0.5 * rate ? Math.max(found, 0.7 * rate) : found;
    return higher > 1.05 * perSecond ? { perSecond: Math.min(higher, 0.95 * rate), doubt: 0.4 } : null;
  }

  end(): void {
    this.#state.factor = 1;
    this.#state.seconds = 0;
    this.#state.excess = 0;
  }

  /**
   * Called after each throttle that lowers the rate.
   * @param before the estimate before it. Null at the end of the ramp
   * @param isAbove whether the rate was above the estimate
   */
  throttled(now: number, before: RateEstimate | null, estimate: RateEstimate, isAbove: boolean): void {
    const state = this.#state;
    const { sureDoubt, bestSeconds, fall } = this.settings;
    const { perSecond, doubt } = estimate;
    if (before !== null && before.doubt < sureDoubt) {
      const weight = Math.exp(-(now - state.bestAt) / 1000 / bestSeconds);
      state.best = Math.max(before.perSecond, perSecond + (state.best - perSecond) * weight);
      state.highest = Math.max(state.highest, before.perSecond);
      if (state.highestSince !== null) state.highestSince = Math.max(state.highestSince, before.perSecond);
    }
    state.bestAt = now;
    if (doubt < KNOWN_DOUBT) state.isGuess = false;
    state.afterFall = perSecond < fall * state.best || state.isGuess;
    if (!state.afterFall) state.inVain = 0;
    else if (isAbove) state.inVain += 1;
  }

  /** Called if hardly any call is accepted. @returns whether the estimate now counts as a guess */
  markGuess(doubt: number, slowdown: number): boolean {
    const { guessDoubt, guessFactor } = this.settings;
    const isGuess = doubt > guessDoubt && slowdown <= guessFactor;
    if (isGuess) this.#state.isGuess = true;
    return isGuess;
  }

  /** @returns accepted calls until the rate climbs. @param length the plateau if the estimate has not fallen */
  plateau(length: number, perSecond: number): number {
    const { firstSeconds, leastCalls, growth } = this.settings;
    if (!this.#state.afterFall) return length;
    return Math.min(length, Math.max(leastCalls, perSecond * firstSeconds * growth ** this.#state.inVain));
  }

  snapshot(): ClimbState {
    return { ...this.#state };
  }
}

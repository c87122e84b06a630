import * as v from 'valibot';
import type { ClimbSettings } from './controller-settings.ts';
import type { RateEstimate } from './rate-estimate.ts';

const Finite = v.pipe(v.number(), v.finite());

export const ClimbState = v.object({
  /** The rate is this multiple of the rate of the plateau. */
  factor: v.pipe(Finite, v.minValue(1)),
  /** Since when the factor grows: seconds, and the accepted calls beyond the estimated rate. */
  seconds: Finite,
  excess: Finite,
  /** Whether the estimate has fallen, or is only a guess, so that a higher rate is looked for soon. */
  afterFall: v.boolean(),
  isGuess: v.boolean(),
  /** Climbs in vain since the fall. */
  inVain: Finite,
  /** The best reliable estimate, which loses weight with time, when it was updated, and the highest one of the run. */
  best: Finite,
  bestAt: Finite,
  highest: Finite,
});
export type ClimbState = v.InferOutput<typeof ClimbState>;

/** An estimate with less doubt was measured. */
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
});

/**
 * Raises the rate beyond the plateau, because only a higher rate shows that the bucket gives more. After a fall, the rate
 * climbs back towards the rate before it: soon at first, and each time in vain after a longer plateau.
 */
export class Climb {
  readonly #state: ClimbState;

  constructor(
    state: ClimbState,
    private readonly settings: ClimbSettings,
  ) {
    this.#state = { ...state };
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

  /** The climb has ended with a throttle. @returns the estimate that its accepted calls give; null if they give none */
  found(rate: number, perSecond: number, content: number): RateEstimate | null {
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
   * @param isInVain whether the rate was above the estimate
   */
  throttled(now: number, before: RateEstimate | null, estimate: RateEstimate, isInVain: boolean): void {
    const state = this.#state;
    const { sureDoubt, bestSeconds, fall } = this.settings;
    const { perSecond, doubt } = estimate;
    if (before !== null && before.doubt < sureDoubt) {
      const weight = Math.exp(-(now - state.bestAt) / 1000 / bestSeconds);
      state.best = Math.max(before.perSecond, perSecond + (state.best - perSecond) * weight);
      state.highest = Math.max(state.highest, before.perSecond);
    }
    state.bestAt = now;
    if (doubt < KNOWN_DOUBT) state.isGuess = false;
    state.afterFall = perSecond < fall * state.best || state.isGuess;
    if (!state.afterFall) state.inVain = 0;
    else if (isInVain) state.inVain += 1;
  }

  /** Called if hardly any call is accepted. @returns whether the estimate is therefore only a guess */
  markGuess(doubt: number, slowdown: number): boolean {
    const { guessDoubt, guessFactor } = this.settings;
    const isGuess = doubt > guessDoubt && slowdown <= guessFactor;
    if (isGuess) this.#state.isGuess = true;
    return isGuess;
  }

  /** Accepted calls until the rate climbs. */
  plateau(length: number, perSecond: number): number {
    const { firstSeconds, leastCalls, growth } = this.settings;
    if (!this.#state.afterFall) return length;
    return Math.min(length, Math.max(leastCalls, perSecond * firstSeconds * growth ** this.#state.inVain));
  }

  snapshot(): ClimbState {
    return { ...this.#state };
  }
}

import * as v from 'valibot';
import type { SlowdownSettings } from './controller-settings.ts';

export const SlowdownState = v.object({
  /** Calls are sent at this share of the usual rate. */
  factor: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  /** The lowest factor since accepted calls last ended a slowdown. */
  lowest: v.optional(v.number(), 1),
  /** Calls accepted in a row since the last throttle, while slowed down. */
  inRow: v.number(),
});
export type SlowdownState = v.InferOutput<typeof SlowdownState>;

export const noSlowdown: SlowdownState = { factor: 1, lowest: 1, inRow: 0 };

/** After a slowdown to this factor, another application has used the bucket for some time. */
const LONG_FACTOR = 0.3;

/**
 * Slows calls down while another application uses the whole bucket. This says nothing about the rate of the bucket, so
 * the usual rate returns quickly: the factor grows with time and with accepted calls.
 */
export class Slowdown {
  readonly #state: SlowdownState;

  constructor(
    state: SlowdownState,
    private readonly settings: SlowdownSettings,
  ) {
    this.#state = { ...state };
  }

  get factor(): number {
    return this.#state.factor;
  }

  get isOver(): boolean {
    return this.#state.factor === 1;
  }

  /**
   * @param seconds since the last accepted call
   * @returns whether a long slowdown has ended
   */
  accepted(seconds: number): boolean {
    if (this.isOver) return false;
    const { doubleSeconds, inRow, step } = this.settings;
    this.#state.inRow += 1;
    const byTime = 2 ** (Math.min(doubleSeconds, seconds) / doubleSeconds);
    const byCalls = this.#state.inRow >= inRow ? step : 1;
    this.set(this.#state.factor * Math.max(byTime, byCalls));
    if (this.#state.factor < 1) return false;
    const wasLong = this.#state.lowest <= LONG_FACTOR;
    this.#state.lowest = 1;
    return wasLong;
  }

  /** Called after a throttle: the next accepted call is the first in a row. */
  interrupt(): void {
    this.#state.inRow = 0;
  }

  /** Called if hardly any call was accepted since the last throttle. @param perSecond the estimated rate */
  halve(perSecond: number): void {
    this.#state.factor = Math.max(this.#least(perSecond), this.#state.factor / 2);
    this.#state.lowest = Math.min(this.#state.lowest, this.#state.factor);
  }

  set(factor: number): void {
    this.#state.factor = Math.min(1, Math.max(this.settings.leastFactor, factor));
    this.#state.lowest = Math.min(this.#state.lowest, this.#state.factor);
  }

  snapshot(): SlowdownState {
    return { ...this.#state };
  }

  /** Even a low rate shows soon enough that the bucket has tokens again. */
  #least(perSecond: number): number {
    const { leastFactor, leastRate } = this.settings;
    return Math.max(leastFactor, Math.min(0.25, leastRate / perSecond));
  }
}

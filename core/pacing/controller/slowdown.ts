import * as v from 'valibot';
import type { SlowdownSettings } from './controller-settings.ts';

export const SlowdownState = v.object({
  /** Calls are sent at this share of the usual rate. */
  factor: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  /** Calls accepted in a row since the last throttle, while slowed down. */
  inRow: v.number(),
});
export type SlowdownState = v.InferOutput<typeof SlowdownState>;

export const noSlowdown: SlowdownState = { factor: 1, inRow: 0 };

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

  /** @param seconds since the last accepted call */
  accepted(seconds: number): void {
    if (this.isOver) return;
    const { doubleSeconds, inRow, step } = this.settings;
    this.#state.inRow += 1;
    const byTime = 2 ** (Math.min(doubleSeconds, seconds) / doubleSeconds);
    const byCalls = this.#state.inRow >= inRow ? step : 1;
    this.set(this.#state.factor * Math.max(byTime, byCalls));
  }

  /** Called after a throttle: the next accepted call is the first in a row. */
  interrupt(): void {
    this.#state.inRow = 0;
  }

  /** Called if hardly any call was accepted since the last throttle. @param perSecond the estimated rate */
  halve(perSecond: number): void {
    this.#state.factor = Math.max(this.#least(perSecond), this.#state.factor / 2);
  }

  set(factor: number): void {
    this.#state.factor = Math.min(1, Math.max(this.settings.leastFactor, factor));
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

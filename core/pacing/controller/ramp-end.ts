import * as v from 'valibot';
import type { RampSettings } from './controller-settings.ts';
import type { Trial } from './noise-test.ts';

const Finite = v.pipe(v.number(), v.finite());

/** The last rate of the ramp, and the answers of calls that were in flight at its end. */
export const RampEndState = v.object({
  rate: v.pipe(Finite, v.gtValue(0)),
  sentAt: Finite,
  accepted: Finite,
  answers: Finite,
});
export type RampEndState = v.InferOutput<typeof RampEndState>;

/** The estimate is at least this share of the ramp's last rate. */
const LEAST_SHARE = 0.02;

/**
 * At the end of the ramp, the answers of the calls in flight show how far the bucket's rate is below the ramp's last rate.
 */
export class RampEnd {
  #state: RampEndState | null;

  constructor(
    state: RampEndState | null,
    private readonly settings: RampSettings,
  ) {
    this.#state = state === null ? null : { ...state };
  }

  /** @param rate the last rate of the ramp @param trial the answers since its first throttle */
  start(rate: number, { sentAt, accepted, throttled }: Trial): void {
    this.#state = { rate, sentAt, accepted, answers: accepted + throttled - 1 };
  }

  /**
   * @param decreasedAt the calls that were sent after this time do not count
   * @returns whether the call counts, so that the estimate may be another one
   */
  answered(sentAt: number, isAccepted: boolean, decreasedAt: number | null): boolean {
    const state = this.#state;
    if (state === null || decreasedAt === null) return false;
    if (sentAt > decreasedAt) {
      this.#state = null;
      return false;
    }
    if (sentAt <= state.sentAt) return false;
    state.answers += 1;
    if (isAccepted) state.accepted += 1;
    return true;
  }

  end(): void {
    this.#state = null;
  }

  /** The rate that the bucket leaves, in calls per second. Null after too few answers. */
  get perSecond(): number | null {
    const { leastAnswers, prior, estimate } = this.settings;
    if (this.#state === null || this.#state.answers < leastAnswers) return null;
    const { rate, accepted, answers } = this.#state;
    const share = (accepted + prior) / (answers + 1);
    return rate * Math.max(LEAST_SHARE, Math.min(estimate, share));
  }

  snapshot(): RampEndState | null {
    return this.#state === null ? null : { ...this.#state };
  }
}

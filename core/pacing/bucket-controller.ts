import { defaultSettings } from '../contract/environment.ts';
import { bucketContentOf, measureRate } from './bucket-measurement.ts';
import { defaultPacing, type ControllerSettings } from './controller-settings.ts';
import { boundedRate, type ControllerState } from './controller-state.ts';
import { PaceUtilization } from './pace-utilization.ts';
import type { RateController, WaitedFor } from './rate-controller.ts';
import { weigh } from './rate-estimate.ts';
import { RateLadder } from './rate-ladder.ts';

/** Timers and a busy process delay a call by less than this. */
const LATE_MS = 100;
/**
 * After this time without work the rate is reset: the bucket is full again, but that does not mean that its rate is
 * higher.
 */
const IDLE_RESET_MS = 10_000;
/** The rate grows only while this share of it is used. Above that, the rate would be a number that was never tried. */
const MOSTLY_USED = 0.9;

/**
 * Finds the rate of a token bucket that only accepts or throttles calls, and keeps the rate of calls just below it.
 * Each throttle shows that the bucket is empty. Between two throttles, the accepted calls divided by the time are the
 * rate that the bucket leaves for the audit. docs/pacing.md explains the method and what each part of it improves.
 */
export class BucketController implements RateController {
  readonly #settings: ControllerSettings;
  readonly #ladder: RateLadder;
  #state: ControllerState;
  readonly #utilization = new PaceUtilization();

  constructor(state: ControllerState, settings: ControllerSettings = defaultPacing) {
    this.#state = { ...state, ramp: state.ramp === null ? null : { ...state.ramp } };
    this.#settings = settings;
    this.#ladder = new RateLadder(state.rungs, settings);
  }

  get rate(): number {
    return this.#state.rate;
  }

  get pauseUntil(): number {
    return this.#state.pauseUntil;
  }

  advance(now: number): void {
    const state = this.#state;
    if (this.#lateMs(now) > IDLE_RESET_MS) this.#resetAfterIdleTime();
    if (state.ramp === null) return;
    const stepMs = now - (state.ramp.steppedAt ?? now);
    // Only a rate that is used may grow. An idle queue does not show that the bucket allows more.
    if (this.#isRateLimiting && !this.#isLate(now)) {
      state.rate = boundedRate(state.rate * 2 ** (stepMs / state.ramp.doubleMs));
    }
    state.ramp.steppedAt = now;
  }

  sent(now: number, waitedFor: WaitedFor): void {
    const isLate = this.#isLate(now);
    this.#state.startedAt ??= now;
    // A queue that waits for slow answers still has calls to send, so it takes all tokens that the bucket gives.
    if (isLate && waitedFor !== 'answers') this.#state.idled = true;
    const onTime = waitedFor === 'pace' && !isLate;
    this.#utilization.sent(onTime ? 0 : (Math.max(0, this.#lateMs(now)) * this.#state.rate) / 1000);
    this.#state.sentAt = now;
  }

  /** Whether the rate, and not a lack of work, limits how many calls are sent. */
  get #isRateLimiting(): boolean {
    return this.#utilization.shareWhileBusy >= MOSTLY_USED;
  }

  /** The rate at which calls are really sent, without pauses. An answer is evidence only about this rate. */
  get #usedRate(): number {
    return boundedRate(this.#utilization.share * this.#state.rate);
  }

  /** Whether a call could have been sent much earlier at this rate. Then something else limits the queue. */
  #isLate(now: number): boolean {
    return this.#lateMs(now) > Math.max(LATE_MS, 500 / this.#state.rate);
  }

  #lateMs(now: number): number {
    const { sentAt, rate, pauseUntil } = this.#state;
    return sentAt === null ? 0 : now - Math.max(sentAt + 1000 / rate, pauseUntil);
  }

  /** Work may end while a rate above the estimate is being tried. After idle time the rate starts again below it. */
  #resetAfterIdleTime(): void {
    const state = this.#state;
    if (state.ramp !== null) {
      state.rate = state.ramp.from;
    } else {
      state.risen = Math.min(state.risen, this.#plateauLength());
      this.#setRate();
    }
  }

  accepted(sentAt: number, now: number): void {
    const state = this.#state;
    state.updatedAt = now;
    if (state.ramp !== null) {
      state.rampAccepted += 1;
      return;
    }
    this.#ladder.record(this.#usedRate, false);
    state.accepted += 1;
    if (!this.#isRateLimiting || (state.decreasedAt !== null && sentAt <= state.decreasedAt)) return;
    state.risen += 1;
    this.#setRate();
  }

  throttled(sentAt: number, now: number): void {
    const state = this.#state;
    state.updatedAt = now;
    if (state.ramp === null) this.#ladder.record(this.#usedRate, true);
    // The rate decreases once for all calls that were in flight together, as in TCP congestion control.
    if (state.decreasedAt !== null && sentAt <= state.decreasedAt) return;
    if (state.ramp !== null) this.#endRamp(state.ramp, now);
    else this.#measure(now);
    state.decreasedAt = now;
    state.risen = 0;
    const bucketContent = bucketContentOf(state);
    state.floor = this.#ladder.floor(bucketContent, state.estimate?.perSecond ?? 0);
    this.#setRate();
    // During the pause the bucket fills a little, so that other applications find tokens. A small bucket would
    // overflow.
    const tokens = Math.min(this.#settings.pauseTokens, Math.max(1, 0.5 * bucketContent));
    state.pauseUntil = now + (tokens * 1000) / state.rate;
  }

  snapshot(now: number): ControllerState {
    return { ...this.#state, rungs: this.#ladder.snapshot(), updatedAt: now };
  }

  /** The bucket is empty for the first time: its rate is below the current rate, but it is unknown how far below. */
  #endRamp(ramp: NonNullable<ControllerState['ramp']>, now: number): void {
    const state = this.#state;
    state.drained = { from: ramp.from, to: state.rate, doubleMs: ramp.doubleMs, at: now };
    state.ramp = null;
    state.estimate = { perSecond: this.#settings.afterRamp * state.rate, doubt: this.#settings.afterRampDoubt };
    this.#startInterval(now);
  }

  /** The bucket is empty again: the interval since the last time gives a measurement. */
  #measure(now: number): void {
    const state = this.#state;
    const { anchorAt, estimate, accepted, idled, rate } = state;
    if (anchorAt === null || estimate === null) {
      this.#startInterval(now);
      return;
    }
    // Both ends are times of answers, so the latency of calls in flight does not change the count.
    const seconds = (now - anchorAt) / 1000;
    if (seconds <= 0) return;
    const interval = { seconds, accepted, idled, rate, bucketContent: bucketContentOf(state) };
    const measured = measureRate(interval, estimate, this.#settings);
    if (measured !== null) {
      const weighed = weigh(estimate, measured, this.#settings.surprise);
      const { perSecond, doubt } = weighed.estimate;
      state.estimate = weighed.estimate;
      if (weighed.changed) this.#ladder.clear();
      if (doubt < this.#settings.rememberableDoubt) state.highest = Math.max(state.highest ?? 0, perSecond);
    }
    this.#startInterval(now);
  }

  #startInterval(now: number): void {
    this.#state.anchorAt = now;
    this.#state.accepted = 0;
    this.#state.idled = false;
  }

  /**
   * Follows the curve of TCP CUBIC: after a decrease the rate soon returns to just below the estimate. It stays there
   * for a long time and then rises faster and faster.
   */
  #setRate(): void {
    const state = this.#state;
    if (state.estimate === null) return;
    const { share, dip } = this.#settings;
    const position = state.risen / this.#plateauLength() - 1;
    const factor = share + dip * position ** 3;
    // A share below the default also lowers the rate that the ladder holds.
    const held = Math.min(1, share / defaultSettings.rateShare) * state.floor;
    state.rate = boundedRate(Math.max(held, factor * state.estimate.perSecond));
  }

  /** In accepted calls. An uncertain estimate is tested again sooner. */
  #plateauLength(): number {
    const { plateau, plateauSeconds, plateauDoubt, plateauExponent } = this.#settings;
    const { perSecond, doubt } = this.#state.estimate ?? { perSecond: this.#state.rate, doubt: plateauDoubt };
    return Math.min(plateau, plateauSeconds * perSecond) * Math.min(1, (plateauDoubt / doubt) ** plateauExponent);
  }
}

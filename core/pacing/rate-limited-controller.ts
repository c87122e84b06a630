import type { RateController, WaitedFor } from './controller/rate-controller.ts';

/** A call that is sent this much later than the inner controller allows was delayed by the maximum, in milliseconds. */
const DELAYED_MS = 1;

/**
 * Keeps a controller's rate at or below a maximum that the operator has set. The inner controller learns that its own rate
 * was not used: calls seem to arrive at the maximum rate. So its rate does not grow without being tried, and an interval
 * between two throttles, in which the bucket may have overflowed, does not count as a measurement of the bucket's rate.
 */
export class RateLimitedController implements RateController {
  readonly #inner: RateController;
  readonly #maxRate: number;
  #sentAt: number | null;

  /**
   * @param maxRate calls per second
   * @param sentAt when the last call was sent in an earlier invocation, in milliseconds; null if there was none
   */
  constructor(inner: RateController, maxRate: number, sentAt: number | null = null) {
    this.#inner = inner;
    this.#maxRate = maxRate;
    this.#sentAt = sentAt;
  }

  get rate(): number {
    return Math.min(this.#inner.rate, this.#maxRate);
  }

  get pauseUntil(): number {
    // The queue spaces the calls of its own invocation. This also spaces the first one from the invocation before.
    const earliest = this.#sentAt === null ? 0 : this.#sentAt + 1000 / this.#maxRate;
    return Math.max(this.#inner.pauseUntil, earliest);
  }

  advance(now: number): void {
    this.#inner.advance(now);
  }

  sent(now: number, waitedFor: WaitedFor): void {
    this.#inner.sent(now, this.#isDelayed(now) ? 'work' : waitedFor);
    this.#sentAt = now;
  }

  accepted(sentAt: number, now: number): void {
    this.#inner.accepted(sentAt, now);
  }

  throttled(sentAt: number, now: number): void {
    this.#inner.throttled(sentAt, now);
  }

  /** Whether the inner controller alone would have sent the call earlier. */
  #isDelayed(now: number): boolean {
    const { rate, pauseUntil } = this.#inner;
    if (this.#sentAt === null || rate <= this.#maxRate) return false;
    return now - Math.max(this.#sentAt + 1000 / rate, pauseUntil) > DELAYED_MS;
  }
}

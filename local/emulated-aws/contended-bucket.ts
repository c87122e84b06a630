import type { Random } from '../../core/clock.ts';
import { TokenBucket, type Refill } from './token-bucket.ts';

export interface Limit {
  /** Calls per second. */
  readonly rate: number;
  /** The most tokens that the bucket holds. */
  readonly size: number;
  readonly refill?: Refill;
  /** Calls per second of others on the same bucket. They come at random and do not retry. */
  readonly bystanders?: number;
}

export interface BystanderCounters {
  sent: number;
  throttled: number;
}

/**
 * A bucket that other applications draw from too, as a Poisson process that starts with the bucket. Their calls are
 * made up for whenever somebody looks, each at its own time, so that no timer is needed.
 */
export class ContendedBucket {
  readonly #bucket: TokenBucket;
  readonly #perSecond: number;
  readonly #random: Random;
  readonly #counters: BystanderCounters = { sent: 0, throttled: 0 };
  #nextAt: number;

  constructor(limit: Limit, random: Random, now: number) {
    this.#bucket = new TokenBucket({ ...limit, now });
    this.#perSecond = limit.bystanders ?? 0;
    this.#random = random;
    this.#nextAt = this.#perSecond > 0 ? now + this.#gap() : Infinity;
  }

  take(now: number): boolean {
    this.#settle(now);
    return this.#bucket.take(now);
  }

  setRate(rate: number, now: number): void {
    this.#settle(now);
    this.#bucket.setRate(rate, now);
  }

  /** What the bystanders met until `now`. */
  bystanders(now: number): Readonly<BystanderCounters> {
    this.#settle(now);
    return { ...this.#counters };
  }

  #settle(now: number): void {
    while (this.#nextAt <= now) {
      this.#counters.sent += 1;
      if (!this.#bucket.take(this.#nextAt)) this.#counters.throttled += 1;
      this.#nextAt += this.#gap();
    }
  }

  /** Milliseconds between two calls of a Poisson process: exponentially distributed. */
  #gap(): number {
    return (-Math.log(1 - this.#random()) / this.#perSecond) * 1000;
  }
}

import type { Random } from '../../core/ports/clock.ts';

export interface Limit {
  /** Tokens a second. */
  readonly rate: number;
  /** Tokens that it holds at most. */
  readonly size: number;
}

/**
 * A token bucket as AWS limits an operation: `rate` tokens a second, at most `size`, full at the start. A call that
 * finds no token is rejected at once and takes none. Time is passed in, in milliseconds.
 */
export class TokenBucket {
  #tokens: number;
  #at: number;
  #rate: number;
  readonly #size: number;

  constructor({ rate, size }: Limit, now: number) {
    this.#rate = rate;
    this.#size = size;
    this.#tokens = size;
    this.#at = now;
  }

  /** @returns whether the call may go on */
  take(now: number): boolean {
    this.#refill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Another limit from `now` on. */
  setRate(rate: number, now: number): void {
    this.#refill(now);
    this.#rate = rate;
  }

  #refill(now: number): void {
    this.#tokens = Math.min(this.#size, this.#tokens + (Math.max(0, now - this.#at) * this.#rate) / 1000);
    this.#at = Math.max(this.#at, now);
  }
}

/** Calls of other applications at a bucket, and how many of them were throttled. */
export interface BystanderCounts {
  readonly calls: number;
  readonly throttled: number;
  /** What would have been throttled of the same calls without ours. */
  readonly throttledAlone: number;
}

/**
 * A bucket that another application uses too: its calls come at random (Poisson) and are not repeated. They are
 * played lazily, up to the time of each call of ours, and a second time on a bucket of their own for comparison.
 */
export class SharedBucket {
  readonly #bucket: TokenBucket;
  readonly #alone: TokenBucket;
  readonly #random: Random;
  /** Calls a second; 0: nobody. */
  readonly #bystanderRate: number;
  #nextAt = Number.POSITIVE_INFINITY;
  #calls = 0;
  #throttled = 0;
  #throttledAlone = 0;

  constructor(limit: Limit, bystanderRate: number, random: Random, now: number) {
    this.#bucket = new TokenBucket(limit, now);
    this.#alone = new TokenBucket(limit, now);
    this.#random = random;
    this.#bystanderRate = bystanderRate;
    if (bystanderRate > 0) this.#nextAt = now + this.#gapMs();
  }

  take(now: number): boolean {
    this.#playUntil(now);
    return this.#bucket.take(now);
  }

  setRate(rate: number, now: number): void {
    this.#playUntil(now);
    this.#bucket.setRate(rate, now);
    this.#alone.setRate(rate, now);
  }

  bystanders(now: number): BystanderCounts {
    this.#playUntil(now);
    return { calls: this.#calls, throttled: this.#throttled, throttledAlone: this.#throttledAlone };
  }

  #playUntil(now: number): void {
    while (this.#nextAt <= now) {
      this.#calls += 1;
      if (!this.#bucket.take(this.#nextAt)) this.#throttled += 1;
      if (!this.#alone.take(this.#nextAt)) this.#throttledAlone += 1;
      this.#nextAt += this.#gapMs();
    }
  }

  #gapMs(): number {
    return (-Math.log(1 - this.#random()) * 1000) / this.#bystanderRate;
  }
}

import type { Random } from '../../core/ports/clock.ts';

export interface Limit {
  /** Tokens a second. */
  readonly rate: number;
  /** Maximum number of tokens. */
  readonly size: number;
}

/**
 * A token bucket, which is how AWS limits an operation. It starts with `size` tokens, and gets `rate` tokens a second
 * up to `size`. A call without a token is rejected at once. Times are parameters, in milliseconds.
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

  /** Takes a token. @returns whether there was one */
  take(now: number): boolean {
    this.#refill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Changes the rate from `now` on. */
  setRate(rate: number, now: number): void {
    this.#refill(now);
    this.#rate = rate;
  }

  #refill(now: number): void {
    this.#tokens = Math.min(this.#size, this.#tokens + (Math.max(0, now - this.#at) * this.#rate) / 1000);
    this.#at = Math.max(this.#at, now);
  }
}

/** Number of other applications' calls, and of those that were throttled. */
export interface BystanderCounts {
  readonly calls: number;
  readonly throttled: number;
  /** How many of the same calls would have been throttled without the audit's calls. */
  readonly throttledAlone: number;
}

/**
 * A bucket that another application uses too. The other application's calls arrive at random (Poisson) and are not
 * repeated. Each call of the audit first simulates the other calls up to that time. The other calls also go to a second
 * bucket without the audit's calls, for comparison.
 */
export class SharedBucket {
  readonly #bucket: TokenBucket;
  readonly #comparison: TokenBucket;
  readonly #random: Random;
  /** Calls a second. 0: there is no other application. */
  readonly #bystanderRate: number;
  #nextAt = Number.POSITIVE_INFINITY;
  #calls = 0;
  #throttled = 0;
  #throttledAlone = 0;

  constructor(limit: Limit, bystanderRate: number, random: Random, now: number) {
    this.#bucket = new TokenBucket(limit, now);
    this.#comparison = new TokenBucket(limit, now);
    this.#random = random;
    this.#bystanderRate = bystanderRate;
    if (bystanderRate > 0) this.#nextAt = now + this.#gapMs();
  }

  take(now: number): boolean {
    this.#simulateCallsUntil(now);
    return this.#bucket.take(now);
  }

  setRate(rate: number, now: number): void {
    this.#simulateCallsUntil(now);
    this.#bucket.setRate(rate, now);
    this.#comparison.setRate(rate, now);
  }

  bystanders(now: number): BystanderCounts {
    this.#simulateCallsUntil(now);
    return { calls: this.#calls, throttled: this.#throttled, throttledAlone: this.#throttledAlone };
  }

  #simulateCallsUntil(now: number): void {
    while (this.#nextAt <= now) {
      this.#calls += 1;
      if (!this.#bucket.take(this.#nextAt)) this.#throttled += 1;
      if (!this.#comparison.take(this.#nextAt)) this.#throttledAlone += 1;
      this.#nextAt += this.#gapMs();
    }
  }

  #gapMs(): number {
    return (-Math.log(1 - this.#random()) * 1000) / this.#bystanderRate;
  }
}

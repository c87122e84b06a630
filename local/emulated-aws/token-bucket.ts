export interface Limit {
  /** Tokens a second. */
  readonly rate: number;
  /** Maximum number of tokens. */
  readonly size: number;
}

export interface BucketTraits {
  /** A rejected call costs a token too, until this many tokens are owed. Default: it costs nothing. */
  readonly debt?: number;
  /** Default: the bucket starts full. */
  readonly startsEmpty?: boolean;
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
  readonly #debt: number;

  constructor({ rate, size }: Limit, now: number, { debt = 0, startsEmpty = false }: BucketTraits = {}) {
    this.#rate = rate;
    this.#size = size;
    this.#debt = debt;
    this.#tokens = startsEmpty ? 0 : size;
    this.#at = now;
  }

  /** Takes a token. @returns whether there was one */
  take(now: number): boolean {
    this.#refill(now);
    if (this.#tokens < 1) {
      if (this.#debt > 0) this.#tokens = Math.max(-this.#debt, this.#tokens - 1);
      return false;
    }
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

/**
 * A token bucket as AWS limits an operation: `rate` tokens a second, at most `size`, full at the start. A call that
 * finds no token is rejected at once and takes none. Time is passed in, in milliseconds.
 */
export class TokenBucket {
  #tokens: number;
  #at: number;
  #rate: number;
  readonly #size: number;

  constructor(options: { readonly rate: number; readonly size: number; readonly now: number }) {
    this.#rate = options.rate;
    this.#size = options.size;
    this.#tokens = options.size;
    this.#at = options.now;
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

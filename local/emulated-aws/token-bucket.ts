/** How tokens come back: drop by drop, or a second's worth at every full second since the start. */
export type Refill = 'continuous' | 'everySecond';

/** A client that sends exactly at the rate must not be rejected for a sum of rounding errors. */
const ROUNDING = 1e-9;

/**
 * A token bucket as AWS limits an operation: `rate` tokens a second, at most `size`, full at the start. A call that
 * finds no token is rejected at once and takes none. Time is passed in, in milliseconds; it never runs backwards.
 */
export class TokenBucket {
  #tokens: number;
  #at: number;
  #rate: number;
  readonly #size: number;
  readonly #refill: Refill;
  /** Full seconds are counted from here. */
  readonly #start: number;

  constructor(options: { readonly rate: number; readonly size: number; readonly now: number; readonly refill?: Refill }) {
    this.#rate = options.rate;
    this.#size = options.size;
    this.#tokens = options.size;
    this.#at = options.now;
    this.#start = options.now;
    this.#refill = options.refill ?? 'continuous';
  }

  /** @returns whether the call may go on */
  take(now: number): boolean {
    this.#bringUpTo(now);
    if (this.#tokens < 1 - ROUNDING) return false;
    this.#tokens = Math.max(0, this.#tokens - 1);
    return true;
  }

  /** Another rate from `now` on; what came back until then came at the old one. */
  setRate(rate: number, now: number): void {
    this.#bringUpTo(now);
    this.#rate = rate;
  }

  #bringUpTo(now: number): void {
    if (now <= this.#at) return;
    const seconds =
      this.#refill === 'continuous' ? (now - this.#at) / 1000 : this.#fullSeconds(now) - this.#fullSeconds(this.#at);
    this.#tokens = Math.min(this.#size, this.#tokens + seconds * this.#rate);
    this.#at = now;
  }

  #fullSeconds(at: number): number {
    return Math.floor((at - this.#start) / 1000);
  }
}

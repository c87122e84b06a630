/** A number of calls that is accepted in a time. */
export interface CallWindow {
  readonly calls: number;
  readonly ms: number;
  /**
   * Sliding: the calls of the last `ms` milliseconds count. Otherwise the count starts again at each multiple of `ms`
   * milliseconds.
   */
  readonly sliding: boolean;
}

/** Calls per second, on average. */
export const windowRate = ({ calls, ms }: CallWindow): number => (calls * 1000) / ms;

const callsAt = (perSecond: number, { ms }: CallWindow): number => Math.round((perSecond * ms) / 1000);

/** Counts calls in windows that follow each other. */
export class FixedWindow {
  #calls: number;
  #window = Number.NEGATIVE_INFINITY;
  #used = 0;

  constructor(private readonly settings: CallWindow) {
    this.#calls = settings.calls;
  }

  take(now: number): boolean {
    const window = Math.floor(now / this.settings.ms);
    if (window !== this.#window) {
      this.#window = window;
      this.#used = 0;
    }
    if (this.#used >= this.#calls) return false;
    this.#used += 1;
    return true;
  }

  setRate(rate: number): void {
    this.#calls = callsAt(rate, this.settings);
  }
}

/** Counts the calls of the last milliseconds. */
export class SlidingWindow {
  #calls: number;
  /** Times of the accepted calls. */
  #accepted: number[] = [];

  constructor(private readonly settings: CallWindow) {
    this.#calls = settings.calls;
  }

  take(now: number): boolean {
    const start = now - this.settings.ms;
    if ((this.#accepted[0] ?? now) <= start) this.#accepted = this.#accepted.filter((time) => time > start);
    if (this.#accepted.length >= this.#calls) return false;
    this.#accepted.push(now);
    return true;
  }

  setRate(rate: number): void {
    this.#calls = callsAt(rate, this.settings);
  }
}

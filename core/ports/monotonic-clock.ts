import type { Clock } from './clock.ts';

/** A timer fires early by less than this. A sleep that seems shorter was not: the clock was set back. */
const EARLIEST_WAKE_MS = 50;
/** A busy process wakes up late by less than this. After a longer delay the clock was set forward, or the computer slept. */
const LATEST_WAKE_MS = 5_000;

export interface MonotonicClockOptions {
  /**
   * An earlier reading that this clock continues from, for example in an earlier invocation: what the wall clock showed, and
   * the time of the monotonic clock at that moment. Both in milliseconds since the epoch.
   */
  readonly since?: { readonly wall: number; readonly time: number };
  /** Whether steps forward during a sleep are left out. Otherwise this clock follows them. */
  readonly leavesOutForwardSteps?: boolean;
}

/**
 * A clock that is never set back. If the wall clock is set back, time continues from the last reading, so a wait does not
 * become longer. If steps forward are left out, the pacer does not measure the rate of an hour that did not pass.
 */
export class MonotonicClock implements Clock {
  readonly #clock: Clock;
  readonly #leavesOutForwardSteps: boolean;
  #lastWall: number;
  /** Milliseconds by which this clock is ahead of the wall clock. Negative after a step forward that was left out. */
  #aheadMs: number;

  constructor(clock: Clock, { since, leavesOutForwardSteps = false }: MonotonicClockOptions = {}) {
    this.#clock = clock;
    this.#leavesOutForwardSteps = leavesOutForwardSteps;
    this.#lastWall = since?.wall ?? clock.now();
    this.#aheadMs = since === undefined ? 0 : since.time - since.wall;
  }

  now(): number {
    const wall = this.#clock.now();
    if (wall < this.#lastWall) this.#aheadMs += this.#lastWall - wall;
    this.#lastWall = wall;
    return wall + this.#aheadMs;
  }

  /** Afterwards `ms` milliseconds have passed in this clock, even if the wall clock was set back meanwhile. */
  async sleep(ms: number): Promise<void> {
    const end = this.now() + Math.max(0, ms);
    await this.#clock.sleep(ms);
    const lateMs = this.now() - end;
    const isEarly = lateMs < -EARLIEST_WAKE_MS;
    if (isEarly || (this.#leavesOutForwardSteps && lateMs > LATEST_WAKE_MS)) this.#aheadMs -= lateMs;
  }

  /** What the wall clock shows at a time of this clock. Both in milliseconds since the epoch. */
  toWall(time: number): number {
    this.now();
    return time - this.#aheadMs;
  }

  /** The time of this clock when the wall clock shows `wall`. Both in milliseconds since the epoch. */
  fromWall(wall: number): number {
    this.now();
    return wall + this.#aheadMs;
  }
}

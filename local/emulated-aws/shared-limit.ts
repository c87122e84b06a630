import type { Random } from '../../core/ports/clock.ts';
import { FixedWindow, SlidingWindow, windowRate } from './disturbances/call-windows.ts';
import type { Disturbances } from './disturbances/disturbances.ts';
import { HostBuckets } from './disturbances/host-buckets.ts';
import { always, factorAt, highestFactor, nextStepAt, type StepSchedule } from './disturbances/step-schedule.ts';
import { TokenBucket, type Limit } from './token-bucket.ts';

/** Number of other applications' calls, and of those that were throttled. */
export interface BystanderCounts {
  readonly calls: number;
  readonly throttled: number;
  /** How many of the same calls would have been throttled without the audit's calls. */
  readonly throttledAlone: number;
}

/** What accepts or rejects calls: a bucket, several ones, or a window. Times are in milliseconds. */
interface CallLimit {
  /** @param position from 0 to 1: which of several hosts gets the call */
  take(now: number, position: number): boolean;
  /** @param rate calls per second, from `now` on */
  setRate(rate: number, now: number): void;
}

/** Separate random numbers, so that the number of the audit's calls does not change the bystanders' calls. */
export interface LimitRandom {
  readonly bystanders: Random;
  readonly calls: Random;
}

/** The rate of a limit, in calls per second, before the schedule of its rate applies. */
export const nominalRate = (limit: Limit, { window }: Disturbances): number =>
  window === undefined ? limit.rate : windowRate(window);

/**
 * A limit that other applications use too. Their calls arrive at random (Poisson) and are not repeated. Each call of
 * the audit first simulates the other calls up to that time. The other calls also go to a second limit without the
 * audit's calls, for comparison.
 */
export class SharedLimit {
  readonly #limit: CallLimit;
  readonly #comparison: CallLimit;
  readonly #disturbances: Disturbances;
  readonly #random: LimitRandom;
  readonly #startedAt: number;
  readonly #bystanders: readonly StepSchedule[];
  /** The highest rate of the bystanders, divided by the rate of the limit. */
  readonly #highest: number;
  readonly #bystanderRate: number;
  #rate: number;
  /** Of the schedule of the rate, now. */
  #factor = 1;
  #nextCallAt = Number.POSITIVE_INFINITY;
  /** Milliseconds from the start until the next change of the rate. */
  #nextStepMs: number;
  #calls = 0;
  #throttled = 0;
  #throttledAlone = 0;

  /** @param onBystanderCall gets the time of each call of the bystanders, and whether the limit allowed it */
  constructor(
    limit: Limit,
    disturbances: Disturbances,
    random: LimitRandom,
    now: number,
    private readonly onBystanderCall: (at: number, served: boolean) => void = () => undefined,
  ) {
    this.#limit = createLimit(limit, disturbances, now);
    this.#comparison = createLimit(limit, disturbances, now);
    this.#disturbances = disturbances;
    this.#random = random;
    this.#startedAt = now;
    this.#bystanders = disturbances.bystanders ?? [];
    this.#highest = sumOf(this.#bystanders.map(highestFactor));
    this.#rate = nominalRate(limit, disturbances);
    this.#bystanderRate = this.#highest * this.#rate;
    if (this.#highest > 0) this.#nextCallAt = now + this.#gapMs();
    // The schedule sets the rate at its start too.
    this.#nextStepMs = disturbances.rate === undefined ? Number.POSITIVE_INFINITY : 0;
  }

  take(now: number): boolean {
    this.#advance(now);
    const { noise = 0 } = this.#disturbances;
    if (noise > 0 && this.#random.calls() < noise) return false;
    return this.#limit.take(now, this.#position(this.#random.calls));
  }

  /** Changes the rate, in calls per second, from `now` on. The schedule of the rate applies to the new rate. */
  setRate(rate: number, now: number): void {
    this.#advance(now);
    this.#rate = rate;
    this.#applyRate(now);
  }

  bystanders(now: number): BystanderCounts {
    this.#advance(now);
    return { calls: this.#calls, throttled: this.#throttled, throttledAlone: this.#throttledAlone };
  }

  /** Simulates the other calls and the changes of the rate up to `now`. */
  #advance(now: number): void {
    for (;;) {
      const stepAt = this.#startedAt + this.#nextStepMs;
      if (Math.min(this.#nextCallAt, stepAt) > now) return;
      if (stepAt <= this.#nextCallAt) this.#step(stepAt);
      else this.#simulateCall(this.#nextCallAt);
    }
  }

  #step(now: number): void {
    const { rate = always(1) } = this.#disturbances;
    this.#factor = factorAt(rate, this.#nextStepMs);
    this.#applyRate(now);
    this.#nextStepMs = nextStepAt(rate, this.#nextStepMs);
  }

  #applyRate(now: number): void {
    this.#limit.setRate(this.#factor * this.#rate, now);
    this.#comparison.setRate(this.#factor * this.#rate, now);
  }

  /** Times are drawn at the highest rate. While the rate is lower, only that share of the calls is made. */
  #simulateCall(now: number): void {
    this.#nextCallAt = now + this.#gapMs();
    const factor = sumOf(this.#bystanders.map((use) => factorAt(use, now - this.#startedAt)));
    if (factor < this.#highest && this.#random.bystanders() * this.#highest >= factor) return;
    this.#calls += 1;
    const position = this.#position(this.#random.bystanders);
    const served = this.#limit.take(now, position);
    if (!served) this.#throttled += 1;
    this.onBystanderCall(now, served);
    if (!this.#comparison.take(now, position)) this.#throttledAlone += 1;
  }

  #position(random: Random): number {
    return (this.#disturbances.hosts ?? 1) > 1 ? random() : 0;
  }

  #gapMs(): number {
    return (-Math.log(1 - this.#random.bystanders()) * 1000) / this.#bystanderRate;
  }
}

function createLimit(limit: Limit, disturbances: Disturbances, now: number): CallLimit {
  const { window, hosts = 1 } = disturbances;
  if (window !== undefined) return window.sliding ? new SlidingWindow(window) : new FixedWindow(window);
  return hosts > 1 ? new HostBuckets(limit, hosts, now, disturbances) : new TokenBucket(limit, now, disturbances);
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

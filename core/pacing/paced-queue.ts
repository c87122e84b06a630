import pLimit from 'p-limit';
import type { Clock, Random } from '../ports/clock.ts';
import { AwsFault } from '../ports/aws-fault.ts';
import { MonotonicClock, type MonotonicClockOptions } from '../ports/monotonic-clock.ts';
import type { RateController, WaitedFor } from './controller/rate-controller.ts';

/**
 * The calls in flight are limited to those that 200 calls a second need at the measured latency, within these bounds: 64 until
 * the latency exceeds 0.32 s, and enough for 170 calls a second that take 3 s each. If no answers arrive, no more calls are sent.
 */
const LEAST_IN_FLIGHT = 64;
const MOST_IN_FLIGHT = 512;
const IN_FLIGHT_PER_SECOND = 200;
/** Weight of the newest answer in the average latency. */
const LATENCY_WEIGHT = 0.1;
/** If half of all calls are throttled, only one call in a billion needs more attempts than this. */
const MAX_ATTEMPTS = 30;
/**
 * A call that was throttled this often is sent only after this many accepted answers in a row, as long as other calls are
 * waiting: then the bucket has tokens. Otherwise one call could be throttled many times while others test the bucket.
 */
const CAREFUL_AFTER = 3;
const CALM_ANSWERS = 5;
/**
 * From its second throttle on, a call waits a random time up to this limit (full jitter). The limit doubles at each
 * further throttle.
 */
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 20_000;
const LONGEST_STEP_MS = 1_000;
/**
 * Heavy throttling: this many throttles of calls that were not in flight together, without an accepted call in between, over
 * this time. A burst of another application ends sooner, and ending the batch for it would cost more than it saves.
 */
const THROTTLES_WITHOUT_EFFECT = 8;
const MS_WITHOUT_EFFECT = 60_000;

type Order = 'new' | 'continued';

interface Waiting {
  readonly run: () => Promise<void>;
  readonly reject: (reason: Error) => void;
  /** Time of the queue's clock, in milliseconds. */
  notBefore: number;
  throttles: number;
  /** The last throttle of this call. */
  throttle: AwsFault | null;
}

export interface PacedQueueOptions {
  readonly controller: RateController;
  /** The wall clock, or a `queueClock` that several queues share. */
  readonly clock: Clock;
  readonly random: Random;
  readonly isThrottle: (error: unknown) => boolean;
  /** Limits the calls in flight, whatever their latency is. */
  readonly maxInFlight?: number;
  readonly maxAttempts?: number;
  /** Called after calls waited for their pace: from when until when, in milliseconds since the epoch. */
  readonly onWaited?: (from: number, to: number) => void;
}

/** A clock for a queue and its controller. @param since see MonotonicClockOptions */
export const queueClock = (clock: Clock, since?: MonotonicClockOptions['since']): MonotonicClock =>
  new MonotonicClock(clock, { leavesOutForwardSteps: true, ...(since === undefined ? {} : { since }) });

/**
 * Sends the calls of one operation, one after another at the controller's rate, never in bursts. A throttled call returns
 * to the back of the queue. A call that continues started work goes to the front. p-limit limits the calls in flight.
 */
export class PacedQueue {
  readonly #options: PacedQueueOptions;
  /** All times in the queue and in its controller are times of this clock. */
  readonly #clock: MonotonicClock;
  readonly #limit: ReturnType<typeof pLimit>;
  #queue: Waiting[] = [];
  #dispatching = false;
  #abandoned: Error | null = null;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | null = null;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #throttledAt = Number.NEGATIVE_INFINITY;
  #throttlesWithoutEffect = 0;
  #acceptedInRow = 0;
  #withoutEffectSince = 0;
  #waitedMs = 0;
  #waitingSince: number | null = null;
  #latencyMs = 0;

  constructor(options: PacedQueueOptions) {
    this.#options = options;
    this.#clock = options.clock instanceof MonotonicClock ? options.clock : queueClock(options.clock);
    this.#limit = pLimit(options.maxInFlight ?? MOST_IN_FLIGHT);
  }

  /** Calls that wait to be sent. */
  get backlog(): number {
    return this.#queue.length;
  }

  get inFlight(): number {
    return this.#limit.activeCount + this.#limit.pendingCount;
  }

  /** Average time to an answer in milliseconds. 0 before the first one. */
  get latencyMs(): number {
    return this.#latencyMs;
  }

  get #maxInFlight(): number {
    const needed = Math.ceil((IN_FLIGHT_PER_SECOND * this.#latencyMs) / 1000);
    return this.#options.maxInFlight ?? Math.min(MOST_IN_FLIGHT, Math.max(LEAST_IN_FLIGHT, needed));
  }

  /** Calls per second. */
  get rate(): number {
    return this.#options.controller.rate;
  }

  /** When the next call can be sent, as the wall clock shows it, in milliseconds since the epoch. Null if no call waits. */
  get nextAt(): number | null {
    return this.#queue.length === 0 ? null : this.#clock.toWall(this.#due());
  }

  /**
   * No call is sent before the wall clock shows `time`, milliseconds since the epoch: the end of a gap that started in an
   * earlier invocation.
   */
  holdUntil(time: number): void {
    this.#heldUntil = this.#clock.fromWall(time);
  }

  /** Milliseconds in which calls were waiting and were delayed by the rate, by a pause or by backoff. */
  get waitedMs(): number {
    return this.#waitedMs + (this.#waitingSince === null ? 0 : this.#clock.now() - this.#waitingSince);
  }

  /**
   * Whether other applications use the whole bucket: for a minute no call was accepted. Throttles of calls that were in
   * flight together count once.
   */
  get heavilyThrottled(): boolean {
    const withoutEffectMs = this.#throttledAt - this.#withoutEffectSince;
    return this.#throttlesWithoutEffect >= THROTTLES_WITHOUT_EFFECT && withoutEffectMs >= MS_WITHOUT_EFFECT;
  }

  /**
   * @param order calls that continue started work are sent before calls that start new work. Otherwise much work would be
   *   started and none finished when the time is over
   * @returns what `send` resolves with
   * @throws AwsFault `Throttling` after 30 throttled attempts; the reason passed to `abandon`; any other error of `send` at once
   */
  call<T>(send: () => Promise<T>, order: Order = 'new'): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = {
        notBefore: Number.NEGATIVE_INFINITY,
        throttles: 0,
        throttle: null,
        reject,
        run: async () => {
          const sentAt = this.#clock.now();
          try {
            const answer = await send();
            this.#answered(false, sentAt);
            resolve(answer);
          } catch (error: unknown) {
            this.#failed(error, sentAt, waiting, order);
          }
        },
      };
      this.#enqueue(waiting, order);
    });
  }

  /** Rejects all calls that were not sent yet, and every later call. Calls in flight finish. */
  abandon(reason: Error): void {
    this.#abandoned = reason;
    this.#endWait();
    const left = this.#queue;
    this.#queue = [];
    // A call that was throttled reports the throttle and not the end of the time.
    for (const { reject, throttle } of left) reject(throttle ?? reason);
    this.#wake?.();
  }

  #failed(error: unknown, sentAt: number, waiting: Waiting, order: Order): void {
    if (!this.#options.isThrottle(error)) {
      // Any other error also means that the bucket accepted the call.
      this.#answered(false, sentAt);
      waiting.reject(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#answered(true, sentAt);
    waiting.throttles += 1;
    const { throttles } = waiting;
    const maxAttempts = this.#options.maxAttempts ?? MAX_ATTEMPTS;
    if (throttles >= maxAttempts) {
      waiting.reject(
        new AwsFault('throttled', 'Throttling', `AWS throttled the call ${throttles} times (Rate exceeded).`, {
          cause: error,
        }),
      );
      return;
    }
    waiting.throttle = new AwsFault('throttled', 'Throttling', `AWS throttled the call (Rate exceeded).`, {
      cause: error,
    });
    if (throttles > 1) {
      const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (throttles - 2));
      waiting.notBefore = this.#clock.now() + this.#options.random() * ceiling;
    }
    if (this.#abandoned !== null) {
      waiting.reject(waiting.throttle);
      return;
    }
    this.#enqueue(waiting, order);
  }

  #answered(throttled: boolean, sentAt: number): void {
    const now = this.#clock.now();
    this.#latencyMs += LATENCY_WEIGHT * (now - sentAt - this.#latencyMs);
    if (throttled) {
      this.#acceptedInRow = 0;
      this.#options.controller.throttled(sentAt, now);
      if (sentAt > this.#throttledAt) {
        if (this.#throttlesWithoutEffect === 0) this.#withoutEffectSince = now;
        this.#throttlesWithoutEffect += 1;
        this.#throttledAt = now;
      }
    } else {
      this.#options.controller.accepted(sentAt, now);
      this.#acceptedInRow += 1;
      this.#throttlesWithoutEffect = 0;
    }
  }

  #enqueue(waiting: Waiting, order: Order): void {
    if (this.#abandoned !== null) {
      waiting.reject(this.#abandoned);
      return;
    }
    if (order === 'continued') this.#queue.unshift(waiting);
    else this.#queue.push(waiting);
    if (!this.#dispatching) void this.#dispatch();
  }

  #due(): number {
    return Math.max(this.#allowedAt(), this.#readyAt());
  }

  /** When the rate allows the next call. */
  #allowedAt(): number {
    const { rate, pauseUntil } = this.#options.controller;
    return Math.max(this.#lastSentAt + 1000 / rate, pauseUntil, this.#heldUntil);
  }

  /** When the backoff of the first waiting call ends. Usually one has ended already, so the search stops there. */
  #readyAt(): number {
    const now = this.#clock.now();
    let earliest = Number.POSITIVE_INFINITY;
    for (const { notBefore } of this.#queue) {
      if (notBefore <= now) return now;
      earliest = Math.min(earliest, notBefore);
    }
    return earliest;
  }

  /**
   * The first call whose backoff has ended and that was not throttled often. A call that was throttled often is sent when the
   * last answers show that the bucket has tokens, or if there is no other call: then the one that was throttled least often.
   */
  #nextIndex(now: number): number {
    const isCalm = this.#acceptedInRow >= CALM_ANSWERS;
    let best: { readonly index: number; readonly throttles: number } | null = null;
    for (const [index, { notBefore, throttles }] of this.#queue.entries()) {
      if (notBefore > now) continue;
      if (isCalm || throttles < CAREFUL_AFTER) return index;
      if (best === null || throttles < best.throttles) best = { index, throttles };
    }
    return best?.index ?? 0;
  }

  #endWait(): void {
    this.#waitedMs = this.waitedMs;
    if (this.#waitingSince !== null) {
      this.#options.onWaited?.(this.#clock.toWall(this.#waitingSince), this.#clock.toWall(this.#clock.now()));
    }
    this.#waitingSince = null;
  }

  /** Never rejects: every error of a call goes to its caller. */
  async #dispatch(): Promise<void> {
    this.#dispatching = true;
    let waitedFor: WaitedFor = 'work';
    while (this.#queue.length > 0) {
      if (this.inFlight >= this.#maxInFlight) {
        waitedFor = 'answers';
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = null;
        continue;
      }
      const now = this.#clock.now();
      this.#options.controller.advance(now);
      const due = this.#due();
      if (due > now) {
        // Sleeps in short steps: a new call may be due before those that back off.
        const stepMs = Math.min(due - now, LONGEST_STEP_MS);
        this.#waitingSince = now;
        // If all calls back off, the rate is not used, just as without work.
        waitedFor = this.#allowedAt() > now ? 'pace' : 'work';
        await this.#clock.sleep(stepMs);
        this.#endWait();
        continue;
      }
      const [next] = this.#queue.splice(this.#nextIndex(now), 1);
      if (next === undefined) continue;
      // A late call does not shorten the next gap.
      this.#lastSentAt = now;
      this.#options.controller.sent(now, waitedFor);
      waitedFor = 'work';
      // Wakes the loop only now, because p-limit counts down after the call has settled.
      void this.#limit(next.run).then(() => this.#wake?.());
    }
    this.#dispatching = false;
  }
}

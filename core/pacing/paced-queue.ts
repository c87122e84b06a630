import pLimit from 'p-limit';
import type { Clock, Random } from '../ports/clock.ts';
import { AwsFault } from '../ports/aws-fault.ts';
import type { RateController, WaitedFor } from './rate-controller.ts';

/** Enough for 200 calls a second that take 300 ms each. A higher number would only hide a stall. */
const MAX_IN_FLIGHT = 64;
/** If half of all calls are throttled, only one call in a billion needs more attempts than this. */
const MAX_ATTEMPTS = 30;
/**
 * From its second throttle on, a call waits a random time up to this limit (full jitter). The limit doubles at each
 * further throttle.
 */
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 20_000;
const LONGEST_STEP_MS = 1_000;
/** The share of throttled calls is computed over this many answers. */
const RECENT_ANSWERS = 50;
/**
 * Pauses in a row after which all calls were throttled. During a pause tokens are added: if no other application
 * takes them, the next call is accepted.
 */
const PAUSES_WITHOUT_EFFECT = 4;
/**
 * These pauses must also cover this time. If only the controller's rate is far too high, short pauses follow each
 * other faster.
 */
const MS_WITHOUT_EFFECT = 15_000;

type Order = 'new' | 'continued';

interface Waiting {
  readonly run: () => Promise<void>;
  readonly reject: (reason: Error) => void;
  /** Milliseconds since the epoch. */
  notBefore: number;
  /** The last throttle of this call. */
  throttle: AwsFault | null;
}

export interface PacedQueueOptions {
  readonly controller: RateController;
  readonly clock: Clock;
  readonly random: Random;
  readonly isThrottle: (error: unknown) => boolean;
  readonly maxInFlight?: number;
  readonly maxAttempts?: number;
}

/**
 * Sends the calls of one operation, one after another at the controller's rate, never in bursts. A throttled call returns
 * to the back of the queue. A call that continues started work goes to the front. p-limit limits the calls in flight.
 */
export class PacedQueue {
  readonly #options: PacedQueueOptions;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #maxInFlight: number;
  readonly #recent: boolean[] = [];
  #queue: Waiting[] = [];
  #dispatching = false;
  #abandoned: Error | null = null;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | null = null;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #pausedAt = Number.NEGATIVE_INFINITY;
  #pausesWithoutEffect = 0;
  #withoutEffectSince = 0;
  #waitedMs = 0;
  #waitingSince: number | null = null;

  constructor(options: PacedQueueOptions) {
    this.#options = options;
    this.#maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT;
    this.#limit = pLimit(this.#maxInFlight);
  }

  /** Calls that wait to be sent. */
  get backlog(): number {
    return this.#queue.length;
  }

  get inFlight(): number {
    return this.#limit.activeCount + this.#limit.pendingCount;
  }

  /** Calls per second. */
  get rate(): number {
    return this.#options.controller.rate;
  }

  /** When the next call can be sent, in milliseconds since the epoch. Null if no call waits. */
  get nextAt(): number | null {
    return this.#queue.length === 0 ? null : this.#due();
  }

  /**
   * No call is sent before `time`, milliseconds since the epoch: the end of a gap that started in an earlier
   * invocation.
   */
  holdUntil(time: number): void {
    this.#heldUntil = time;
  }

  /** Milliseconds in which calls were waiting and were delayed by the rate, by a pause or by backoff. */
  get waitedMs(): number {
    return this.#waitedMs + (this.#waitingSince === null ? 0 : this.#options.clock.now() - this.#waitingSince);
  }

  /**
   * Whether other applications use almost all of the bucket: more than half of the last 50 answers were throttles, or
   * after each of several pauses all calls were throttled. Calls that were in flight together count once.
   */
  get heavilyThrottled(): boolean {
    const withoutEffectMs = this.#pausedAt - this.#withoutEffectSince;
    if (this.#pausesWithoutEffect >= PAUSES_WITHOUT_EFFECT && withoutEffectMs >= MS_WITHOUT_EFFECT) return true;
    return (
      this.#recent.length >= RECENT_ANSWERS && this.#recent.filter((throttled) => throttled).length > RECENT_ANSWERS / 2
    );
  }

  /**
   * @param order calls that continue started work are sent before calls that start new work. Otherwise much work would be
   *   started and none finished when the time is over
   * @returns what `send` resolves with
   * @throws AwsFault `Throttling` after 30 throttled attempts; the reason passed to `abandon`; any other error of `send` at once
   */
  call<T>(send: () => Promise<T>, order: Order = 'new'): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let attempts = 0;
      const waiting: Waiting = {
        notBefore: 0,
        throttle: null,
        reject,
        run: async () => {
          const sentAt = this.#options.clock.now();
          attempts += 1;
          try {
            const answer = await send();
            this.#answered(false, sentAt);
            resolve(answer);
          } catch (error: unknown) {
            this.#failed(error, sentAt, attempts, waiting, order);
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

  #failed(error: unknown, sentAt: number, attempts: number, waiting: Waiting, order: Order): void {
    if (!this.#options.isThrottle(error)) {
      // Any other error also means that the bucket accepted the call.
      this.#answered(false, sentAt);
      waiting.reject(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#answered(true, sentAt);
    const maxAttempts = this.#options.maxAttempts ?? MAX_ATTEMPTS;
    if (attempts >= maxAttempts) {
      waiting.reject(
        new AwsFault('throttled', 'Throttling', `AWS throttled the call ${attempts} times (Rate exceeded).`, {
          cause: error,
        }),
      );
      return;
    }
    waiting.throttle = new AwsFault('throttled', 'Throttling', `AWS throttled the call (Rate exceeded).`, {
      cause: error,
    });
    if (attempts > 1) {
      const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempts - 2));
      waiting.notBefore = this.#options.clock.now() + this.#options.random() * ceiling;
    }
    if (this.#abandoned !== null) {
      waiting.reject(waiting.throttle);
      return;
    }
    this.#enqueue(waiting, order);
  }

  #answered(throttled: boolean, sentAt: number): void {
    const now = this.#options.clock.now();
    if (throttled) {
      this.#options.controller.throttled(sentAt, now);
      if (sentAt > this.#pausedAt) {
        if (this.#pausesWithoutEffect === 0) this.#withoutEffectSince = now;
        this.#pausesWithoutEffect += 1;
        this.#pausedAt = now;
      }
    } else {
      this.#options.controller.accepted(sentAt, now);
      this.#pausesWithoutEffect = 0;
    }
    this.#recent.push(throttled);
    if (this.#recent.length > RECENT_ANSWERS) this.#recent.shift();
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
    const now = this.#options.clock.now();
    let earliest = Number.POSITIVE_INFINITY;
    for (const { notBefore } of this.#queue) {
      if (notBefore <= now) return now;
      earliest = Math.min(earliest, notBefore);
    }
    return earliest;
  }

  #endWait(): void {
    this.#waitedMs = this.waitedMs;
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
      const now = this.#options.clock.now();
      this.#options.controller.advance(now);
      // A clock that was set back does not delay calls.
      this.#lastSentAt = Math.min(this.#lastSentAt, now);
      const due = this.#due();
      if (due > now) {
        // Sleeps in short steps: a new call may be due before those that back off.
        const stepMs = Math.min(due - now, LONGEST_STEP_MS);
        this.#waitingSince = now;
        // If all calls back off, the rate is not used, just as without work.
        waitedFor = this.#allowedAt() > now ? 'pace' : 'work';
        await this.#options.clock.sleep(stepMs);
        this.#endWait();
        continue;
      }
      const ready = this.#queue.findIndex(({ notBefore }) => notBefore <= now);
      const [next] = this.#queue.splice(ready, 1);
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

import pLimit from 'p-limit';
import type { Clock, Random } from '../ports/clock.ts';
import { AwsFault } from '../ports/aws-fault.ts';
import type { RateController, WaitedFor } from './controller.ts';

/** Enough to keep a rate of 200 calls a second busy at 300 ms each; more would only hide a stall. */
const MAX_IN_FLIGHT = 64;
/** Where every second call is throttled, one in a billion needs more. */
const MAX_ATTEMPTS = 30;
/** From its second throttle on, a call waits: up to this, doubled each time, with full jitter. */
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 20_000;
const LONGEST_SLICE_MS = 1_000;
/** Answers over which the share of throttles is taken. */
const RECENT = 50;
/** A pause lets tokens come: where nobody else takes them, the next call is accepted. */
const FRUITLESS_PAUSES = 4;
/** Short pauses follow one another fast where the rate is still far too high: that is ours to mend, not to wait out. */
const FRUITLESS_MS = 15_000;

type Order = 'new' | 'continued';

interface Waiting {
  readonly run: () => Promise<void>;
  readonly reject: (reason: Error) => void;
  /** Milliseconds since the epoch. */
  notBefore: number;
  /** The last throttle that the call met. */
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
 * Sends the calls of one operation, one after another at the controller's pace, never in bursts. A throttled call
 * goes to the back of the queue, one that goes on with begun work to its front; p-limit bounds what is in flight.
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
  #fruitlessPauses = 0;
  #fruitlessSince = 0;
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

  /** When the next call can be sent, in milliseconds since the epoch; null where none waits. */
  get nextAt(): number | null {
    return this.#queue.length === 0 ? null : this.#due();
  }

  /** No call is sent before `time`, milliseconds since the epoch: a gap that an earlier invocation has begun. */
  holdUntil(time: number): void {
    this.#heldUntil = time;
  }

  /** Milliseconds that the queue has waited for its pace, or after throttles, while it had work. */
  get waitedMs(): number {
    return this.#waitedMs + (this.#waitingSince === null ? 0 : this.#options.clock.now() - this.#waitingSince);
  }

  /**
   * Whether somebody else needs the bucket: more than half of the last 50 answers were throttles, or each of several
   * pauses was followed by nothing but throttles. Calls that were in flight together count once.
   */
  get heavilyThrottled(): boolean {
    const fruitlessMs = this.#pausedAt - this.#fruitlessSince;
    if (this.#fruitlessPauses >= FRUITLESS_PAUSES && fruitlessMs >= FRUITLESS_MS) return true;
    return this.#recent.length >= RECENT && this.#recent.filter((throttled) => throttled).length > RECENT / 2;
  }

  /**
   * @param order what goes on with work that was begun is sent before what begins new work: else, when time runs
   *   out, much is begun and nothing finished
   * @returns what `send` resolves with
   * @throws AwsFault `Throttling` after 30 throttled attempts; the reason given to `abandon`; any other error of `send` at once
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

  /** Rejects everything that was not sent yet, and every later call. Calls in flight finish. */
  abandon(reason: Error): void {
    this.#abandoned = reason;
    this.#waited();
    const left = this.#queue;
    this.#queue = [];
    // Who was throttled was not just late.
    for (const { reject, throttle } of left) reject(throttle ?? reason);
    this.#wake?.();
  }

  #failed(error: unknown, sentAt: number, attempts: number, waiting: Waiting, order: Order): void {
    if (!this.#options.isThrottle(error)) {
      // Another fault is an answer too: the bucket let the call through.
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
        if (this.#fruitlessPauses === 0) this.#fruitlessSince = now;
        this.#fruitlessPauses += 1;
        this.#pausedAt = now;
      }
    } else {
      this.#options.controller.accepted(sentAt, now);
      this.#fruitlessPauses = 0;
    }
    this.#recent.push(throttled);
    if (this.#recent.length > RECENT) this.#recent.shift();
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
    return Math.max(this.#pacedAt(), this.#readyAt());
  }

  /** When the pace lets the next call out. */
  #pacedAt(): number {
    const { rate, pauseUntil } = this.#options.controller;
    return Math.max(this.#lastSentAt + 1000 / rate, pauseUntil, this.#heldUntil);
  }

  /** When the first of the calls that wait is through with its backoff. Mostly one is, and those behind it need no look. */
  #readyAt(): number {
    const now = this.#options.clock.now();
    let earliest = Number.POSITIVE_INFINITY;
    for (const { notBefore } of this.#queue) {
      if (notBefore <= now) return now;
      earliest = Math.min(earliest, notBefore);
    }
    return earliest;
  }

  #waited(): void {
    this.#waitedMs = this.waitedMs;
    this.#waitingSince = null;
  }

  /** Never rejects: every fault of a call goes to its caller. */
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
      // A clock that was set back must not hold the calls up.
      this.#lastSentAt = Math.min(this.#lastSentAt, now);
      const due = this.#due();
      if (due > now) {
        // In slices: a call that comes meanwhile may be due before those that back off.
        const slice = Math.min(due - now, LONGEST_SLICE_MS);
        this.#waitingSince = now;
        // Who only backs off leaves the pace unused, as who has no work.
        waitedFor = this.#pacedAt() > now ? 'pace' : 'work';
        await this.#options.clock.sleep(slice);
        this.#waited();
        continue;
      }
      const ready = this.#queue.findIndex(({ notBefore }) => notBefore <= now);
      const [next] = this.#queue.splice(ready, 1);
      if (next === undefined) continue;
      // Sending late is no reason to catch up: the gap after a late call is as long as any.
      this.#lastSentAt = now;
      this.#options.controller.sent(now, waitedFor);
      waitedFor = 'work';
      // When its place is free again: p-limit counts down only after the call has settled.
      void this.#limit(next.run).then(() => this.#wake?.());
    }
    this.#dispatching = false;
  }
}

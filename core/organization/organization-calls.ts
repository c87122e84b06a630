import { retryThrottled, type Backoff } from '../pacing/retry-throttled.ts';
import { AwsFault } from '../ports/aws-fault.ts';
import { PageMarkers } from '../ports/pages.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { OrganizationPage } from '../ports/organization-reader.ts';

/**
 * Pause between two calls of one operation: 4 calls a second. AWS does not publish the limit, and the whole organization
 * shares it.
 */
const INTERVAL_MS = 250;
/** All seven pauses together take 35 s on average. */
const BACKOFF: Backoff = { firstMs: 1_000, longestMs: 20_000, requests: 8 };
/** Time reserved for writing the plan afterwards, which takes a few seconds. */
const RESERVE_MS = 60_000;

export interface CallTiming {
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds until the function's timeout. */
  readonly remainingMs: () => number;
}

/** Sends calls one after another, those of each operation at a low rate, and repeats throttled calls after a pause. */
export class OrganizationCalls {
  /** Total time that calls have waited, in milliseconds, by `organizations:Operation`. */
  readonly waits = new Map<string, number>();
  readonly #nextAt = new Map<string, number>();

  constructor(private readonly timing: CallTiming) {}

  /** @throws AwsFault; its code is `OutOfTime` if the call could not be sent in time */
  async call<T>(operation: string, send: () => Promise<T>): Promise<T> {
    const { clock, random } = this.timing;
    await this.#wait(operation, (this.#nextAt.get(operation) ?? 0) - clock.now());
    const request = (): Promise<T> => {
      this.#nextAt.set(operation, clock.now() + INTERVAL_MS);
      return send();
    };
    const wait = (ms: number): Promise<void> => this.#wait(operation, ms);
    return retryThrottled(request, { name: `organizations:${operation}`, backoff: BACKOFF, clock, random, wait });
  }

  /** All pages of a list operation. @throws AwsFault */
  async list<T>(operation: string, page: (next: string | null) => Promise<OrganizationPage<T>>): Promise<T[]> {
    const all: T[] = [];
    const markers = new PageMarkers<string | null>(operation);
    let next: string | null = null;
    do {
      const token: string | null = next;
      const answer: OrganizationPage<T> = await this.call(operation, () => page(token));
      for (const item of answer.items) all.push(item);
      next = markers.next(answer.next);
    } while (next !== null);
    return all;
  }

  async #wait(operation: string, ms: number): Promise<void> {
    const pause = Math.max(0, ms);
    if (this.timing.remainingMs() - pause < RESERVE_MS) {
      throw new AwsFault('other', 'OutOfTime', `There was not enough time left for ${operation}.`);
    }
    if (pause === 0) return;
    this.waits.set(`organizations:${operation}`, (this.waits.get(`organizations:${operation}`) ?? 0) + pause);
    await this.timing.clock.sleep(pause);
  }
}

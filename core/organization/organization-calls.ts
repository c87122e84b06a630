import { AwsFault, isThrottle } from '../ports/aws-fault.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { OrganizationPage } from '../ports/organization-reader.ts';

/**
 * Pause between two calls of one operation: 4 calls a second. AWS does not publish the limit, and the whole organization
 * shares it.
 */
const INTERVAL_MS = 250;
/** Full jitter: each pause is a random time from zero to its maximum. All seven pauses together take 35 s on average. */
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 20_000;
const ATTEMPTS = 8;
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
    for (let attempt = 1; ; attempt += 1) {
      this.#nextAt.set(operation, clock.now() + INTERVAL_MS);
      try {
        return await send();
      } catch (error: unknown) {
        if (!isThrottle(error) || attempt === ATTEMPTS) throw error;
        await this.#wait(operation, random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1)));
      }
    }
  }

  /** All pages of a list operation. @throws AwsFault */
  async list<T>(operation: string, page: (next: string | null) => Promise<OrganizationPage<T>>): Promise<T[]> {
    const all: T[] = [];
    let next: string | null = null;
    do {
      const token: string | null = next;
      const answer: OrganizationPage<T> = await this.call(operation, () => page(token));
      for (const item of answer.items) all.push(item);
      next = answer.next;
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

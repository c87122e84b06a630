import { AwsFault, isThrottle } from '../ports/aws-fault.ts';
import type { Clock, Random } from '../ports/clock.ts';

/** How a throttled request is repeated. Times are in milliseconds. */
export interface Backoff {
  /** Maximum of the first wait. The maximum doubles with each throttle, up to `longestMs`. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** Every wait takes at least this long. Default: 0. */
  readonly leastMs?: number;
  /** After this many requests, the last throttle is the result. */
  readonly requests: number;
}

export interface RetryOptions {
  /** The request, as the fault names it, such as `organizations:ListRoots`. */
  readonly name: string;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly random: Random;
  /** Default: sleeps. A caller with a deadline can throw instead. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** A longer Retry-After ends the request: the user learns when to come back, instead of waiting without an answer. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/**
 * Repeats a request that AWS throttles, with exponential backoff and full jitter: each wait is a random time from zero
 * up to a maximum that doubles. So clients that were throttled together do not return together. If AWS says when to
 * return (Retry-After), that time is added to the wait. Other errors are not caught.
 * @throws AwsFault with AWS's code, that says how often and for how long the request was sent
 */
export async function retryThrottled<T>(request: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { name, backoff, clock, random, wait = (ms) => clock.sleep(ms) } = options;
  const { leastMs = 0 } = backoff;
  const startedAt = clock.now();
  for (let sent = 1; ; sent += 1) {
    try {
      return await request();
    } catch (error: unknown) {
      if (!(error instanceof AwsFault) || !isThrottle(error)) throw error;
      const { retryAfterMs } = error;
      if (sent >= backoff.requests || retryAfterMs > LONGEST_RETRY_AFTER_MS) {
        throw stillThrottled(name, sent, clock.now() - startedAt, error);
      }
      await wait(Math.max(leastMs, retryAfterMs) + jitterMs(backoff, sent - 1, random));
    }
  }
}

/**
 * Full jitter: a random time from zero up to a maximum that doubles, in milliseconds.
 * @param earlier throttles in a row before this one
 */
export const jitterMs = (
  { firstMs, longestMs }: Pick<Backoff, 'firstMs' | 'longestMs'>,
  earlier: number,
  random: Random,
): number => random() * Math.min(longestMs, firstMs * 2 ** earlier);

function stillThrottled(name: string, sent: number, ms: number, cause: AwsFault): AwsFault {
  const { code, message, retryAfterMs } = cause;
  const requests = sent === 1 ? '' : `, ${sent} requests in ${Math.round(ms / 1_000)} s`;
  const later = retryAfterMs > 0 ? ` AWS asks to wait ${Math.ceil(retryAfterMs / 1_000)} s.` : '';
  return new AwsFault('throttled', code, `AWS throttled ${name}${requests} (${message}).${later}`, {
    cause,
    retryAfterMs,
  });
}

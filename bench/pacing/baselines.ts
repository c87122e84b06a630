import { AdaptiveRetryStrategy, DefaultRateLimiter, StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, RetryStrategyV2 } from '@smithy/types';
import pLimit from 'p-limit';
import type { Clock } from '../../core/ports/clock.ts';
import type { RateController } from '../../core/pacing/controller/rate-controller.ts';
import { isThrottle, queueOn } from './paced-calls.ts';
import type { Simulation } from './simulation.ts';

/** Sends this many calls. @returns how many calls were lost */
export type Baseline = (simulation: Simulation, calls: number) => Promise<number>;

/** Calls in flight at most. */
const CONNECTIONS = 10;

async function countLost(
  simulation: Simulation,
  calls: number,
  send: (call: () => Promise<void>) => Promise<void>,
): Promise<number> {
  const results = await Promise.allSettled(Array.from({ length: calls }, () => send(simulation.newCall())));
  return results.filter(({ status }) => status === 'rejected').length;
}

/** All calls at once. Each backs off exponentially with full jitter (base 1 s, cap 20 s), with up to 10 attempts. */
const allAtOnce: Baseline = (simulation, calls) =>
  countLost(simulation, calls, async (call) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await call();
        return;
      } catch (error: unknown) {
        if (!isThrottle(error) || attempt === 10) throw error;
        await simulation.clock.sleep(simulation.random() * Math.min(20_000, 1_000 * 2 ** (attempt - 1)));
      }
    }
  });

/**
 * The SDK's retry strategies use the global timer and random numbers. While they run, the virtual clock and the
 * simulation's random numbers replace them.
 */
export async function onVirtualTime<T>({ clock, random }: Simulation, work: () => Promise<T>): Promise<T> {
  const timer = Object.getOwnPropertyDescriptor(globalThis, 'setTimeout');
  if (timer === undefined) throw new Error('There is no setTimeout.');
  const globalRandom = Math.random;
  const sleep = (wake: () => void, ms: number): void => {
    // Rounded up to whole milliseconds: a wait that is too short to move the clock would never end.
    void clock.sleep(Math.max(1, Math.ceil(ms))).then(wake);
  };
  Object.defineProperty(globalThis, 'setTimeout', { ...timer, value: sleep });
  Math.random = random;
  try {
    return await work();
  } finally {
    Object.defineProperty(globalThis, 'setTimeout', timer);
    Math.random = globalRandom;
  }
}

/** Uses a strategy as the SDK's retry middleware does. */
async function withStrategy(strategy: RetryStrategyV2, call: () => Promise<void>): Promise<void> {
  let token = await strategy.acquireInitialRetryToken('');
  for (;;) {
    try {
      await call();
      strategy.recordSuccess(token);
      return;
    } catch (error: unknown) {
      if (!isThrottle(error)) throw error;
      const info: RetryErrorInfo = { errorType: 'THROTTLING' };
      try {
        token = await strategy.refreshRetryTokenForRetry(token, info);
      } catch {
        // The strategy allows no further attempt, so the call is lost with its own error.
        throw error;
      }
    }
  }
}

const standard: Baseline = (simulation, calls) => {
  const limit = pLimit(CONNECTIONS);
  const strategy = new StandardRetryStrategy(3);
  return onVirtualTime(simulation, () =>
    countLost(simulation, calls, (call) => limit(() => withStrategy(strategy, call))),
  );
};

/** The SDK's rate limiter on the virtual clock. */
class VirtualRateLimiter extends DefaultRateLimiter {
  constructor(clock: Clock) {
    super();
    const now = (): number => clock.now() / 1000;
    // The constructor has read the real clock already.
    Object.assign(this, { getCurrentTimeInSeconds: now, lastThrottleTime: now(), lastTxRateBucket: Math.floor(now()) });
  }
}

/** Sends calls as one SDK client in adaptive mode. All its operations share one rate limiter. */
export function adaptiveClient({ clock }: Simulation): (call: () => Promise<void>) => Promise<void> {
  const limit = pLimit(CONNECTIONS);
  const strategy = new AdaptiveRetryStrategy(10, { rateLimiter: new VirtualRateLimiter(clock) });
  return (call) => limit(() => withStrategy(strategy, call));
}

const adaptive: Baseline = (simulation, calls) =>
  onVirtualTime(simulation, () => countLost(simulation, calls, adaptiveClient(simulation)));

/** A configured, constant rate. @param factor its ratio to the bucket's rate */
const fixed =
  (factor: number): Baseline =>
  (simulation, calls) => {
    const rate = factor * simulation.settings.limit.rate;
    const controller: RateController = {
      rate,
      pauseUntil: 0,
      advance: () => undefined,
      sent: () => undefined,
      accepted: () => undefined,
      throttled: () => undefined,
    };
    return queued(simulation, calls, controller);
  };

/**
 * Textbook AIMD: the rate grows by one call per second each second, and is halved after a throttle, once per round
 * trip.
 */
export function aimdController(): RateController {
  let rate = 2;
  let decreasedAt = Number.NEGATIVE_INFINITY;
  let advancedAt = 0;
  return {
    get rate() {
      return rate;
    },
    pauseUntil: 0,
    advance: (now) => {
      rate += (now - advancedAt) / 1000;
      advancedAt = now;
    },
    sent: () => undefined,
    accepted: () => undefined,
    throttled: (sentAt, now) => {
      if (sentAt <= decreasedAt) return;
      rate = Math.max(0.5, rate / 2);
      decreasedAt = now;
    },
  };
}

const aimd: Baseline = (simulation, calls) => queued(simulation, calls, aimdController());

function queued(simulation: Simulation, calls: number, controller: RateController): Promise<number> {
  const queue = queueOn(simulation, controller);
  return countLost(simulation, calls, (call) => queue.call(call));
}

export const baselines = {
  'all-at-once': allAtOnce,
  'sdk-standard': standard,
  'sdk-adaptive': adaptive,
  'fixed-right': fixed(1),
  'fixed-doubled': fixed(2),
  'fixed-half': fixed(0.5),
  aimd,
} satisfies Record<string, Baseline>;

import type { Random } from '../../core/ports/clock.ts';
import type { Retrier } from './definition.ts';
import { ExecutionAborted, matchesFault, taskFault, type StateFault } from './faults.ts';
import type { LoadedCatcher } from './loaded-state.ts';

export interface RetryOptions<T> {
  readonly work: (retryCount: number) => Promise<T>;
  readonly retriers: readonly Retrier[];
  readonly catchers: readonly LoadedCatcher[];
  readonly random: Random;
  /** Waits before the next attempt. */
  readonly onRetry: (fault: StateFault, delayMs: number) => Promise<void>;
  /** @param retryCount number of retries made before the Catch */
  readonly onCatch: (fault: StateFault, catcher: LoadedCatcher, retryCount: number) => Promise<T>;
}

/** Runs a state's work with its Retry and Catch. Each retrier counts its own retries. @throws StateFault */
export async function runWithRetries<T>(options: RetryOptions<T>): Promise<T> {
  const used = new Map<Retrier, number>();
  for (let retryCount = 0; ; retryCount += 1) {
    try {
      return await options.work(retryCount);
    } catch (error: unknown) {
      if (error instanceof ExecutionAborted) throw error;
      const fault = taskFault(error);
      const retrier = options.retriers.find(({ ErrorEquals }) => matchesFault(ErrorEquals, fault));
      const retries = retrier === undefined ? 0 : (used.get(retrier) ?? 0);
      if (retrier !== undefined && retries < retrier.MaxAttempts) {
        used.set(retrier, retries + 1);
        await options.onRetry(fault, retryDelayMs(retrier, retries, options.random));
        continue;
      }
      const catcher = options.catchers.find(({ errorEquals }) => matchesFault(errorEquals, fault));
      if (catcher === undefined) throw fault;
      return options.onCatch(fault, catcher, retryCount);
    }
  }
}

/**
 * IntervalSeconds × BackoffRate^retries, at most MaxDelaySeconds. Full jitter draws a delay from zero up to that value.
 */
export function retryDelayMs(retrier: Retrier, retries: number, random: Random): number {
  const backoff = retrier.IntervalSeconds * retrier.BackoffRate ** retries;
  const seconds = Math.min(backoff, retrier.MaxDelaySeconds ?? backoff);
  return 1000 * seconds * (retrier.JitterStrategy === 'FULL' ? random() : 1);
}

import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { StateFault } from './faults.ts';

/** Iterations at once, where MaxConcurrency allows more (Step Functions Developer Guide, "Map workflow state"). */
const MAX_ITERATIONS_AT_ONCE = { INLINE: 40, DISTRIBUTED: 10_000 } as const;

export interface Iterations {
  readonly mode: 'INLINE' | 'DISTRIBUTED';
  readonly items: readonly unknown[];
  /** 0: as many as Step Functions runs at once. */
  readonly maxConcurrency: number;
  /** Percentage of items that may fail. */
  readonly tolerated: number;
  /** Stops the execution. */
  readonly signal?: AbortSignal;
  /** Runs one iteration until it ends or the signal stops it. */
  readonly iterate: (value: unknown, index: number, signal: AbortSignal) => Promise<unknown>;
  readonly onTolerated: (fault: StateFault) => void;
}

/**
 * Runs a Map's iterations, and gives their results in the order of the items. One failure too many stops those that
 * run; a task that was called is awaited. A tolerated child's place holds its status, as was seen on Step Functions.
 * @throws StateFault, ExecutionAborted
 */
export async function runIterations(options: Iterations): Promise<unknown[]> {
  const { mode, items, maxConcurrency, tolerated, signal, iterate, onTolerated } = options;
  const most = MAX_ITERATIONS_AT_ONCE[mode];
  const limit = pLimit(maxConcurrency === 0 ? most : Math.min(maxConcurrency, most));
  const stopped = new AbortController();
  const ended = signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal]);
  // Each iteration that waits listens to it.
  setMaxListeners(0, ended);
  const stop: { reason: Error | null } = { reason: null };
  const isStopped = (): boolean => stop.reason !== null;
  let failures = 0;

  const run = async (value: unknown, index: number): Promise<unknown> => {
    if (isStopped()) return null;
    try {
      return await iterate(value, index, ended);
    } catch (error: unknown) {
      // Whatever stopped the others comes first.
      if (isStopped()) return null;
      failures += 1;
      if (error instanceof StateFault && mode === 'DISTRIBUTED' && (failures * 100) / items.length <= tolerated) {
        onTolerated(error);
        return { Status: 'FAILED', Error: error.error, Cause: error.reason };
      }
      stop.reason = error instanceof Error ? error : new Error(String(error));
      stopped.abort();
      return null;
    }
  };

  const results = await Promise.all(items.map((value, index) => limit(() => run(value, index))));
  if (stop.reason === null) return results;
  if (mode === 'INLINE' || !(stop.reason instanceof StateFault)) throw stop.reason;
  throw new StateFault(
    'States.ExceedToleratedFailureThreshold',
    `${failures} of ${items.length} items failed: ${stop.reason.message}`,
  );
}

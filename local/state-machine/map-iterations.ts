import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { StateFault } from './faults.ts';

/**
 * Maximum number of concurrent iterations, even if MaxConcurrency is larger (Step Functions Developer Guide, "Map
 * workflow state").
 */
const MAX_ITERATIONS_AT_ONCE = { INLINE: 40, DISTRIBUTED: 10_000 } as const;

export interface Iterations {
  readonly mode: 'INLINE' | 'DISTRIBUTED';
  readonly items: readonly unknown[];
  /** 0: the maximum that Step Functions allows. */
  readonly maxConcurrency: number;
  /** Percentage of items that may fail without failing the Map. */
  readonly tolerated: number;
  /** Stops the execution. */
  readonly signal?: AbortSignal;
  /** Runs one iteration until it ends or the signal stops it. */
  readonly iterate: (value: unknown, index: number, signal: AbortSignal) => Promise<unknown>;
  readonly onTolerated: (fault: StateFault) => void;
}

/**
 * Runs a Map's iterations, and gives their results in the order of the items. When more items fail than are tolerated,
 * it stops the running iterations, but waits for the tasks that were called. The result of a tolerated failure is its
 * status, as observed in Step Functions.
 * @throws StateFault, ExecutionAborted
 */
export async function runIterations(options: Iterations): Promise<unknown[]> {
  const { mode, items, maxConcurrency, tolerated, signal, iterate, onTolerated } = options;
  const maximum = MAX_ITERATIONS_AT_ONCE[mode];
  const limit = pLimit(maxConcurrency === 0 ? maximum : Math.min(maxConcurrency, maximum));
  const stopController = new AbortController();
  const anyStop = signal === undefined ? stopController.signal : AbortSignal.any([signal, stopController.signal]);
  // Each waiting iteration adds a listener.
  setMaxListeners(0, anyStop);
  const firstError: { reason: Error | null } = { reason: null };
  const isStopped = (): boolean => firstError.reason !== null;
  let failures = 0;

  const run = async (value: unknown, index: number): Promise<unknown> => {
    if (isStopped()) return null;
    try {
      return await iterate(value, index, anyStop);
    } catch (error: unknown) {
      // The first error that stopped the Map is the one to report.
      if (isStopped()) return null;
      failures += 1;
      if (error instanceof StateFault && mode === 'DISTRIBUTED' && (failures * 100) / items.length <= tolerated) {
        onTolerated(error);
        return { Status: 'FAILED', Error: error.error, Cause: error.reason };
      }
      firstError.reason = error instanceof Error ? error : new Error(String(error));
      stopController.abort();
      return null;
    }
  };

  const results = await Promise.all(items.map((value, index) => limit(() => run(value, index))));
  if (firstError.reason === null) return results;
  if (mode === 'INLINE' || !(firstError.reason instanceof StateFault)) throw firstError.reason;
  throw new StateFault(
    'States.ExceedToleratedFailureThreshold',
    `${failures} of ${items.length} items failed: ${firstError.reason.message}`,
  );
}

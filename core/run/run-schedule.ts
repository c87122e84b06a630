import type { ExecutionInput } from '../contract/execution-input.ts';
import type { LambdaLimit } from '../contract/run.ts';
import type { RunExtent } from './start-times.ts';

/**
 * Accounts that share a bucket are audited this many at a time: one sends the calls of its batches, one waits for its last
 * reports, one is inventoried and one waits for its turn.
 */
const SHARED_AT_ONCE = 4;

export interface RunSchedule {
  readonly extent: RunExtent;
  /** Null if the limit of AWS Lambda does not lower the number of accounts audited at once. */
  readonly lambdaLimit: LambdaLimit | null;
}

/**
 * How many accounts are audited at once, and over which window.
 * @param sharedBucket whether accounts share a token bucket; null if this is not known
 * @param concurrency how many accounts the settings and AWS Lambda allow at once
 */
export function scheduleOf(
  accounts: number,
  { spreadOverMinutes = 0 }: ExecutionInput,
  sharedBucket: { readonly shared: boolean } | null,
  concurrency: { readonly accountsAtOnce: number; readonly lambdaLimit: LambdaLimit | null },
): RunSchedule {
  const spreadMs = spreadOverMinutes * 60_000;
  const isShared = sharedBucket?.shared === true;
  // In a window each account has its own part of the time, and the bucket need not be busy.
  const wanted = !isShared ? concurrency.accountsAtOnce : spreadMs > 0 ? 1 : SHARED_AT_ONCE;
  const accountsAtOnce = Math.min(wanted, concurrency.accountsAtOnce);
  return {
    extent: { accounts, accountsAtOnce, spreadMs, firstAlone: sharedBucket === null, isShared },
    // The limit of AWS Lambda changes nothing if a shared bucket allows no more accounts at once anyway.
    lambdaLimit: isShared && accountsAtOnce === wanted ? null : concurrency.lambdaLimit,
  };
}

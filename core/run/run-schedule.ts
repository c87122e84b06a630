import type { ExecutionInput } from '../contract/execution-input.ts';
import type { LambdaLimit } from '../contract/run.ts';
import type { RunExtent } from './start-times.ts';

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
  const isShared = sharedBucket?.shared === true;
  return {
    extent: {
      accounts,
      // Accounts that share a bucket and run concurrently need 50 % more time than one after another.
      accountsAtOnce: isShared ? 1 : concurrency.accountsAtOnce,
      spreadMs: spreadOverMinutes * 60_000,
      firstAlone: sharedBucket === null,
    },
    // Accounts that share a bucket are audited one after another, whatever the limit of AWS Lambda is.
    lambdaLimit: isShared ? null : concurrency.lambdaLimit,
  };
}

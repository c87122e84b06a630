import type { Limit } from '../../local/emulated-aws/token-bucket.ts';

export interface Scenario {
  readonly name: string;
  readonly accounts: number;
  /** In each account. */
  readonly principals: number;
  /** Whether the makespan of its batches has a bound: a small account's is slow start and tail. */
  readonly bounded?: true;
}

/** Of each operation in each account. */
export const LIMIT: Limit = { rate: 10, size: 50 };

/** An account holds 5,000 users and some thousand roles: a hundred thousand principals are an organization's. */
export const scenarios: readonly Scenario[] = [
  { name: 'thousand-accounts', accounts: 1_000, principals: 100 },
  { name: 'one-account', accounts: 1, principals: 5_000, bounded: true },
  { name: '100', accounts: 1, principals: 100 },
  { name: '1000', accounts: 1, principals: 1_000 },
  { name: '10000', accounts: 1, principals: 10_000 },
  { name: '100000', accounts: 10, principals: 10_000 },
];

/** Makespan of an account's batches over the time in which its slowest operation's bucket allows its calls. */
export const MAKESPAN_BOUND = 1.1;
/** Sizes whose use of time and memory is compared. */
export const SMALL = '1000';
export const LARGE = '100000';
/** How often the processor time of a principal of the small one a principal of the large one may take. */
export const TIME_BOUND = 2;
/**
 * Bytes of heap that a further principal may take between the two: some 1,700 are the inventories of ten accounts that
 * are summarised at once, and the emulated AWS's list of jobs. Who kept records (3 KB of JSON each) would break it.
 */
export const MEMORY_BOUND = 3_000;

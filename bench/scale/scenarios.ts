import type { Limit } from '../../local/emulated-aws/token-bucket.ts';

export interface Scenario {
  readonly name: string;
  readonly accounts: number;
  /** Number in each account. */
  readonly principals: number;
  /** Set if the makespan of its batches has a bound. In a small account most of the makespan is slow start and tail. */
  readonly bounded?: true;
  /** Default: `LIMIT`. */
  readonly limit?: Limit;
  /** The account whose buckets the calls use, if the whole run has a bound. */
  readonly organization?: 'member' | 'caller';
}

/** The token bucket of each operation in each account. */
export const LIMIT: Limit = { rate: 10, size: 50 };

/** An account has at most 5,000 users and some thousand roles, so 100,000 principals need an organization. */
export const scenarios: readonly Scenario[] = [
  { name: 'thousand-accounts', accounts: 1_000, principals: 100 },
  // Each account's own bucket, at a lower rate: at 10 calls a second, an account of this size takes 5 s.
  { name: 'members-pay', accounts: 1_000, principals: 100, limit: { rate: 2, size: 10 }, organization: 'member' },
  { name: 'hub-pays', accounts: 1_000, principals: 100, organization: 'caller' },
  { name: 'one-account', accounts: 1, principals: 5_000, bounded: true },
  { name: '100', accounts: 1, principals: 100 },
  { name: '1000', accounts: 1, principals: 1_000 },
  { name: '10000', accounts: 1, principals: 10_000 },
  { name: '100000', accounts: 10, principals: 10_000 },
];

/** Makespan of an account's batches, divided by the time that the bucket of its slowest operation needs. */
export const MAKESPAN_BOUND = 1.1;
/** Time of a run over an organization, divided by the time that the buckets of the slowest operation need. */
export const ORGANIZATION_BOUND = 1.25;
/** The two sizes that are compared by time and memory. */
export const SMALL = '1000';
export const LARGE = '100000';
/** Processor time per principal in the large scenario, divided by the one in the small scenario. */
export const TIME_BOUND = 2;
/**
 * Bytes of heap for each further principal between the two sizes. About 1,700 are used by the inventories of ten accounts
 * that are summarised at once and by the emulated AWS's list of jobs. Keeping records (3 KB of JSON each) would exceed it.
 */
export const MEMORY_BOUND = 3_000;

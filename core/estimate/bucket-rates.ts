import { READ, REQUEST, SIMULATE } from '../evidence/attempt-limits.ts';
import { objects } from '../contract/objects.ts';
import type { BucketRate } from '../contract/answers/estimate.ts';
import { isOld, type PaceMemory } from '../pacing/pace-memory.ts';
import { readPace, recentSharedBucketResult } from '../pacing/stored-pace.ts';
import type { Services } from '../ports/services.ts';
import { assumed } from './assumptions.ts';

/** The operations that are called for each principal. The others need too few calls to be limited. */
export const pacedOperations = [REQUEST, READ, SIMULATE] as const;

/** The limits that the calls of an account meet. */
export interface BucketRates {
  readonly rates: readonly BucketRate[];
  /** Whether all accounts of the run use the same buckets. */
  readonly isShared: boolean;
  /** Milliseconds until a report is ready, as an earlier run measured it. Null: none did. */
  readonly reportReadyMs: number | null;
}

/**
 * The rate of each operation's bucket: the given one, otherwise the one that an earlier run measured, otherwise the assumed
 * one.
 * @param given calls per second; null if none is given
 * @throws StoreError
 */
export async function bucketRates(
  services: Pick<Services, 'store' | 'warn' | 'clock'>,
  accountId: string,
  given: number | null,
): Promise<BucketRates> {
  const now = services.clock.now();
  const hub = (await readPace(services, objects.hubPace)).memory;
  const isShared = recentSharedBucketResult(hub, now)?.shared === true;
  const own = (await readPace(services, objects.pace(accountId))).memory;
  const memory = isShared ? hub : own;
  return {
    isShared,
    rates: pacedOperations.map((operation) => rateOf(operation, memory, given, now)),
    reportReadyMs: own?.reportReadyMs ?? null,
  };
}

function rateOf(operation: string, memory: PaceMemory | null, given: number | null, now: number): BucketRate {
  if (given !== null) return { operation, perSecond: given, source: 'given', measuredAt: null };
  const measured = learnedOf(memory, operation, now);
  // Reads follow the requests, so a run may have measured a rate for them that they never had to exceed.
  const requests = operation === READ ? learnedOf(memory, REQUEST, now) : null;
  const best = requests !== null && requests.perSecond > (measured?.perSecond ?? 0) ? requests : measured;
  return best === null
    ? { operation, perSecond: assumed.callsPerSecond, source: 'assumed', measuredAt: null }
    : { operation, perSecond: best.perSecond, source: 'remembered', measuredAt: best.at };
}

function learnedOf(
  memory: PaceMemory | null,
  operation: string,
  now: number,
): { perSecond: number; at: string } | null {
  const learned = memory?.operations[operation]?.learned ?? null;
  return learned === null || isOld(learned.at, now) ? null : learned;
}

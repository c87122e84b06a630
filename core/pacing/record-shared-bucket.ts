import pLimit from 'p-limit';
import { objects } from '../contract/objects.ts';
import type { PaceMemory } from './pace-memory.ts';
import { detectSharedBucket, type FirstCalls, type SharedBucketResult } from './shared-bucket.ts';
import { readPace, recentSharedBucketResult, writePace } from './stored-pace.ts';
import type { Services } from '../ports/services.ts';
import { READS_AT_ONCE } from '../ports/store.ts';

/**
 * Looks in what a run's accounts learned whether they share a bucket, and remembers it for the next run.
 * @returns what is known of it, from this run or an earlier one; null where nothing is
 * @throws StoreError
 */
export async function recordSharedBucket(
  services: Services,
  runId: string,
  accountIds: readonly string[],
): Promise<SharedBucketResult | null> {
  const { store, clock } = services;
  const now = clock.now();
  const hub = await readPace(services, objects.hubPace);
  const known = recentSharedBucketResult(hub.memory, now);
  // Audited one after another they show nothing new. The finding grows old, and a later run looks again.
  if (known?.shared === true || accountIds.length < 2) return known;
  const paces = await pacesOf(services, runId, accountIds);
  const found = detectSharedBucket(paces.flatMap(firstCallsOf), now);
  if (found === null) return known;
  const updatedAt = new Date(now).toISOString();
  const operations = found.shared ? hubPace(paces) : {};
  const memory: PaceMemory = { schemaVersion: 2, runId, updatedAt, operations, sharing: found };
  await writePace(store, objects.hubPace, memory);
  return found;
}

/** The paces that this run has left: an account that was not begun has another run's. */
async function pacesOf(services: Services, runId: string, accountIds: readonly string[]): Promise<PaceMemory[]> {
  const limit = pLimit(READS_AT_ONCE);
  const read = await Promise.all(
    accountIds.map((accountId) => limit(() => readPace(services, objects.pace(accountId)))),
  );
  return read.flatMap(({ memory }) => (memory?.runId === runId ? [memory] : []));
}

function firstCallsOf({ operations }: PaceMemory): FirstCalls[] {
  return Object.entries(operations).flatMap(([operation, { state }]) => {
    const ramp = state?.drained ?? state?.ramp ?? null;
    if (state === null || ramp === null || state.startedAt === null) return [];
    const { from, doubleMs } = ramp;
    const throttledAt = state.drained?.at ?? null;
    return [{ operation, from, doubleMs, startedAt: state.startedAt, accepted: state.rampAccepted, throttledAt }];
  });
}

/** Where the accounts share a bucket, the most that one of them was left is the nearest to what it gives. */
function hubPace(paces: readonly PaceMemory[]): PaceMemory['operations'] {
  const operations: PaceMemory['operations'] = {};
  for (const pace of paces) {
    for (const [operation, { learned }] of Object.entries(pace.operations)) {
      const best = operations[operation]?.learned ?? null;
      if (best !== null && (learned === null || learned.perSecond <= best.perSecond)) continue;
      operations[operation] = { learned, state: null };
    }
  }
  return operations;
}

import pLimit from 'p-limit';
import { objects } from '../contract/objects.ts';
import type { PaceMemory } from './pace-memory.ts';
import { detectSharedBucket, type FirstCalls, type SharedBucketResult } from './shared-bucket.ts';
import { readPace, recentSharedBucketResult, writePace } from './stored-pace.ts';
import type { Services } from '../ports/services.ts';
import { READS_AT_ONCE } from '../ports/store.ts';

/**
 * Detects from the paces of a run's accounts whether they share a bucket, and stores the result for the next run.
 * @returns the result of this run or of an earlier one; null if there is none
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
  const storedResult = recentSharedBucketResult(hub.memory, now);
  // Accounts whose batches take turns give no new evidence. When the result is too old, a later run detects
  // it again.
  if (storedResult?.shared === true || accountIds.length < 2) return storedResult;
  const paces = await pacesOf(services, runId, accountIds);
  const detected = detectSharedBucket(paces.flatMap(firstCallsOf), now);
  if (detected === null) return storedResult;
  const updatedAt = new Date(now).toISOString();
  const operations = detected.shared ? hubPace(paces) : {};
  const memory: PaceMemory = { schemaVersion: 3, runId, updatedAt, operations, sharing: detected };
  await writePace(store, objects.hubPace, memory);
  return detected;
}

/** The paces that this run has stored. An account that was not started still has the pace of another run. */
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

/**
 * The rate of a shared bucket is at least the highest rate that one account learned. If accounts used it at the same time, it
 * is about the sum of the others' rates. They may have learned them at different times, so the sum counts up to twice the
 * highest rate: a remembered rate that is twice the right one costs a few throttles, and one that is too low costs minutes.
 * A rate that only one of them learned is no rate of the bucket: the next run starts without memory.
 */
function hubPace(paces: readonly PaceMemory[]): PaceMemory['operations'] {
  const operations: PaceMemory['operations'] = {};
  for (const operation of new Set(paces.flatMap((pace) => Object.keys(pace.operations)))) {
    const learned = paces
      .flatMap((pace) => pace.operations[operation]?.learned ?? [])
      .sort((one, other) => other.perSecond - one.perSecond);
    const [best, ...others] = learned;
    const sum = others.reduce((rates, { perSecond }) => rates + perSecond, 0);
    operations[operation] = {
      learned:
        best === undefined ? null : { ...best, perSecond: Math.min(2 * best.perSecond, Math.max(best.perSecond, sum)) },
      state: null,
    };
  }
  return operations;
}

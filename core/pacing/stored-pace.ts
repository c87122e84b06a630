import { objects } from '../contract/objects.ts';
import type { Services } from '../ports/services.ts';
import { DamagedObject, type ObjectStore, type WriteCondition } from '../ports/store.ts';
import { readObject } from '../ports/stored-objects.ts';
import { isOld, StoredPaceMemory, type PaceMemory } from './pace-memory.ts';
import type { SharedBucketResult } from './shared-bucket.ts';

export interface StoredPace {
  /** Null if there is no stored pace, or if it is damaged. */
  readonly memory: PaceMemory | null;
  /** The version that was read. Null if there is no object. */
  readonly etag: string | null;
}

/** Reads a stored pace. A damaged one is ignored with a warning, and the next write replaces it. @throws StoreError */
export async function readPace({ store, warn }: Pick<Services, 'store' | 'warn'>, key: string): Promise<StoredPace> {
  try {
    const stored = await readObject(store, key, StoredPaceMemory);
    return { memory: stored?.value ?? null, etag: stored?.etag ?? null };
  } catch (error: unknown) {
    if (!(error instanceof DamagedObject)) throw error;
    warn(`${error.message} The pace starts without what earlier runs learned.`, error);
    return { memory: null, etag: error.etag };
  }
}

/** @returns the version that was written @throws PreconditionFailed, StoreError */
export const writePace = (
  store: ObjectStore,
  key: string,
  memory: PaceMemory,
  condition?: WriteCondition,
): Promise<string> => store.write(key, `${JSON.stringify(memory, null, 2)}\n`, condition);

/**
 * Whether accounts share a bucket. Null if no result is stored or it is too old. @param now milliseconds since the
 * epoch
 */
export function recentSharedBucketResult(hub: PaceMemory | null, now: number): SharedBucketResult | null {
  const sharing = hub?.sharing;
  return sharing === undefined || isOld(sharing.foundAt, now) ? null : sharing;
}

/** Whether accounts share a token bucket, as far as an earlier run found out. @throws StoreError */
export async function readSharedBucket(
  services: Pick<Services, 'store' | 'warn' | 'clock'>,
): Promise<SharedBucketResult | null> {
  return recentSharedBucketResult((await readPace(services, objects.hubPace)).memory, services.clock.now());
}

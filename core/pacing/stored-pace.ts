import { objects } from '../contract/objects.ts';
import type { Services } from '../ports/services.ts';
import type { ObjectStore, WriteCondition } from '../ports/store.ts';
import { isOld, parsePaceMemory, type PaceMemory } from './pace-memory.ts';
import type { SharingFinding } from './shared-bucket.ts';

export interface StoredPace {
  /** Null where there is none, or none that can be used. */
  readonly memory: PaceMemory | null;
  /** Names the version that was read; null where there is no object. */
  readonly etag: string | null;
}

/** Reads a pace. One that is damaged is ignored with a warning, and overwritten by the next. @throws StoreError */
export async function readPace({ store, warn }: Pick<Services, 'store' | 'warn'>, key: string): Promise<StoredPace> {
  const stored = await store.read(key);
  if (stored === null) return { memory: null, etag: null };
  const { memory, warning } = parsePaceMemory(stored.text);
  if (warning !== null) warn(`${key}: ${warning}`);
  return { memory, etag: stored.etag };
}

/** @returns the version that was written @throws PreconditionFailed, StoreError */
export const writePace = (
  store: ObjectStore,
  key: string,
  memory: PaceMemory,
  condition?: WriteCondition,
): Promise<string> => store.write(key, `${JSON.stringify(memory, null, 2)}\n`, condition);

/** What is known of accounts sharing a bucket; null where nothing is, or too long ago. @param now milliseconds since the epoch */
export function sharingInForce(hub: PaceMemory | null, now: number): SharingFinding | null {
  const sharing = hub?.sharing;
  return sharing === undefined || isOld(sharing.foundAt, now) ? null : sharing;
}

/** Whether accounts share a token bucket, as far as an earlier run found out. @throws StoreError */
export async function readSharedBucket(
  services: Pick<Services, 'store' | 'warn' | 'clock'>,
): Promise<SharingFinding | null> {
  return sharingInForce((await readPace(services, objects.hubPace)).memory, services.clock.now());
}

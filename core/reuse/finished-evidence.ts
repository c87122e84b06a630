import { CarriedLine, UncarriedLine, type PartKind } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import { batchEntries, partOf, type BatchPart } from '../evidence/batch-lines.ts';
import type { DamagedObject, ObjectStore } from '../ports/store.ts';
import { readObjectLines, unlessDamaged, untilDamage } from '../ports/stored-objects.ts';
import { batchNumbers } from '../objects/batch-numbers.ts';
import { recordsOf } from '../objects/stored-runs.ts';
import { validLines } from '../objects/valid-lines.ts';

/**
 * The COMPLETE parts that an earlier run found for an account's principals. They are read from its records. If the run
 * was interrupted before it wrote records, they are read from its carried evidence and its batches. Each part says from
 * which run it comes. Parts that must not be carried over are left out. What can't be read is left out too.
 * @param onDamage called for each object that is damaged
 */
export async function* finishedEvidence(
  store: ObjectStore,
  runId: string,
  accountId: string,
  onDamage: (damage: DamagedObject) => void,
): AsyncGenerator<CarriedLine> {
  if (await store.exists(objects.principals(runId, accountId))) {
    const uncarried = await unlessDamaged(() => uncarriedParts(store, runId, accountId), null, onDamage);
    // Without it, a part that must not be carried could be.
    if (uncarried === null) return;
    for await (const record of untilDamage(recordsOf(store, runId, accountId), onDamage)) {
      const { arn, lastAccessed, permissions } = finishedParts(runId, record);
      const isLeftOut = (kind: PartKind): boolean => uncarried.get(arn)?.includes(kind) === true;
      yield {
        arn,
        lastAccessed: isLeftOut('lastAccessed') ? null : lastAccessed,
        permissions: isLeftOut('permissions') ? null : permissions,
      };
    }
    return;
  }
  if (await store.exists(objects.carried(runId, accountId))) {
    yield* validLines(store, objects.carried(runId, accountId), CarriedLine, onDamage);
  }
  for (const n of await batchNumbers(store, runId, accountId)) {
    for await (const found of untilDamage(batchParts(store, runId, accountId, n), onDamage)) {
      yield finishedParts(runId, {
        arn: found.arn,
        lastAccessed: found.kind === 'lastAccessed' ? found.part : null,
        // The run did not recheck whether the policies of the simulated principal changed.
        permissions: found.kind === 'permissions' && found.sharedFrom === undefined ? found.part : null,
      });
    }
  }
}

async function* batchParts(store: ObjectStore, runId: string, accountId: string, n: number): AsyncGenerator<BatchPart> {
  for await (const entry of batchEntries(store, runId, accountId, n)) if (entry.kind !== 'end') yield partOf(entry);
}

async function uncarriedParts(
  store: ObjectStore,
  runId: string,
  accountId: string,
): Promise<Map<string, readonly PartKind[]>> {
  const uncarried = new Map<string, readonly PartKind[]>();
  const key = objects.uncarried(runId, accountId);
  if (!(await store.exists(key))) return uncarried;
  for await (const { arn, parts } of readObjectLines(store, key, UncarriedLine)) uncarried.set(arn, parts);
  return uncarried;
}

function finishedParts(runId: string, { arn, lastAccessed, permissions }: CarriedLine): CarriedLine {
  const finished = <Part extends { readonly status: string; readonly carriedFrom: string | null }>(
    part: Part | null,
  ) => (part?.status === 'COMPLETE' ? { ...part, carriedFrom: part.carriedFrom ?? runId } : null);
  return { arn, lastAccessed: finished(lastAccessed), permissions: finished(permissions) };
}

import * as v from 'valibot';
import { CarriedLine } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import { batchEntries, partOf } from '../evidence/batch-lines.ts';
import type { ObjectStore } from '../store.ts';
import { batchNumbers } from './batch-numbers.ts';
import { recordsOf } from './stored-runs.ts';

/**
 * What an earlier run has finished about an account's principals: parts that are COMPLETE. From its records, or, where
 * it was interrupted before it could write them, from what it carried and its batches. Parts say from which run they come.
 */
export async function* finishedEvidence(
  store: ObjectStore,
  runId: string,
  accountId: string,
): AsyncGenerator<CarriedLine> {
  if (await store.exists(objects.principals(runId, accountId))) {
    for await (const record of recordsOf(store, runId, accountId)) yield finishedParts(runId, record);
    return;
  }
  if (await store.exists(objects.carried(runId, accountId))) {
    for await (const line of store.readLines(objects.carried(runId, accountId))) {
      yield v.parse(CarriedLine, JSON.parse(line));
    }
  }
  for (const n of await batchNumbers(store, runId, accountId)) {
    for await (const entry of batchEntries(store, runId, accountId, n)) {
      if (entry.kind === 'end') continue;
      const found = partOf(entry.text);
      yield finishedParts(runId, {
        arn: found.arn,
        lastAccessed: found.kind === 'lastAccessed' ? found.part : null,
        permissions: found.kind === 'permissions' ? found.part : null,
      });
    }
  }
}

function finishedParts(runId: string, { arn, lastAccessed, permissions }: CarriedLine): CarriedLine {
  const finished = <Part extends { readonly status: string; readonly carriedFrom: string | null }>(
    part: Part | null,
  ) => (part?.status === 'COMPLETE' ? { ...part, carriedFrom: part.carriedFrom ?? runId } : null);
  return { arn, lastAccessed: finished(lastAccessed), permissions: finished(permissions) };
}

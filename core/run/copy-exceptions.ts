import { objects } from '../contract/objects.ts';
import type { ObjectStore } from '../ports/store.ts';

/**
 * Keeps the exceptions as they are when a run begins, so that all its accounts see the same, and an auditor what held.
 * @param given text of a file that is used instead of the bucket's
 * @throws StoreError
 */
export async function copyExceptions(store: ObjectStore, runId: string, given: string | undefined): Promise<void> {
  const text = given ?? (await store.read(objects.exceptions))?.text;
  if (text !== undefined) await store.write(objects.exceptionsOf(runId), text);
}

import { objects } from '../contract/objects.ts';
import type { ObjectStore } from '../ports/store.ts';

/**
 * Copies the exceptions file to the run when the run begins. All accounts of the run then use the same exceptions, and
 * an auditor can later see which ones applied.
 * @param fileText text of a file that is used instead of the bucket's file
 * @throws StoreError
 */
export async function copyExceptions(store: ObjectStore, runId: string, fileText: string | undefined): Promise<void> {
  const text = fileText ?? (await store.read(objects.exceptions))?.text;
  if (text !== undefined) await store.write(objects.exceptionsOf(runId), text);
}

import { objects } from '../contract/objects.ts';
import { noExceptions, readExceptions, type ReadExceptions } from '../findings/exceptions.ts';
import { ruleIds } from '../findings/rules/all-rules.ts';
import type { ObjectStore } from '../ports/store.ts';

/** The exceptions that apply to a run, as they were when it began. @throws StoreError */
export async function exceptionsOfRun(store: ObjectStore, runId: string): Promise<ReadExceptions> {
  const stored = await store.read(objects.exceptionsOf(runId));
  return stored === null ? noExceptions : readExceptions(stored.text, ruleIds);
}

import { RunContext } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readValue } from '../ports/stored-objects.ts';

/** Null for runs that an earlier version planned. @throws StoreError */
export const readRunContext = (store: ObjectStore, runId: string): Promise<RunContext | null> =>
  readValue(store, objects.runContext(runId), RunContext);

/** @throws StoreError */
export async function writeRunContext(
  store: ObjectStore,
  runId: string,
  context: Omit<RunContext, 'schemaVersion'>,
): Promise<void> {
  await store.write(objects.runContext(runId), `${JSON.stringify({ schemaVersion: 1, ...context })}\n`);
}

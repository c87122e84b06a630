import * as v from 'valibot';
import { RunContext } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { ObjectStore } from '../ports/store.ts';

/** Null for runs that an earlier version planned. @throws StoreError */
export async function readRunContext(store: ObjectStore, runId: string): Promise<RunContext | null> {
  const stored = await store.read(objects.runContext(runId));
  return stored === null ? null : v.parse(RunContext, JSON.parse(stored.text));
}

/** @throws StoreError */
export async function writeRunContext(
  store: ObjectStore,
  runId: string,
  context: Omit<RunContext, 'schemaVersion'>,
): Promise<void> {
  await store.write(objects.runContext(runId), `${JSON.stringify({ schemaVersion: 1, ...context })}\n`);
}

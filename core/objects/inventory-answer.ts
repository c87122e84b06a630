import * as v from 'valibot';
import { InventoryAccountOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { ObjectStore } from '../ports/store.ts';

interface AccountOfRun {
  readonly runId: string;
  readonly accountId: string;
}

/**
 * Keeps the answer of InventoryAccount. If the execution of an account is interrupted, its answer is lost, but its
 * summary still needs the calls and the batches that the answer lists.
 */
export async function writeInventoryAnswer(
  store: ObjectStore,
  { runId, accountId }: AccountOfRun,
  answer: InventoryAccountOutput,
): Promise<void> {
  await store.write(objects.inventoried(runId, accountId), `${JSON.stringify(answer, null, 2)}\n`);
}

/** The answer of InventoryAccount; null if InventoryAccount did not end. */
export async function readInventoryAnswer(
  store: ObjectStore,
  { runId, accountId }: AccountOfRun,
): Promise<InventoryAccountOutput | null> {
  const stored = await store.read(objects.inventoried(runId, accountId));
  return stored === null ? null : v.parse(InventoryAccountOutput, JSON.parse(stored.text));
}

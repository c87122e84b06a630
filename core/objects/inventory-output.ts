import { InventoryAccountOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readValue } from '../ports/stored-objects.ts';

interface AccountOfRun {
  readonly runId: string;
  readonly accountId: string;
}

/**
 * Stores the output of InventoryAccount. If the execution of an account is interrupted, the state machine loses this
 * output, but the account's summary still needs its calls and batches.
 */
export async function writeInventoryOutput(
  store: ObjectStore,
  { runId, accountId }: AccountOfRun,
  output: InventoryAccountOutput,
): Promise<void> {
  await store.write(objects.inventoried(runId, accountId), `${JSON.stringify(output, null, 2)}\n`);
}

/** The output of InventoryAccount; null if InventoryAccount did not end. */
export const readInventoryOutput = (
  store: ObjectStore,
  { runId, accountId }: AccountOfRun,
): Promise<InventoryAccountOutput | null> =>
  readValue(store, objects.inventoried(runId, accountId), InventoryAccountOutput);

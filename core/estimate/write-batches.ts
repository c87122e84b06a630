import type { WorklistLine } from '../contract/account-objects.ts';
import type { Batch } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { GroupedWorklist } from '../inventory/grouped-worklist.ts';
import { planBatches, type BatchPlan } from '../inventory/plan-batches.ts';
import { writeWhile } from '../objects/write-concurrently.ts';
import type { ObjectStore } from '../ports/store.ts';

/** Writes the worklist of an account, and divides it into batches. */
export async function writeBatches(
  store: ObjectStore,
  runId: string,
  accountId: string,
  lines: readonly WorklistLine[],
  plan: BatchPlan,
): Promise<Batch[]> {
  return writeWhile(store, objects.worklist(runId, accountId), async (channel) => {
    const worklist = new GroupedWorklist((line) => channel.push(line));
    for (const line of lines) await worklist.add(line);
    await worklist.flush();
    return planBatches({ lineBytes: worklist.lineBytes }, plan);
  });
}

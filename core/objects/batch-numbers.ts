import { objects } from '../contract/objects.ts';
import type { ObjectStore } from '../ports/store.ts';

/** Numbers of the batches that have at least one attempt, in order. */
export async function batchNumbers(store: ObjectStore, runId: string, accountId: string): Promise<number[]> {
  const prefix = objects.batches(runId, accountId);
  const numbers = new Set<number>();
  for await (const key of store.list(prefix)) {
    const n = /^(\d+)(-\d+)?\.jsonl$/.exec(key.slice(prefix.length))?.[1];
    if (n !== undefined) numbers.add(Number(n));
  }
  return [...numbers].sort((a, b) => a - b);
}

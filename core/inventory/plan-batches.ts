import type { Batch } from '../contract/messages.ts';

/** An execution's history holds at most 25,000 events. A batch uses about 12, and more for each further attempt. */
const MAX_BATCHES = 500;
/** Half of the history is for attempts that end early during a gap. Each uses 9 events: Wait 2, task 5, Choice 2. */
const MAX_PAUSES_PER_ACCOUNT = Math.floor(12_500 / 9);
/** Each attempt reads the objects of all earlier attempts of its batch. After this many, sleeping costs less. */
const MAX_PAUSES_PER_BATCH = 30;
/** A spread run has pauses between its batches, so it uses small batches: about one every five minutes. */
const SPREAD_SLOT_MS = 5 * 60_000;
/** In a smaller batch, waiting for the last reports takes most of the time. */
const MIN_SPREAD_BATCH = 10;

export interface WorklistExtent {
  /** Bytes of each line in order, each with its line feed. */
  readonly lineBytes: readonly number[];
}

export interface BatchPlan {
  readonly principalsPerBatch: number;
  /** Milliseconds over which the account's batches are spread. 0: as fast as possible. */
  readonly spreadMs: number;
  /** When the account and its first batch may begin, milliseconds since the epoch. A time in the past means now. */
  readonly startAt: number;
}

/** Splits the worklist into ranges of nearly equal size, each with its earliest start time. */
export function planBatches({ lineBytes }: WorklistExtent, plan: BatchPlan): Batch[] {
  const total = lineBytes.length;
  if (total === 0) return [];
  const bySize = Math.ceil(total / plan.principalsPerBatch);
  const bySpread =
    plan.spreadMs === 0 ? 1 : Math.min(Math.ceil(plan.spreadMs / SPREAD_SLOT_MS), Math.ceil(total / MIN_SPREAD_BATCH));
  const count = Math.min(MAX_BATCHES, Math.max(bySize, bySpread));
  const batches: Batch[] = [];
  const pauses = Math.min(MAX_PAUSES_PER_BATCH, Math.floor(MAX_PAUSES_PER_ACCOUNT / count));
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    const from = Math.floor((index * total) / count);
    const to = Math.floor(((index + 1) * total) / count);
    const length = lineBytes.slice(from, to).reduce((sum, bytes) => sum + bytes, 0);
    const slotAt = plan.startAt + (index * plan.spreadMs) / count;
    batches.push({ n: index + 1, from, to, offset, length, slotAt: new Date(slotAt).toISOString(), pauses });
    offset += length;
  }
  return batches;
}

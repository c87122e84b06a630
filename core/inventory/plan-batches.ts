import type { Batch } from '../contract/messages.ts';

/** History events allow about 12 of 25,000 a batch and its further attempts: platform limit of the inline Map. */
const MAX_BATCHES = 500;
/** Half of the history is for attempts that end early for a gap, 9 events each: Wait 2, task 5, Choice 2. */
const PAUSES_OF_AN_ACCOUNT = Math.floor(12_500 / 9);
/** Each attempt reads what all earlier ones of its batch have left: after so many, sleeping is cheaper again. */
const MOST_PAUSES = 30;
/** A spread run idles between its batches, so they are small: about one in five minutes. */
const SPREAD_SLOT_MS = 5 * 60_000;
/** Smaller batches would be all tail. */
const SMALLEST_SPREAD_BATCH = 10;

export interface WorklistExtent {
  /** Bytes of every line, its end included, in order. */
  readonly lineBytes: readonly number[];
}

export interface BatchPlan {
  readonly principalsPerBatch: number;
  /** Milliseconds over which the account's batches are spread; 0: as fast as the account allows. */
  readonly spreadMs: number;
  /** When the account's turn is, and so its first batch's, milliseconds since the epoch. What is past begins at once. */
  readonly startAt: number;
}

/** Cuts the worklist into ranges of nearly equal size, each with the time before which it must not begin. */
export function planBatches({ lineBytes }: WorklistExtent, plan: BatchPlan): Batch[] {
  const total = lineBytes.length;
  if (total === 0) return [];
  const bySize = Math.ceil(total / plan.principalsPerBatch);
  const bySpread =
    plan.spreadMs === 0
      ? 1
      : Math.min(Math.ceil(plan.spreadMs / SPREAD_SLOT_MS), Math.ceil(total / SMALLEST_SPREAD_BATCH));
  const count = Math.min(MAX_BATCHES, Math.max(bySize, bySpread));
  const batches: Batch[] = [];
  const pauses = Math.min(MOST_PAUSES, Math.floor(PAUSES_OF_AN_ACCOUNT / count));
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

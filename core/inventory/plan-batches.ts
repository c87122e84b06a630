import type { Batch } from '../contract/messages.ts';
import { breakEvenMs } from '../cost/sleep-or-wait.ts';

/** An execution's history holds at most 25,000 events. A batch uses about 12, and more for each further attempt. */
const MAX_BATCHES = 500;
/** Half of the history is for attempts that end early during a gap. Each uses 9 events: Wait 2, task 5, Choice 2. */
const MAX_PAUSES_PER_ACCOUNT = Math.floor(12_500 / 9);
/** Each attempt reads the objects of all earlier attempts of its batch. After this many, sleeping costs less. */
const MAX_PAUSES_PER_BATCH = 30;

/** A run with a window up to this length has no slots: the function sleeps. It may last as long (lib/audit-functions.ts). */
const LONGEST_SLEPT_WINDOW_MS = 15 * 60_000;
/** A longer window is divided into about this many slots, but into no longer ones than five minutes. */
const SLOTS = 30;
const LONGEST_SLOT_MS = 5 * 60_000;
/** The last report of a batch is ready within this time in most cases, so a batch with one principal fits in such a slot. */
const SHORTEST_SLOT_MS = 30_000;
/**
 * In a slot, the function sleeps between two principals for the eighth part of the slot in all, but not less than a second
 * each, so that no operation gets more than about one call a second, and not longer than a Wait state is worth.
 */
const SLEPT_SHARE = 1 / 8;
const SHORTEST_SLEEP_MS = 1_000;
const LONGEST_SLEEP_MS = breakEvenMs(1024);
/** Time at the end of a slot in which no principal is started, so that the last report is read before the next slot. */
const TAIL_SHARE = 0.15;
const LONGEST_TAIL_MS = 30_000;

export interface WorklistExtent {
  /** Bytes of each line in order, each with its line feed. */
  readonly lineBytes: readonly number[];
}

export interface BatchPlan {
  readonly principalsPerBatch: number;
  /** Milliseconds over which the account's batches are spread. 0: as fast as possible. */
  readonly spreadMs: number;
  /** The window of the whole run in milliseconds, if it is longer than `spreadMs`. */
  readonly windowMs?: number;
  /** When the account and its first batch may begin, milliseconds since the epoch. A time in the past means now. */
  readonly startAt: number;
}

/**
 * Splits the worklist into ranges of nearly equal size, each with its slot: its earliest start, and the time over which its
 * principals are spread. A short window is slept through in one invocation. In a longer one, the workflow waits between the
 * slots, because sleeping costs more.
 */
export function planBatches({ lineBytes }: WorklistExtent, plan: BatchPlan): Batch[] {
  const total = lineBytes.length;
  if (total === 0) return [];
  const slots = slotsOf(total, plan);
  const count = Math.min(MAX_BATCHES, Math.max(Math.ceil(total / plan.principalsPerBatch), slots ?? 1));
  const slotMs = plan.spreadMs / count;
  const startsMs = slots === null ? startsInWindowMs(slotMs) : startsInSlotMs(slotMs, total / count);
  const batches: Batch[] = [];
  const pauses = Math.min(MAX_PAUSES_PER_BATCH, Math.floor(MAX_PAUSES_PER_ACCOUNT / count));
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    const from = Math.floor((index * total) / count);
    const to = Math.floor(((index + 1) * total) / count);
    const length = lineBytes.slice(from, to).reduce((sum, bytes) => sum + bytes, 0);
    const slotAt = plan.startAt + index * slotMs;
    batches.push({
      n: index + 1,
      from,
      to,
      offset,
      length,
      slotAt: new Date(slotAt).toISOString(),
      spreadUntil: startsMs === 0 ? null : new Date(slotAt + startsMs).toISOString(),
      pauses,
    });
    offset += length;
  }
  return batches;
}

/** The number of slots. Null if the function sleeps between the principals of the whole window. */
function slotsOf(total: number, { spreadMs, windowMs = spreadMs }: BatchPlan): number | null {
  if (spreadMs === 0) return null;
  const gapMs = spreadMs / total;
  if (windowMs <= LONGEST_SLEPT_WINDOW_MS && gapMs < SHORTEST_SLOT_MS) return null;
  const slotMs = Math.min(LONGEST_SLOT_MS, Math.max(SHORTEST_SLOT_MS, windowMs / SLOTS));
  return Math.max(1, Math.floor(spreadMs / Math.max(gapMs, slotMs)));
}

const startsInWindowMs = (slotMs: number): number => slotMs - Math.min(LONGEST_TAIL_MS, TAIL_SHARE * slotMs);

function startsInSlotMs(slotMs: number, principals: number): number {
  const sleepMs = Math.max(SHORTEST_SLEEP_MS, Math.min(LONGEST_SLEEP_MS, (SLEPT_SHARE * slotMs) / principals));
  return principals <= 1 ? 0 : Math.min(startsInWindowMs(slotMs), principals * sleepMs);
}

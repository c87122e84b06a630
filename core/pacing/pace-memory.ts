import * as v from 'valibot';
import { RunId } from '../contract/execution-input.ts';
import type { ControllerSettings } from './controller-settings.ts';
import { SharedBucketResult } from './shared-bucket.ts';
import { BucketController, ControllerState, freshState, rememberedState } from './controller.ts';

const Learned = v.object({
  /** Calls per second that the bucket left us. */
  perSecond: v.pipe(v.number(), v.finite(), v.gtValue(0)),
  at: v.pipe(v.string(), v.isoTimestamp()),
});

const OperationPace = v.object({
  /** What another run may start from; null until something was learned. */
  learned: v.nullable(Learned),
  /** Where this run's controller is: the next batch goes on from here. Null until the run has used the operation. */
  state: v.nullable(ControllerState),
});
type OperationPace = v.InferOutput<typeof OperationPace>;

/** `state/<account>/pace.json`: what was learned of each operation and when, and by which run. */
export const PaceMemory = v.object({
  schemaVersion: v.literal(2),
  runId: RunId,
  updatedAt: v.pipe(v.string(), v.isoTimestamp()),
  operations: v.record(v.string(), OperationPace),
  /** How long after asking for a report it pays to read it, milliseconds. */
  reportReadyMs: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  /** Of the hub only: whether accounts share a bucket. */
  sharing: v.optional(SharedBucketResult),
});
export type PaceMemory = v.InferOutput<typeof PaceMemory>;

/** An estimate that may be off by more, as a share, is no better than a start from nothing. */
const WORTH_REMEMBERING = 0.4;

/** AWS changes its limits without notice: what is older than this is no better than starting anew. */
const KEPT_FOR_MS = 30 * 24 * 3_600_000;

/** Reads what was carried; damaged memory is no reason to fail, only to start anew, with a warning. */
export function parsePaceMemory(text: string): { memory: PaceMemory | null; warning: string | null } {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    return { memory: null, warning: `The pace memory is not JSON and is ignored: ${reason}` };
  }
  const parsed = v.safeParse(PaceMemory, content);
  if (parsed.success) return { memory: parsed.output, warning: null };
  const [issue] = parsed.issues;
  const version = v.safeParse(v.object({ schemaVersion: v.number() }), content);
  if (version.success && version.output.schemaVersion !== PaceMemory.entries.schemaVersion.literal) {
    const other = `The pace memory is of version ${version.output.schemaVersion}`;
    return { memory: null, warning: `${other}, not ${PaceMemory.entries.schemaVersion.literal}, and is ignored.` };
  }
  return {
    memory: null,
    warning: `The pace memory is damaged and is ignored: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`,
  };
}

/**
 * Operations whose memory is too old to be used, each in a sentence.
 * @param now milliseconds since the epoch
 */
export function staleOperations(memory: PaceMemory, runId: string, now: number): string[] {
  if (memory.runId === runId) return [];
  return Object.entries(memory.operations).flatMap(([operation, { learned }]) =>
    learned !== null && isOld(learned.at, now)
      ? [`What was learned of ${operation} at ${learned.at} is too old and is ignored.`]
      : [],
  );
}

/** Whether something that was learned is too old to be relied on. @param at ISO 8601. @param now milliseconds since the epoch */
export const isOld = (at: string, now: number): boolean => now - Date.parse(at) > KEPT_FOR_MS;

/**
 * The rate that another day should start from, calls per second; null where nothing was learned. The highest of the
 * day: too high a memory costs a few throttles and is found out at the first, too low a one costs hours.
 */
export function learnedRate({ highest, estimate, drained }: ControllerState): number | null {
  if (highest !== null) return highest;
  // Without a throttle the estimate is still what was remembered; at the first throttle it is a guess.
  const measured = drained !== null && estimate !== null && estimate.doubt < WORTH_REMEMBERING;
  return measured ? estimate.perSecond : null;
}

/**
 * Where an operation starts: at the very state that the last batch of this run ended with; from what an earlier run
 * learned; or from nothing. Where another run's bucket was empty says nothing of today and is never taken.
 */
export function startController(
  memory: PaceMemory | null,
  runId: string,
  operation: string,
  now: number,
  settings: ControllerSettings,
): BucketController {
  const pace = memory?.operations[operation];
  if (memory === null || pace === undefined) return new BucketController(freshState(now, settings), settings);
  const { learned, state: carried } = pace;
  if (memory.runId === runId && carried !== null) return new BucketController(carried, settings);
  const state =
    learned === null || isOld(learned.at, now)
      ? freshState(now, settings)
      : rememberedState(learned.perSecond, now, settings);
  return new BucketController(state, settings);
}

/** Operations that this batch did not use keep what an earlier one knew of them. */
export function paceMemoryOf(
  runId: string,
  controllers: ReadonlyMap<string, BucketController>,
  previous: PaceMemory | null,
  now: number,
): PaceMemory {
  const updatedAt = new Date(now).toISOString();
  const operations: Record<string, OperationPace> = {};
  for (const [operation, { learned, state }] of Object.entries(previous?.operations ?? {})) {
    // Another run's state is of no use to this one, only what it learned.
    operations[operation] = { learned, state: previous?.runId === runId ? state : null };
  }
  for (const [operation, controller] of controllers) {
    const state = controller.snapshot(now);
    const perSecond = learnedRate(state);
    const before = operations[operation]?.learned ?? null;
    operations[operation] = { learned: perSecond === null ? before : { perSecond, at: updatedAt }, state };
  }
  const sharing = previous?.sharing;
  return { schemaVersion: 2, runId, updatedAt, operations, ...(sharing === undefined ? {} : { sharing }) };
}

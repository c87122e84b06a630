import * as v from 'valibot';
import { RunId } from '../contract/execution-input.ts';
import type { ControllerSettings } from './controller/controller-settings.ts';
import { BucketTurn } from './bucket-turn.ts';
import { SharedBucketResult } from './shared-bucket.ts';
import { BucketController } from './controller/bucket-controller.ts';
import {
  ControllerState,
  freshState,
  learnedRate,
  rememberedState,
  stateFromOthers,
} from './controller/controller-state.ts';

const Learned = v.object({
  /** Calls per second that the bucket left us. */
  perSecond: v.pipe(v.number(), v.finite(), v.gtValue(0)),
  /** Share of our calls that was throttled whatever the rate. */
  noise: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  at: v.pipe(v.string(), v.isoTimestamp()),
});

const OperationPace = v.object({
  /** The rate that another run may start from. Null until a rate was learned. */
  learned: v.nullable(Learned),
  /**
   * The state of this run's controller. The next batch continues from it. Null until the run has called the
   * operation.
   */
  state: v.nullable(ControllerState),
});
type OperationPace = v.InferOutput<typeof OperationPace>;

/** `state/<account>/pace.json`: the rate learned for each operation, when it was learned, and the run that wrote it. */
export const PaceMemory = v.object({
  schemaVersion: v.literal(3),
  runId: RunId,
  updatedAt: v.pipe(v.string(), v.isoTimestamp()),
  operations: v.record(v.string(), OperationPace),
  /** Operations that share a bucket, as this run found out. Their states are the same. */
  together: v.optional(v.array(v.array(v.string()))),
  /** Milliseconds after which a requested report is usually ready. */
  reportReadyMs: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  /** Only in `state/hub/pace.json`: whether accounts share a bucket. */
  sharing: v.optional(SharedBucketResult),
  /** Only in `state/hub/pace.json`: the account whose batches use the shared bucket now. */
  turn: v.optional(BucketTurn),
});
export type PaceMemory = v.InferOutput<typeof PaceMemory>;

/** Version 2 had another state of the controller. The learned rates are the same. */
const Version2 = v.pipe(
  v.object({
    ...PaceMemory.entries,
    schemaVersion: v.literal(2),
    operations: v.record(v.string(), v.object({ learned: OperationPace.entries.learned })),
  }),
  v.transform((memory): PaceMemory => ({
    ...memory,
    schemaVersion: 3,
    operations: Object.fromEntries(
      Object.entries(memory.operations).map(([operation, { learned }]) => [operation, { learned, state: null }]),
    ),
  })),
);

/** What the audit reads: the present version, and those that it can still use. */
export const StoredPaceMemory = v.variant('schemaVersion', [PaceMemory, Version2]);

/** AWS changes its limits without notice. Older memory is no better than a start without memory. */
const MAX_AGE_MS = 30 * 24 * 3_600_000;

/**
 * A warning for each operation with memory that is too old to be used.
 * @param now milliseconds since the epoch
 */
export function staleOperations(memory: PaceMemory, runId: string, now: number): string[] {
  if (memory.runId === runId) return [];
  return Object.entries(memory.operations).flatMap(([operation, { learned }]) =>
    learned !== null && isOld(learned.at, now)
      ? [`The rate of ${operation} was learned at ${learned.at}. It is too old and is ignored.`]
      : [],
  );
}

/** Whether memory is too old to be used. @param at ISO 8601. @param now milliseconds since the epoch */
export const isOld = (at: string, now: number): boolean => now - Date.parse(at) > MAX_AGE_MS;

/**
 * The controller of an operation. It starts from the state at the end of this run's last batch, or from the rate that an
 * earlier run learned, or without memory. The rest of an earlier run's state does not apply today and is never used.
 * @param others the rate that other accounts have learned, for an account that has learned none. Null if it is unknown
 */
export function startController(
  memory: PaceMemory | null,
  runId: string,
  operation: string,
  now: number,
  settings: ControllerSettings,
  others: number | null = null,
): BucketController {
  const { learned = null, state: lastState = null } = memory?.operations[operation] ?? {};
  if (memory?.runId === runId && lastState !== null) return new BucketController(lastState, settings);
  if (learned !== null && !isOld(learned.at, now)) {
    return new BucketController(rememberedState(learned.perSecond, now, settings, learned.noise), settings);
  }
  const state = others === null ? freshState(now, settings) : stateFromOthers(others, now, settings);
  return new BucketController(state, settings);
}

/** Whether the account has no memory of these operations, neither of this run nor of another. @param now milliseconds since the epoch */
export function hasNoMemory(
  memory: PaceMemory | null,
  runId: string,
  operations: readonly string[],
  now: number,
): boolean {
  return operations.every((operation) => {
    const { learned = null, state = null } = memory?.operations[operation] ?? {};
    return (state === null || memory?.runId !== runId) && (learned === null || isOld(learned.at, now));
  });
}

/**
 * The memory to store. Operations that this batch did not call keep their earlier entry.
 * @param measured by operation: how many operations used the rate that it remembers. All that share the bucket if it is missing
 * @param together operations that share a bucket. Each is remembered with its part of the rate: another run finds out again
 *   whether they do
 */
export function paceMemoryOf(
  runId: string,
  controllers: ReadonlyMap<string, BucketController>,
  previous: PaceMemory | null,
  now: number,
  together: readonly (readonly string[])[] = [],
  measured: ReadonlyMap<string, number> = new Map(),
): PaceMemory {
  const updatedAt = new Date(now).toISOString();
  const operations: Record<string, OperationPace> = {};
  for (const [operation, { learned, state }] of Object.entries(previous?.operations ?? {})) {
    // Only the learned rate of another run is kept. Its controller state does not apply to this run.
    operations[operation] = { learned, state: previous?.runId === runId ? state : null };
  }
  for (const [operation, controller] of controllers) {
    const state = controller.snapshot(now);
    const learned = learnedRate(state);
    const { learned: earlier = null, state: earlierState = null } = operations[operation] ?? {};
    // Only the batch that measured a rate knows how many operations used it.
    const isEarlier = earlier !== null && earlierState !== null && learnedRate(earlierState) === learned;
    const operationsOfBucket =
      measured.get(operation) ?? together.find((names) => names.includes(operation))?.length ?? 1;
    const noise = controller.noise;
    operations[operation] = {
      learned:
        learned === null || isEarlier ? earlier : { perSecond: learned / operationsOfBucket, noise, at: updatedAt },
      state,
    };
  }
  const sharing = previous?.sharing;
  // A batch that calls none of these operations keeps what an earlier one found out.
  const kept = previous?.runId === runId ? (previous.together ?? []) : [];
  const known = [...together, ...kept.filter((names) => !names.some((name) => controllers.has(name)))];
  return {
    schemaVersion: 3,
    runId,
    updatedAt,
    operations,
    ...(known.length === 0 ? {} : { together: known.map((names) => [...names]) }),
    ...(sharing === undefined ? {} : { sharing }),
  };
}

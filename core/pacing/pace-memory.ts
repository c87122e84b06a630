import * as v from 'valibot';
import { RunId } from '../contract/execution-input.ts';
import { BucketController, ControllerState, freshState, rememberedState, usualPace } from './controller.ts';
import type { ControllerSettings } from './controller.ts';

/** `state/<account>/pace.json`: what was learned of each operation, and by which run. */
export const PaceMemory = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  updatedAt: v.pipe(v.string(), v.isoTimestamp()),
  operations: v.record(v.string(), ControllerState),
});
export type PaceMemory = v.InferOutput<typeof PaceMemory>;

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
  return {
    memory: null,
    warning: `The pace memory is damaged and is ignored: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`,
  };
}

/**
 * Where an operation starts: at the very state that the last batch of this run ended with; from an earlier run's
 * estimate; or from nothing. The anchor of another run says nothing of today and is never taken.
 */
export function startController(
  memory: PaceMemory | null,
  runId: string,
  operation: string,
  now: number,
  settings: ControllerSettings = usualPace,
): BucketController {
  const state = memory?.operations[operation];
  if (memory === null || state === undefined) return new BucketController(freshState(now), settings);
  if (memory.runId === runId) return new BucketController(state, settings);
  if (state.est === null || state.est <= 0 || now - state.updatedAt > KEPT_FOR_MS) {
    return new BucketController(freshState(now), settings);
  }
  return new BucketController(rememberedState(state.est, settings.share, now), settings);
}

/** Operations that this batch did not use keep what an earlier one knew of them. */
export function paceMemoryOf(
  runId: string,
  controllers: ReadonlyMap<string, BucketController>,
  previous: PaceMemory | null,
  now: number,
): PaceMemory {
  const operations: Record<string, ControllerState> = {};
  for (const [operation, state] of Object.entries(previous?.operations ?? {})) {
    if (previous?.runId === runId) operations[operation] = state;
    else if (state.est !== null) operations[operation] = rememberedState(state.est, usualPace.share, state.updatedAt);
  }
  for (const [operation, controller] of controllers) operations[operation] = controller.snapshot(now);
  return { schemaVersion: 1, runId, updatedAt: new Date(now).toISOString(), operations };
}

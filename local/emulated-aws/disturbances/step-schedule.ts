/** From `atMs` on, the schedule has this factor. */
export interface Step {
  /** Milliseconds since the start of the schedule, or of its period. */
  readonly atMs: number;
  readonly factor: number;
}

/** A factor that changes at fixed times. */
export interface StepSchedule {
  /** The factor before the first step, in every period. */
  readonly initial: number;
  /** In the order of time. */
  readonly steps: readonly Step[];
  /** Length of a period in milliseconds. Without it, the factor of the last step stays. */
  readonly repeatMs?: number;
}

/** A factor that never changes. */
export const always = (factor: number): StepSchedule => ({ initial: factor, steps: [] });

/** The factor `ms` milliseconds after the start. */
export function factorAt({ initial, steps, repeatMs }: StepSchedule, ms: number): number {
  const inPeriod = repeatMs === undefined ? ms : ms % repeatMs;
  return steps.findLast(({ atMs }) => atMs <= inPeriod)?.factor ?? initial;
}

/** The first time after `ms` at which the factor may change. Infinite if it stays the same. */
export function nextStepAt({ steps, repeatMs }: StepSchedule, ms: number): number {
  const times = steps.map(({ atMs }) => atMs);
  if (repeatMs !== undefined) {
    const periodAt = Math.floor(ms / repeatMs) * repeatMs;
    times.push(0);
    for (const [n, atMs] of times.entries()) times[n] = periodAt + atMs + (periodAt + atMs > ms ? 0 : repeatMs);
  }
  return Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > ms));
}

export const highestFactor = ({ initial, steps }: StepSchedule): number =>
  Math.max(initial, ...steps.map(({ factor }) => factor));

import * as v from 'valibot';

/** What one seed showed. */
export const SeedResult = v.object({
  seed: v.number(),
  /** Kinds of faults that happened, with their number. */
  faults: v.record(v.string(), v.number()),
  executions: v.number(),
  invocations: v.number(),
  calls: v.number(),
  /** Virtual time of the longest execution. */
  longestMinutes: v.number(),
  /** How each run ended. */
  statuses: v.array(v.string()),
  /** One sentence for each thing that is wrong. */
  violations: v.array(v.string()),
});
export type SeedResult = v.InferOutput<typeof SeedResult>;

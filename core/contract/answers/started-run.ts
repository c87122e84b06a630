import * as v from 'valibot';
import { RunId } from '../execution-input.ts';
import type { Immutable } from './immutable.ts';

/** What `start --json` prints without `--wait`: the run that was started. With `--wait` it prints `run.json`. */
export const StartedRun = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  /** ARN of the execution in Step Functions. */
  execution: v.string(),
  /** ISO 8601. */
  startedAt: v.string(),
});
export type StartedRun = Immutable<v.InferOutput<typeof StartedRun>>;

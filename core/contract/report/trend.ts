import * as v from 'valibot';
import { RunId } from '../execution-input.ts';
import { FindingCounts } from '../finding.ts';
import { RunStatus } from '../run.ts';

const Count = v.pipe(v.number(), v.integer());

/** A run in the trend of a report. `calls`: requests of all operations. `dollars`: the run's estimated cost. */
export const TrendPoint = v.object({
  runId: RunId,
  startedAt: v.string(),
  status: RunStatus,
  /** Whether the run audited all accounts and principals. Only such runs can be compared with each other. */
  wholeScope: v.boolean(),
  principals: v.object({ total: Count, complete: Count }),
  findings: v.nullable(FindingCounts),
  calls: v.object({ sent: Count, throttled: Count, saved: Count }),
  dollars: v.number(),
});
export type TrendPoint = v.InferOutput<typeof TrendPoint>;

/** `trend.json`: the runs before this one, and this one; oldest first. */
export const Trend = v.object({ schemaVersion: v.literal(1), points: v.array(TrendPoint) });
export type Trend = v.InferOutput<typeof Trend>;

import * as v from 'valibot';
import { AccountId, RunId } from '../execution-input.ts';
import { Finding } from '../finding.ts';
import type { Immutable } from './immutable.ts';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What `scan --json` prints: the findings of files. */
export const ScanAnswer = v.object({
  schemaVersion: v.literal(1),
  /** The run that `--out` wrote. Null: without `--out`. */
  runId: v.nullable(RunId),
  accounts: v.array(
    v.object({
      accountId: AccountId,
      users: Count,
      roles: Count,
      permissions: v.object({
        /** Permissions were evaluated on this machine, not simulated by AWS. */
        source: v.literal('evaluated'),
      }),
    }),
  ),
  /** The most severe first. */
  findings: v.array(Finding),
  /** What the files do not say. */
  notes: v.array(v.string()),
});
export type ScanAnswer = Immutable<v.InferOutput<typeof ScanAnswer>>;

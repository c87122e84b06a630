import * as v from 'valibot';
import { AccountId, RunId } from './execution-input.ts';

export const severities = ['critical', 'high', 'medium', 'low'] as const;
export const Severity = v.picklist(severities);
export type Severity = v.InferOutput<typeof Severity>;

export const findingStates = ['new', 'open', 'suppressed', 'resolved'] as const;
export const FindingState = v.picklist(findingStates);
export type FindingState = v.InferOutput<typeof FindingState>;

/** Who took responsibility for a finding that stays, why, and until which day (YYYY-MM-DD, inclusive, in UTC). */
export const Acceptance = v.object({ owner: v.string(), reason: v.string(), expires: v.string() });
export type Acceptance = v.InferOutput<typeof Acceptance>;

/** A line of `findings.jsonl`. */
export const Finding = v.object({
  /** The same from day to day for the same rule, principal and matter. */
  id: v.string(),
  rule: v.string(),
  severity: Severity,
  accountId: AccountId,
  /** The principal that it is about; of the account itself, its root user. */
  principalArn: v.string(),
  title: v.string(),
  detail: v.string(),
  /** What the rule saw, by field; texts in it are AWS's own and untrusted. */
  evidence: v.record(v.string(), v.unknown()),
  /** Start of the run that found it first, ISO 8601. */
  firstSeen: v.string(),
  state: FindingState,
  /** Of a suppressed finding, the exception that it falls under. */
  exception: v.optional(v.nullable(Acceptance), null),
});
export type Finding = v.InferOutput<typeof Finding>;

/** The first line of `state/<account>/findings.jsonl.gz`: the run that wrote it; then a finding a line. */
export const FindingsBase = v.object({ runId: RunId });
export type FindingsBase = v.InferOutput<typeof FindingsBase>;

const Count = v.pipe(v.number(), v.integer());

/** How many findings there are: of those that are new or open by severity, and of all by state. */
export const FindingCounts = v.object({
  critical: Count,
  high: Count,
  medium: Count,
  low: Count,
  new: Count,
  open: Count,
  suppressed: Count,
  resolved: Count,
});
export type FindingCounts = v.InferOutput<typeof FindingCounts>;

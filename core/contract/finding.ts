import * as v from 'valibot';
import { AccountId, RunId } from './execution-input.ts';

export const severities = ['critical', 'high', 'medium', 'low'] as const;
export const Severity = v.picklist(severities);
export type Severity = v.InferOutput<typeof Severity>;

export const findingStates = ['new', 'open', 'suppressed', 'resolved'] as const;
/** docs/findings.md describes the states. */
export const FindingState = v.picklist(findingStates);
export type FindingState = v.InferOutput<typeof FindingState>;

/** The owner who accepted a finding, the reason, and the last day of validity (YYYY-MM-DD, in UTC). */
export const Acceptance = v.object({ owner: v.string(), reason: v.string(), expires: v.string() });
export type Acceptance = v.InferOutput<typeof Acceptance>;

/** A line of `findings.jsonl`. */
export const Finding = v.object({
  /** Stable from day to day for the same rule, principal and matter. */
  id: v.string(),
  /** ID of the rule. docs/findings.md lists the rules. */
  rule: v.string(),
  severity: Severity,
  /** Controls of CIS and AWS that the rule covers: `CIS 3.0 1.16`, `FSBP IAM.1`. Empty in earlier findings. */
  controls: v.optional(v.array(v.string()), []),
  accountId: AccountId,
  /** The principal of the finding. For a finding on the account itself, the root user. */
  principalArn: v.string(),
  /** One sentence. */
  title: v.string(),
  /** What was found, and what to do. */
  detail: v.string(),
  /** The data that the rule used, by field. Texts come from AWS and are untrusted. */
  evidence: v.record(v.string(), v.unknown()),
  /** Start of the run that first reported the finding, ISO 8601. */
  firstSeen: v.string(),
  state: FindingState,
  /** The exception that suppresses the finding. */
  exception: v.optional(v.nullable(Acceptance), null),
});
export type Finding = v.InferOutput<typeof Finding>;

/** The first line of `state/<account>/findings.jsonl.gz`: the run that wrote it. Each further line is a finding. */
export const FindingsBase = v.object({ runId: RunId });
export type FindingsBase = v.InferOutput<typeof FindingsBase>;

const Count = v.pipe(v.number(), v.integer());

/** Numbers of findings: new and open ones by severity, and all by state. */
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

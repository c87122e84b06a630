import * as v from 'valibot';
import { Severity } from '../finding.ts';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** ISO 8601, in UTC. */
const Time = v.string();

/** The questions of `doctor`, in the order of its output. */
export const questionIds = [
  'callers',
  'backoff',
  'credential-cache',
  'session-duration',
  'bursts',
  'policy-writes',
  'sts-endpoint',
  'accounts',
] as const;
export const QuestionId = v.picklist(questionIds);
export type QuestionId = v.InferOutput<typeof QuestionId>;

/** Files, records or calls that the analysis does not include. */
export const LeftOut = v.object({ what: v.string(), reason: v.string(), count: Count });
export type LeftOut = v.InferOutput<typeof LeftOut>;

/** The logs that were read. `events`: all events in them; `audited`: calls to IAM and STS, each counted once. */
export const DoctorSource = v.object({
  kind: v.picklist(['lookup', 'cloudtrail', 'athena']),
  from: Time,
  to: Time,
  events: Count,
  audited: Count,
  leftOut: v.array(LeftOut),
  /** False if logs of the period were left out or can't be read. */
  complete: v.boolean(),
});
export type DoctorSource = v.InferOutput<typeof DoctorSource>;

/**
 * Consecutive minutes in which AWS throttled calls of one limit, and the minute before. `pool`: `iam:<account>`,
 * `sts:<account>:<Region>` or `sts:<account>:global`.
 */
export const RefusedWindow = v.object({ pool: v.string(), from: Time, to: Time, served: Count, refused: Count });
export type RefusedWindow = v.InferOutput<typeof RefusedWindow>;

export const Client = v.object({ userAgent: v.string(), sdk: v.string(), retryMode: v.string() });
export type Client = v.InferOutput<typeof Client>;

export const CallerKind = v.picklist(['role', 'user', 'root', 'service', 'identity']);
export type CallerKind = v.InferOutput<typeof CallerKind>;

/** How to remove the cause. `for` names the SDK or tool of the example. */
export const Remedy = v.object({
  text: v.string(),
  examples: v.array(v.object({ for: v.string(), code: v.string() })),
});
export type Remedy = v.InferOutput<typeof Remedy>;

/** A caller with the habit that the question is about. */
export const CallerAnswer = v.object({
  /** ARN of the role or user, or the name of the service. For a session, the role behind it. */
  caller: v.string(),
  accountId: v.string(),
  kind: CallerKind,
  clients: v.array(Client),
  /** The operation called most in this matter, such as `iam:GetRole`; null if none stands out. */
  operation: v.nullable(v.string()),
  severity: Severity,
  figures: v.record(v.string(), v.number()),
  diagnosis: v.string(),
  /**
   * What the remedy saves. If the logs cover less than an hour, the number is that of their time. For `callers`: the throttled calls
   * that the caller accounts for, which would then be served.
   */
  saves: v.nullable(v.object({ callsPerHour: v.number() })),
  remedy: Remedy,
});
export type CallerAnswer = v.InferOutput<typeof CallerAnswer>;

export const Verdict = v.picklist(['found', 'in-order', 'unknown']);
export type Verdict = v.InferOutput<typeof Verdict>;

export const Answer = v.object({
  id: QuestionId,
  verdict: Verdict,
  summary: v.string(),
  /** What is missing for an answer, or for an answer about some callers. Null if nothing is, never if the verdict is `unknown`. */
  reason: v.nullable(v.string()),
  callers: v.array(CallerAnswer),
});
export type Answer = v.InferOutput<typeof Answer>;

/** What `doctor --json` prints. All questions are always there, in the order of `questionIds`. */
export const Diagnosis = v.object({
  schemaVersion: v.literal(1),
  source: DoctorSource,
  /** `share`: of all calls to IAM and STS, from 0 to 1. */
  refused: v.object({ calls: Count, share: v.number(), windows: v.array(RefusedWindow) }),
  questions: v.array(Answer),
});
export type Diagnosis = v.InferOutput<typeof Diagnosis>;

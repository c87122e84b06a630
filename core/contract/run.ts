import * as v from 'valibot';
import { AccountCredentials, Status } from './evidence.ts';
import { AccountId, RunId } from './execution-input.ts';
import { FindingCounts } from './finding.ts';

const Count = v.pipe(v.number(), v.integer());

export const PrincipalCounts = v.object({
  total: Count,
  complete: Count,
  partial: Count,
  failed: Count,
  /** Principals with both parts carried from an earlier run. */
  carriedForward: Count,
});
export type PrincipalCounts = v.InferOutput<typeof PrincipalCounts>;

export const FailureCause = v.object({ code: v.string(), message: v.string() });
export type FailureCause = v.InferOutput<typeof FailureCause>;

/** Requests to one operation, each counted once: sent = succeeded + throttled + failed. */
export const CallCounts = v.object({ sent: Count, succeeded: Count, throttled: Count, failed: Count });
export type CallCounts = v.InferOutput<typeof CallCounts>;

/** Call counts in `run.json`. */
export const ReportedCalls = v.object({
  ...CallCounts.entries,
  /** Requests needed with one call of each kind per principal, minus requests sent. Negative if more were sent. */
  saved: Count,
  /** Succeeded calls per second, over the time in which the operation had work. */
  perSecond: v.number(),
  /** Seconds in which calls waited for their pace or after throttles, summed over the accounts. */
  waitedSeconds: v.optional(v.number(), 0),
});
export type ReportedCalls = v.InferOutput<typeof ReportedCalls>;

/**
 * Counts of one operation, with the time in which it had work and the time in which it waited for its pace, both in
 * milliseconds. Batches and accounts are added up. Objects of earlier versions have no `waitedMs`.
 */
export const OperationWork = v.object({
  ...CallCounts.entries,
  busyMs: v.number(),
  waitedMs: v.optional(v.number(), 0),
});
export type OperationWork = v.InferOutput<typeof OperationWork>;

/** By `service:Operation`, such as `iam:SimulatePrincipalPolicy`. */
export const WorkByOperation = v.record(v.string(), OperationWork);
export type WorkByOperation = v.InferOutput<typeof WorkByOperation>;

/** The use of the account's invocations. SummariseRun converts it to dollars. */
export const Consumption = v.object({
  /** Lambda duration: megabytes of memory times milliseconds. */
  megabyteMs: v.number(),
  invocations: Count,
  /** State transitions as Step Functions bills them. */
  transitions: Count,
  /** Requests to S3 that are billed as PUT, and those billed as GET. */
  puts: v.optional(Count, 0),
  gets: v.optional(Count, 0),
});
export type Consumption = v.InferOutput<typeof Consumption>;

/** Results of the rules for one account. */
export const FindingsOfAccount = v.object({
  counts: FindingCounts,
  /** Positions in the run's exceptions file of exceptions that match a finding, including expired ones. */
  exceptions: v.array(Count),
});
export type FindingsOfAccount = v.InferOutput<typeof FindingsOfAccount>;

/** `account.json`. */
export const AccountSummary = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  accountId: AccountId,
  status: Status,
  startedAt: v.nullable(v.string()),
  finishedAt: v.string(),
  principals: PrincipalCounts,
  /** Number of principals that were deleted during the run. Missing in summaries of earlier versions. */
  deleted: v.optional(Count, 0),
  ...AccountCredentials.entries,
  calls: WorkByOperation,
  consumption: Consumption,
  /** When the account's last batch ended; null without batches. Missing in summaries of earlier versions. */
  auditedAt: v.optional(v.nullable(v.string()), null),
  /** Null in summaries of earlier versions. */
  findings: v.optional(v.nullable(FindingsOfAccount), null),
  error: v.optional(FailureCause),
});
export type AccountSummary = v.InferOutput<typeof AccountSummary>;

export const RunStatus = v.picklist(['RUNNING', 'COMPLETE', 'PARTIAL', 'FAILED']);
export type RunStatus = v.InferOutput<typeof RunStatus>;

/**
 * Cost of the run in the cloud, in US dollars at list prices. `s3` contains requests, not storage. Runs of earlier
 * versions have no `s3`.
 */
export const Cost = v.object({
  stepFunctions: v.number(),
  lambda: v.number(),
  s3: v.optional(v.number(), 0),
  total: v.number(),
});
export type Cost = v.InferOutput<typeof Cost>;

export const Scope = v.object({
  accounts: v.union([v.literal('all'), v.array(AccountId)]),
  principals: v.union([v.literal('all'), v.array(v.string())]),
});
export type Scope = v.InferOutput<typeof Scope>;

/**
 * Set if AWS Lambda's concurrency limit is too low for the setting `accountsAtOnce`: the setting, the number of
 * accounts audited at once (`used`), and the limit (`functions`).
 */
export const LambdaLimit = v.object({ accountsAtOnce: Count, used: Count, functions: Count });
export type LambdaLimit = v.InferOutput<typeof LambdaLimit>;

/** `run.json`. */
export const RunSummary = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  startedAt: v.string(),
  finishedAt: v.nullable(v.string()),
  status: RunStatus,
  scope: Scope,
  /** Whether the run had unlimited scope, or resumed such a run. Missing in runs of earlier versions. */
  wholeScope: v.optional(v.boolean()),
  /** The run that this run completes (`--resume`). */
  resumes: v.optional(RunId),
  /** For a full run, its start. If it resumed a full run, the start of that run. */
  full: v.optional(v.object({ since: v.string() })),
  accounts: v.array(
    v.object({
      accountId: AccountId,
      status: Status,
      principals: PrincipalCounts,
      error: v.optional(FailureCause),
    }),
  ),
  principals: PrincipalCounts,
  calls: v.record(v.string(), ReportedCalls),
  cost: Cost,
  /**
   * Whether accounts share a token bucket. `ratio`: median of later accounts' tokens divided by the first account's.
   */
  sharing: v.optional(v.object({ shared: v.boolean(), ratio: v.number(), comparisons: Count, foundAt: v.string() })),
  findings: v.optional(FindingCounts),
  /** The run that had finished last when this run finished. */
  previous: v.optional(v.nullable(RunId)),
  /** Number of exceptions, errors in the exceptions file, and exceptions that match no finding or have expired. */
  exceptions: v.optional(
    v.object({ held: Count, problems: v.array(v.string()), unused: v.array(v.string()), expired: v.array(v.string()) }),
  ),
  lambdaLimit: v.optional(LambdaLimit),
  /** For a spread run: the requested window, and minutes until the last batch ended. */
  spread: v.optional(v.object({ minutes: v.number(), tookMinutes: v.nullable(v.number()) })),
});
export type RunSummary = v.InferOutput<typeof RunSummary>;

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

/** Requests to one operation. sent = succeeded + throttled + failed, every request on the wire once. */
export const CallCounts = v.object({ sent: Count, succeeded: Count, throttled: Count, failed: Count });
export type CallCounts = v.InferOutput<typeof CallCounts>;

/** As the run reports them. */
export const ReportedCalls = v.object({
  ...CallCounts.entries,
  /** What one call of each kind per principal would have needed, less what was sent. Negative where more was sent. */
  saved: Count,
  /** Accepted calls a second, over the time in which the operation had work. */
  perSecond: v.number(),
  /** Seconds that calls waited for their pace or after throttles while there was work; accounts are added up. */
  waitedSeconds: v.optional(v.number(), 0),
});
export type ReportedCalls = v.InferOutput<typeof ReportedCalls>;

/**
 * Counts of one operation with the time that it was at work and the time that it waited for its pace, both in
 * milliseconds: what batches and accounts add up. Objects of earlier versions have no `waitedMs`.
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

/** What the account's invocations used; SummariseRun turns it into dollars. */
export const Consumption = v.object({
  /** Lambda, by megabytes of memory times milliseconds. */
  megabyteMs: v.number(),
  invocations: Count,
  /** State transitions, as Step Functions bills them. */
  transitions: Count,
  /** Requests to S3: those that are billed as PUT, and those that are billed as GET. */
  puts: v.optional(Count, 0),
  gets: v.optional(Count, 0),
});
export type Consumption = v.InferOutput<typeof Consumption>;

/** What the rules made of an account's records. */
export const FindingsOfAccount = v.object({
  counts: FindingCounts,
  /** Places in the run's exceptions file of those that fit a finding, expired ones too. */
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
  /** Of the principals, those that were deleted during the run; summaries of earlier versions do not say. */
  deleted: v.optional(Count, 0),
  ...AccountCredentials.entries,
  calls: WorkByOperation,
  consumption: Consumption,
  /** When the account's last batch ended; null where it had none. Summaries of earlier versions do not say. */
  auditedAt: v.optional(v.nullable(v.string()), null),
  /** Null in summaries of earlier versions. */
  findings: v.optional(v.nullable(FindingsOfAccount), null),
  error: v.optional(FailureCause),
});
export type AccountSummary = v.InferOutput<typeof AccountSummary>;

export const RunStatus = v.picklist(['RUNNING', 'COMPLETE', 'PARTIAL', 'FAILED']);
export type RunStatus = v.InferOutput<typeof RunStatus>;

/**
 * US dollars by part, at list prices: what the run costs in the cloud. Of S3 the requests are counted, not the storage;
 * runs of earlier versions have no `s3`.
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
 * Where AWS Lambda runs fewer functions at once than the setting `accountsAtOnce` needs: how many accounts the setting
 * asks for, how many were audited at once, and how many functions may run.
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
  /** Whether the run was to audit everything, or to complete such a run; runs of earlier versions do not say. */
  wholeScope: v.optional(v.boolean()),
  /** The run that this one completes (`--resume`). */
  resumes: v.optional(RunId),
  /** Of a run that asks for everything: since when, which is earlier than it began where it goes on with a full run. */
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
  /** What is known of accounts sharing a bucket: the median of what later accounts found in it, by what the first did. */
  sharing: v.optional(v.object({ shared: v.boolean(), ratio: v.number(), comparisons: Count, foundAt: v.string() })),
  findings: v.optional(FindingCounts),
  /** The run that had finished last when this one did: its own is the next one's. */
  previous: v.optional(v.nullable(RunId)),
  /** Where there are any: what is wrong with the exceptions file, and exceptions that fit no finding or have expired. */
  exceptions: v.optional(
    v.object({ held: Count, problems: v.array(v.string()), unused: v.array(v.string()), expired: v.array(v.string()) }),
  ),
  lambdaLimit: v.optional(LambdaLimit),
  /** Where the run was spread: the window that was asked for, and minutes until the last batch had ended. */
  spread: v.optional(v.object({ minutes: v.number(), tookMinutes: v.nullable(v.number()) })),
});
export type RunSummary = v.InferOutput<typeof RunSummary>;

import * as v from 'valibot';
import { AccountCredentials, Status } from './evidence.ts';
import { AccountId, RunId } from './execution-input.ts';
import { FindingCounts } from './finding.ts';
import { CallTimeline } from './calls/timeline.ts';

const Count = v.pipe(v.number(), v.integer());

/** Numbers of principals: all, and by the status of their records. */
export const PrincipalCounts = v.object({
  total: Count,
  complete: Count,
  partial: Count,
  failed: Count,
  /** Principals with both parts carried from an earlier run. */
  carriedForward: Count,
});
export type PrincipalCounts = v.InferOutput<typeof PrincipalCounts>;

/** Why something is missing: AWS's error code or one of the audit's own, and a message. */
export const FailureCause = v.object({ code: v.string(), message: v.string() });
export type FailureCause = v.InferOutput<typeof FailureCause>;

/** Requests to one operation, each counted once: sent = succeeded + throttled + failed. */
export const CallCounts = v.object({ sent: Count, succeeded: Count, throttled: Count, failed: Count });
export type CallCounts = v.InferOutput<typeof CallCounts>;

/** Call counts in `run.json`. */
export const ReportedCalls = v.object({
  ...CallCounts.entries,
  /**
   * Requests that were not needed, of those that one call of each kind per principal would need: for a principal whose
   * evidence was carried, shared or ruled out. Further pages and retries of other principals don't lower it. For AssumeRole:
   * calls that were not needed, because a session that was open already was used again.
   */
  saved: Count,
  /**
   * Succeeded calls per second in one account, while the operation had work there. With several accounts it is their average,
   * weighted by time, and not their sum: each account has its own limit.
   */
  perSecond: v.number(),
  /** Seconds in which calls waited because of the rate, a pause or backoff, summed over the accounts. */
  waitedSeconds: v.optional(v.number(), 0),
});
export type ReportedCalls = v.InferOutput<typeof ReportedCalls>;

/**
 * Call counts of one operation. `busyMs`: milliseconds in which it had work. `waitedMs`: milliseconds in which its
 * calls waited, as in `waitedSeconds`. `avoided`: calls that were not needed, because the result of an earlier one was
 * still valid; missing if there were none. All values are summed over batches and accounts. Objects of earlier versions have
 * no `waitedMs`.
 */
export const OperationCalls = v.object({
  ...CallCounts.entries,
  busyMs: v.number(),
  waitedMs: v.optional(v.number(), 0),
  avoided: v.optional(Count),
});
export type OperationCalls = v.InferOutput<typeof OperationCalls>;

/** By `service:Operation`, such as `iam:SimulatePrincipalPolicy`. */
export const CallsByOperation = v.record(v.string(), OperationCalls);
export type CallsByOperation = v.InferOutput<typeof CallsByOperation>;

/** Billed AWS usage of an account's audit. SummariseRun calculates the cost from it. */
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
  /** Exceptions that match a finding, including expired ones, as indexes in the run's exceptions file. */
  exceptions: v.array(Count),
});
export type FindingsOfAccount = v.InferOutput<typeof FindingsOfAccount>;

/** Why principals of an account lack evidence: a step and AWS's code, the message of one principal, and their number. */
export const MissingEvidence = v.object({
  step: v.string(),
  code: v.string(),
  message: v.string(),
  principals: Count,
});
export type MissingEvidence = v.InferOutput<typeof MissingEvidence>;

/** `account.json`: the summary of an account's audit. */
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
  calls: CallsByOperation,
  consumption: Consumption,
  /** When the account's last batch ended; null without batches. Missing in summaries of earlier versions. */
  auditedAt: v.optional(v.nullable(v.string()), null),
  /** Null in summaries of earlier versions. */
  findings: v.optional(v.nullable(FindingsOfAccount), null),
  /** Number of roles whose trust policies may let in principals of other accounts. Missing in summaries of earlier versions. */
  openRoles: v.optional(Count, 0),
  /**
   * By action: number of principals that an Allow statement of their policies gives the action, and that the
   * organization's service control policies do not allow it. Missing in summaries of earlier versions.
   */
  stoppedByOrganization: v.optional(v.record(v.string(), Count), {}),
  /** Missing in summaries of earlier versions. */
  missingEvidence: v.optional(v.array(MissingEvidence), []),
  /** Whether this run wrote the account's rows in the tables. False in summaries of earlier versions. */
  tablesWritten: v.optional(v.boolean(), false),
  /** Missing in summaries of earlier versions, and without calls. */
  timeline: v.optional(CallTimeline),
  error: v.optional(FailureCause),
});
export type AccountSummary = v.InferOutput<typeof AccountSummary>;

/** The findings of a run that Security Hub took, those that it refused, and those of other accounts, which were left out. */
export const FindingsImport = v.object({ imported: Count, refused: Count, ofOtherAccounts: Count });
export type FindingsImport = v.InferOutput<typeof FindingsImport>;

/** RUNNING until the run is summarised. Then COMPLETE, PARTIAL or FAILED, as for accounts. */
export const RunStatus = v.picklist(['RUNNING', 'COMPLETE', 'PARTIAL', 'FAILED']);
export type RunStatus = v.InferOutput<typeof RunStatus>;

/**
 * Cost of the run in the cloud, in US dollars at list prices. `s3` contains requests, not storage. `athena` contains the
 * bytes that queries read, not Athena's own requests to S3. Runs of earlier versions have no `s3` and no `athena`.
 */
export const Cost = v.object({
  stepFunctions: v.number(),
  lambda: v.number(),
  s3: v.optional(v.number(), 0),
  athena: v.optional(v.number(), 0),
  total: v.number(),
});
export type Cost = v.InferOutput<typeof Cost>;

/** The accounts that are audited, and the patterns of their principals. */
export const Scope = v.object({
  accounts: v.union([v.literal('all'), v.array(AccountId)]),
  principals: v.union([v.literal('all'), v.array(v.string())]),
});
export type Scope = v.InferOutput<typeof Scope>;

/**
 * Set if AWS Lambda's concurrency quota is too low for the setting `accountsAtOnce`: the setting, the lower number of
 * accounts that the run audits at once (`reducedTo`), and the quota (`concurrentExecutions`).
 */
export const LambdaLimit = v.object({ accountsAtOnce: Count, reducedTo: Count, concurrentExecutions: Count });
export type LambdaLimit = v.InferOutput<typeof LambdaLimit>;

/** Who used the rate up while many calls of a run were throttled, from CloudTrail's logs. */
export const Culprits = v.object({
  /** `caller`: ARN of a role or user, or the name of a service. */
  callers: v.array(v.object({ caller: v.string(), accountId: v.string(), diagnosis: v.string() })),
  /** Why no caller can be named, or why some may be missing; null if nothing is missing. */
  note: v.nullable(v.string()),
});
export type Culprits = v.InferOutput<typeof Culprits>;

const Place = {
  /** The account's name in the organization; null if AWS did not return it. */
  name: v.nullable(v.string()),
  /** The units above the account, from the root down, such as `Root/Workloads/Production`; null if they are not known. */
  path: v.nullable(v.string()),
};

/** An account that joined or left the organization since the last run that finished. */
export const MembershipChange = v.object({ accountId: AccountId, ...Place });
export type MembershipChange = v.InferOutput<typeof MembershipChange>;

/** An account of the organization that was asked for and not audited. `code`: its state, such as SUSPENDED, or UnknownUnit. */
export const SkippedAccount = v.object({ accountId: AccountId, ...Place, reason: FailureCause });
export type SkippedAccount = v.InferOutput<typeof SkippedAccount>;

/** Why reports about the organization's use of services are missing. `whatToDo`: what an operator can do. */
export const OrganizationUseProblem = v.object({ ...FailureCause.entries, whatToDo: v.string() });
export type OrganizationUseProblem = v.InferOutput<typeof OrganizationUseProblem>;

/** Which services the organization uses, and what is proposed. Details: `organization-use.jsonl` and `scp/`. */
export const OrganizationUseOfRun = v.object({
  /** Roots and units, and accounts, that the run asked about. */
  units: Count,
  accounts: Count,
  /** Units and accounts with a report, and those of them whose report an earlier run read. */
  answered: Count,
  carried: Count,
  /** Roots and units for which service control policies are proposed. */
  proposals: Count,
  problem: v.optional(OrganizationUseProblem),
});
export type OrganizationUseOfRun = v.InferOutput<typeof OrganizationUseOfRun>;

/** For a run of an organization: what it did not audit, and what changed since the last run. */
export const OrganizationOfRun = v.object({
  organizationId: v.nullable(v.string()),
  skipped: v.array(SkippedAccount),
  /** By name: number of the organization's accounts that the resource control policy applies to. */
  resourceControlPolicies: v.optional(v.record(v.string(), Count), {}),
  joined: v.array(MembershipChange),
  left: v.array(MembershipChange),
  /** Missing until SummariseRun, and in runs of earlier versions. */
  use: v.optional(OrganizationUseOfRun),
});
export type OrganizationOfRun = v.InferOutput<typeof OrganizationOfRun>;

/** `run.json`: the summary of a run. */
export const RunSummary = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  /** ISO 8601. */
  startedAt: v.string(),
  /** ISO 8601. Null while the run is in progress. */
  finishedAt: v.nullable(v.string()),
  status: RunStatus,
  scope: Scope,
  /** Whether this is a run of all accounts and principals, or resumes the latest such run. Missing in runs of earlier versions. */
  wholeScope: v.optional(v.boolean()),
  /** The run that this run completes (`--resume`). */
  resumes: v.optional(RunId),
  /** Present for a full run, and for a run that resumes a full run. `since`: when the full run started. */
  full: v.optional(v.object({ since: v.string() })),
  accounts: v.array(
    v.object({
      accountId: AccountId,
      /** `name` and `path` are missing if the run knows no list of the organization's accounts. */
      name: v.optional(Place.name),
      path: v.optional(Place.path),
      status: Status,
      principals: PrincipalCounts,
      /** Seconds from the start of the inventory until the account was summarised. Missing if it was not started. */
      durationSeconds: v.optional(v.number()),
      /** Requests of all operations. Missing in runs of earlier versions. */
      calls: v.optional(v.object({ sent: Count, throttled: Count })),
      /** The main reasons if principals lack evidence. Missing if none does, and in runs of earlier versions. */
      missingEvidence: v.optional(v.array(MissingEvidence)),
      error: v.optional(FailureCause),
    }),
  ),
  organization: v.optional(OrganizationOfRun),
  /** The sum over the accounts. */
  principals: PrincipalCounts,
  /** By `service:Operation`, such as `iam:SimulatePrincipalPolicy`. */
  calls: v.record(v.string(), ReportedCalls),
  cost: Cost,
  /**
   * Whether the calls of several accounts use the same token bucket. `ratio`: calls accepted before the first throttle
   * in a later account, divided by those in the first account (median).
   */
  sharing: v.optional(v.object({ shared: v.boolean(), ratio: v.number(), comparisons: Count, foundAt: v.string() })),
  findings: v.optional(FindingCounts),
  /**
   * Paths between accounts. `searched`: number of accounts that roles of other accounts may let in and that were searched.
   * `notSearched`: IDs of those that were not, because their evidence is missing or the time was over. Missing in runs of
   * one account and of earlier versions.
   */
  acrossAccounts: v.optional(v.object({ searched: Count, notSearched: v.array(AccountId) })),
  /** The last run that finished before this one; null if there is none. */
  previous: v.optional(v.nullable(RunId)),
  /**
   * `valid`: number of exceptions that have not expired; missing in runs of earlier versions. `unused`: those of them
   * that match no finding, if the run audited every principal that they can match. `problems`: errors in the exceptions
   * file.
   */
  exceptions: v.optional(
    v.object({
      valid: v.optional(Count),
      problems: v.array(v.string()),
      unused: v.array(v.string()),
      expired: v.array(v.string()),
    }),
  ),
  /** Runs of earlier versions have other names in it, and are read without it. */
  lambdaLimit: v.fallback(v.optional(LambdaLimit), undefined),
  /** For a run that is spread over time: the requested minutes, and the minutes until the last batch ended. */
  spread: v.optional(v.object({ minutes: v.number(), tookMinutes: v.nullable(v.number()) })),
  /** Present if the question was asked: with the setting `doctor`, and if many calls were throttled. */
  culprits: v.optional(Culprits),
  /** Present if the import of the findings into Security Hub has ended: with the setting `securityHub`. */
  securityHub: v.optional(FindingsImport),
});
export type RunSummary = v.InferOutput<typeof RunSummary>;

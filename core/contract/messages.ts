import * as v from 'valibot';
import { AccountId, RunId } from './execution-input.ts';
import { AccountCredentials, Status } from './evidence.ts';
import { CallsByOperation, Consumption, FailureCause, FindingsImport, RunStatus } from './run.ts';
import { EventBatch } from './events.ts';
import { CallTimeline } from './calls/timeline.ts';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Time = v.pipe(v.string(), v.isoTimestamp());

/** Data between the states of the workflow: keys, counts and settings. Large data is passed in S3 objects. */

export const PlanRunInput = v.object({
  execution: v.object({
    id: v.string(),
    name: v.string(),
    startedAt: Time,
    /** When PlanRun was entered. This is later than the execution's start if it waited for another run. */
    enteredAt: Time,
  }),
  /** The execution's input, unchecked. PlanRun validates it, so that the error names the wrong field. */
  input: v.unknown(),
});
export type PlanRunInput = v.InferOutput<typeof PlanRunInput>;

/** The settings of the run for each account. */
export const AccountRequest = v.object({
  principals: v.nullable(v.array(v.string())),
  /** The run's window in minutes. 0: as fast as possible. */
  spreadOverMinutes: v.number(),
  /** Minutes over which each account's batches are spread: the account's share of the window. */
  sliceMinutes: v.number(),
  full: v.boolean(),
  /** For a full run, its start. If this run resumes a full run, the start of that run. */
  fullSince: v.optional(v.nullable(Time), null),
});
export type AccountRequest = v.InferOutput<typeof AccountRequest>;

/** What a started execution does. The field with the details is not null. */
export const PlanDecision = v.picklist([
  /** Audit the accounts in `accountsKey`. */
  'AUDIT',
  /** Wait until `waitUntil` and plan again, because another run is in progress at a scheduled start. */
  'WAIT',
  /** Do nothing, because the scheduled day was already audited. */
  'ALREADY_RUN',
  /** Do nothing. `refusal` has the reason. */
  'REFUSED',
]);
export type PlanDecision = v.InferOutput<typeof PlanDecision>;

export const PlanRunOutput = v.object({
  decision: PlanDecision,
  runId: RunId,
  /** Key of the item reader's object; `accounts` is its number of lines. */
  accountsKey: v.string(),
  accounts: Count,
  accountsAtOnce: Count,
  request: v.nullable(AccountRequest),
  /** Whether the run is of an organization. Its use of services is then read. */
  ofOrganization: v.boolean(),
  waitUntil: v.nullable(Time),
  refusal: v.nullable(FailureCause),
});
export type PlanRunOutput = v.InferOutput<typeof PlanRunOutput>;

export const InventoryAccountInput = v.object({
  runId: RunId,
  accountId: AccountId,
  resumeFrom: v.nullable(RunId),
  /** The account's planned start. Its slice of the window begins then, even if the account starts late. */
  startAt: Time,
  request: AccountRequest,
});
export type InventoryAccountInput = v.InferOutput<typeof InventoryAccountInput>;

/** A range of the worklist: lines `from` to `to` (exclusive), and the offset and length of their bytes. */
export const Batch = v.object({
  n: Count,
  from: Count,
  to: Count,
  offset: Count,
  length: Count,
  slotAt: Time,
  /** AuditBatch starts its principals evenly from `slotAt` until this time. Null: as fast as possible. */
  spreadUntil: v.optional(v.nullable(Time), null),
  /** Number of attempts that may end early during a gap: the batch's share of the execution's history. */
  pauses: v.optional(Count, 0),
});
export type Batch = v.InferOutput<typeof Batch>;

/**
 * The use of one invocation: duration in milliseconds, configured memory in megabytes, requests to S3. Objects of
 * earlier versions have no requests.
 */
export const InvocationUse = v.object({
  durationMs: v.number(),
  memoryMegabytes: v.number(),
  puts: v.optional(Count, 0),
  gets: v.optional(Count, 0),
});
export type InvocationUse = v.InferOutput<typeof InvocationUse>;

/** A user, role, group or policy that can't be read, with the reason. `arn`: null if it can't be read either. */
export const UnreadableEntry = v.object({
  kind: v.picklist(['user', 'role', 'group', 'policy']),
  arn: v.nullable(v.string()),
  ...FailureCause.entries,
});
export type UnreadableEntry = v.InferOutput<typeof UnreadableEntry>;

export const InventoryAccountOutput = v.object({
  /** When the inventory started. Missing in output of earlier versions. */
  startedAt: v.optional(Time),
  principals: Count,
  batches: v.array(Batch),
  /**
   * Entries of the inventory that AWS listed and that can't be read: the account is not COMPLETE. Missing if there are none, and in output of
   * earlier versions.
   */
  unreadable: v.optional(v.array(UnreadableEntry)),
  /** The account's own credentials. Missing if its inventory could not be read, and in output of earlier versions. */
  credentials: v.optional(AccountCredentials),
  calls: CallsByOperation,
  /** Missing in output of earlier versions, and without calls. */
  timeline: v.optional(CallTimeline),
  use: InvocationUse,
  /** Set if AWS did not allow reading the inventory. The account is then FAILED and has no batches. */
  error: v.optional(FailureCause),
});
export type InventoryAccountOutput = v.InferOutput<typeof InventoryAccountOutput>;

export const AuditBatchInput = v.object({
  runId: RunId,
  accountId: AccountId,
  batch: Batch,
  /** Number of the attempt, from 1. */
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Consecutive attempts that finished nothing. */
  stalled: Count,
});
export type AuditBatchInput = v.InferOutput<typeof AuditBatchInput>;

export const AuditBatchOutput = v.variant('status', [
  v.object({ status: v.literal('FINISHED'), n: Count, attempts: Count }),
  v.object({ status: v.literal('UNFINISHED'), n: Count, attempt: Count, stalled: Count, resumeAt: Time }),
]);
export type AuditBatchOutput = v.InferOutput<typeof AuditBatchOutput>;

/** The result of one batch in the inline Map. */
export const BatchResult = v.object({ n: Count, attempts: Count, error: v.optional(FailureCause) });
export type BatchResult = v.InferOutput<typeof BatchResult>;

export const SummariseAccountInput = v.object({
  runId: RunId,
  accountId: AccountId,
  /** Null if the inventory was interrupted. Its objects may then be incomplete. */
  inventory: v.nullable(InventoryAccountOutput),
  results: v.array(BatchResult),
  /** The reason why the inventory or the batches were interrupted, if no result has it. */
  error: v.nullable(FailureCause),
});
export type SummariseAccountInput = v.InferOutput<typeof SummariseAccountInput>;

export const SummariseAccountOutput = v.object({ accountId: AccountId, status: Status });
export type SummariseAccountOutput = v.InferOutput<typeof SummariseAccountOutput>;

export const OrganizationUseInput = v.object({
  runId: RunId,
  /** Number of the attempt, from 1. */
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Consecutive attempts without a result. */
  stalled: Count,
});
export type OrganizationUseInput = v.InferOutput<typeof OrganizationUseInput>;

export const OrganizationUseOutput = v.variant('status', [
  v.object({ status: v.literal('FINISHED') }),
  v.object({ status: v.literal('UNFINISHED'), attempt: Count, stalled: Count, resumeAt: Time }),
]);
export type OrganizationUseOutput = v.InferOutput<typeof OrganizationUseOutput>;

export const SummariseRunInput = v.object({
  runId: RunId,
  /** Set if the Accounts map itself failed. */
  error: v.nullable(FailureCause),
  /** Whether the workflow has the states that ask who used the rate up: only with the setting `doctor`. */
  namesCulprits: v.optional(v.boolean()),
  /**
   * Set if OrganizationUse itself failed. Missing if the workflow does not have that state: it has it only if the setting
   * `accounts` is `organization`.
   */
  organizationUseError: v.optional(v.nullable(FailureCause)),
});
export type SummariseRunInput = v.InferOutput<typeof SummariseRunInput>;

/** The output of an execution that was refused, for example because of an invalid input. */
export const RefusedExecution = v.object({ status: v.literal('REFUSED'), error: FailureCause });
export type RefusedExecution = v.InferOutput<typeof RefusedExecution>;

/** A message for the subscribers. Amazon SNS accepts subjects of at most 100 ASCII characters, and messages of 256 KiB. */
export const Notification = v.object({ subject: v.string(), message: v.string() });
export type Notification = v.InferOutput<typeof Notification>;

/** What Athena needs to know to find who used the rate up while many calls of a run were throttled. */
export const ThrottledRun = v.object({
  /** The run's time, in seconds since 1970: from `from` until before `to`. */
  from: Count,
  to: Count,
  /** ID of the analysis: lowercase letters, digits and hyphens. */
  analysis: v.string(),
  /** Parameters of the statement that collects the rows: literals of SQL. */
  parameters: v.array(v.string()),
});
export type ThrottledRun = v.InferOutput<typeof ThrottledRun>;

/**
 * How a run ended. `notification` is null if the setting `notify` excludes the run. `events` are the events for EventBridge, in
 * batches. `throttled` is null if few calls of the run were throttled.
 */
export const SummariseRunOutput = v.object({
  runId: RunId,
  status: RunStatus,
  notification: v.nullable(Notification),
  events: v.array(EventBatch),
  throttled: v.nullable(ThrottledRun),
});
export type SummariseRunOutput = v.InferOutput<typeof SummariseRunOutput>;

/** A part of an answer of Athena, as GetQueryResults gives it. A missing value is null in SQL. */
export const ResultSet = v.object({
  ResultSetMetadata: v.object({ ColumnInfo: v.array(v.object({ Name: v.string(), Type: v.string() })) }),
  Rows: v.array(v.object({ Data: v.optional(v.array(v.object({ VarCharValue: v.optional(v.string()) })), []) })),
});
export type ResultSet = v.InferOutput<typeof ResultSet>;

export const NameCulpritsInput = v.object({
  runId: RunId,
  throttled: ThrottledRun,
  /** `isPart`: the answer has more rows. */
  answer: v.union([v.object({ error: FailureCause }), v.object({ resultSet: ResultSet, isPart: v.boolean() })]),
  /** Bytes that each query read that succeeded. */
  scannedBytes: v.array(Count),
});
export type NameCulpritsInput = v.InferOutput<typeof NameCulpritsInput>;

/** `addition` is added to the message about the run. */
export const NameCulpritsOutput = v.object({ runId: RunId, status: RunStatus, addition: v.string() });
export type NameCulpritsOutput = v.InferOutput<typeof NameCulpritsOutput>;

/** What earlier invocations of ImportFindings have done. */
export const ImportProgress = v.object({
  /** Number of findings that are done, from the first line of `findings.jsonl`. */
  next: Count,
  counts: FindingsImport,
  /** The first finding that Security Hub refused. */
  refusal: v.nullable(FailureCause),
  used: Consumption,
});
export type ImportProgress = v.InferOutput<typeof ImportProgress>;

export const ImportFindingsInput = v.object({
  runId: RunId,
  /** The account of the execution: Security Hub takes findings only from the account that they are about. */
  accountId: AccountId,
  /** Null: no finding is imported yet. */
  progress: v.nullable(ImportProgress),
});
export type ImportFindingsInput = v.InferOutput<typeof ImportFindingsInput>;

/**
 * `progress` is null if all findings are done. `addition` is added to the message about the run. `problem` is not null if
 * Security Hub refused findings.
 */
export const ImportFindingsOutput = v.object({
  status: v.picklist(['FINISHED', 'UNFINISHED']),
  progress: v.nullable(ImportProgress),
  addition: v.string(),
  problem: v.nullable(FailureCause),
});
export type ImportFindingsOutput = v.InferOutput<typeof ImportFindingsOutput>;

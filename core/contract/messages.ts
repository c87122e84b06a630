import * as v from 'valibot';
import { AccountId, RunId } from './execution-input.ts';
import { AccountCredentials, Status } from './evidence.ts';
import { FailureCause, RunStatus, WorkByOperation } from './run.ts';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Time = v.pipe(v.string(), v.isoTimestamp());

/** What the workflow passes from state to state: keys, counts and settings, never data. */

export const PlanRunInput = v.object({
  execution: v.object({
    id: v.string(),
    name: v.string(),
    startedAt: Time,
    /** When PlanRun was entered: later than the execution's start where it had to wait for another run. */
    enteredAt: Time,
  }),
  /** The execution's input as it came; PlanRun checks it, so that a wrong field is named. */
  input: v.unknown(),
});
export type PlanRunInput = v.InferOutput<typeof PlanRunInput>;

/** What every account of the run is asked. */
export const AccountRequest = v.object({
  principals: v.nullable(v.array(v.string())),
  /** The run's window; 0: as fast as the accounts allow. */
  spreadOverMinutes: v.number(),
  /** Each account's share of it: its batches are spread over so many minutes. */
  sliceMinutes: v.number(),
  full: v.boolean(),
  /** Where it is: since when it is, which is earlier than this run where that goes on with a full one. */
  fullSince: v.optional(v.nullable(Time), null),
});
export type AccountRequest = v.InferOutput<typeof AccountRequest>;

/** What a started execution is to do: the field that says more is not null. */
export const PlanDecision = v.picklist([
  /** Audit the accounts of `accountsKey`. */
  'AUDIT',
  /** Wait until `waitUntil` and plan again: a scheduled start has met a run that is in progress. */
  'WAIT',
  /** Nothing: the scheduled day was audited before. */
  'ALREADY_RUN',
  /** Nothing: `refusal` says why. */
  'REFUSED',
]);
export type PlanDecision = v.InferOutput<typeof PlanDecision>;

export const PlanRunOutput = v.object({
  decision: PlanDecision,
  runId: RunId,
  /** The reader's object and how many accounts it holds. */
  accountsKey: v.string(),
  accounts: Count,
  accountsAtOnce: Count,
  request: v.nullable(AccountRequest),
  waitUntil: v.nullable(Time),
  refusal: v.nullable(FailureCause),
});
export type PlanRunOutput = v.InferOutput<typeof PlanRunOutput>;

export const InventoryAccountInput = v.object({
  runId: RunId,
  accountId: AccountId,
  resumeFrom: v.nullable(RunId),
  /** When the account's turn was: its slice of the window begins then, also where it comes late. */
  startAt: Time,
  request: AccountRequest,
});
export type InventoryAccountInput = v.InferOutput<typeof InventoryAccountInput>;

/** A range of the worklist: lines `from` to `to` (exclusive), and where their bytes are. */
export const Batch = v.object({
  n: Count,
  from: Count,
  to: Count,
  offset: Count,
  length: Count,
  slotAt: Time,
  /** How many of its attempts may end early for a gap: its share of the execution's history. */
  pauses: v.optional(Count, 0),
});
export type Batch = v.InferOutput<typeof Batch>;

/**
 * What one invocation used: its own time in milliseconds, the memory it has in megabytes, its requests to S3. Objects
 * of earlier versions do not count requests.
 */
export const InvocationUse = v.object({
  durationMs: v.number(),
  memoryMegabytes: v.number(),
  puts: v.optional(Count, 0),
  gets: v.optional(Count, 0),
});
export type InvocationUse = v.InferOutput<typeof InvocationUse>;

export const InventoryAccountOutput = v.object({
  principals: Count,
  batches: v.array(Batch),
  /** Of the account itself; not there where its inventory could not be read, and in answers of earlier versions. */
  credentials: v.optional(AccountCredentials),
  calls: WorkByOperation,
  use: InvocationUse,
  /** Set when AWS did not let the inventory be read: the account is FAILED, and there are no batches. */
  error: v.optional(FailureCause),
});
export type InventoryAccountOutput = v.InferOutput<typeof InventoryAccountOutput>;

export const AuditBatchInput = v.object({
  runId: RunId,
  accountId: AccountId,
  batch: Batch,
  /** Counts from 1. */
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Attempts in a row that finished nothing. */
  stalled: Count,
});
export type AuditBatchInput = v.InferOutput<typeof AuditBatchInput>;

export const AuditBatchOutput = v.variant('status', [
  v.object({ status: v.literal('FINISHED'), n: Count, attempts: Count }),
  v.object({ status: v.literal('UNFINISHED'), n: Count, attempt: Count, stalled: Count, resumeAt: Time }),
]);
export type AuditBatchOutput = v.InferOutput<typeof AuditBatchOutput>;

/** How the inline Map saw one batch end. */
export const BatchResult = v.object({ n: Count, attempts: Count, error: v.optional(FailureCause) });
export type BatchResult = v.InferOutput<typeof BatchResult>;

export const SummariseAccountInput = v.object({
  runId: RunId,
  accountId: AccountId,
  /** Null when the inventory broke off: what it wrote is not to be trusted. */
  inventory: v.nullable(InventoryAccountOutput),
  results: v.array(BatchResult),
  /** Why the inventory or the batches broke off, where no result says it. */
  error: v.nullable(FailureCause),
});
export type SummariseAccountInput = v.InferOutput<typeof SummariseAccountInput>;

export const SummariseAccountOutput = v.object({ accountId: AccountId, status: Status });
export type SummariseAccountOutput = v.InferOutput<typeof SummariseAccountOutput>;

export const SummariseRunInput = v.object({
  runId: RunId,
  /** Set when the Accounts map itself failed. */
  error: v.nullable(FailureCause),
});
export type SummariseRunInput = v.InferOutput<typeof SummariseRunInput>;

/** What an execution answers that was not to audit anything now, such as one that was started with a wrong input. */
export const RefusedExecution = v.object({ status: v.literal('REFUSED'), error: FailureCause });
export type RefusedExecution = v.InferOutput<typeof RefusedExecution>;

/** A message for the subscribers. Subject: at most 100 characters of ASCII, as Amazon SNS takes them. */
export const Notification = v.object({ subject: v.string(), message: v.string() });
export type Notification = v.InferOutput<typeof Notification>;

/** `notification` is null where the setting `notify` asks for none about a run that ended so. */
export const SummariseRunOutput = v.object({
  runId: RunId,
  status: RunStatus,
  notification: v.nullable(Notification),
});
export type SummariseRunOutput = v.InferOutput<typeof SummariseRunOutput>;

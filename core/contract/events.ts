import * as v from 'valibot';
import { AccountId, RunId } from './execution-input.ts';
import { FindingCounts, Severity } from './finding.ts';
import { PrincipalCounts, RunStatus } from './run.ts';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The source of all events of the audit, and their detail types. */
export const eventSource = 'iam-audit';
export const eventTypes = {
  runEnded: 'IAM Audit Run Ended',
  newCriticalFinding: 'IAM Audit New Critical Finding',
} as const;

/** The detail of the event about a run that has ended. */
export const RunEndedEvent = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  status: RunStatus,
  /** ISO 8601. */
  startedAt: v.string(),
  finishedAt: v.string(),
  /** Whether this was a run of all accounts and principals, or resumed the latest such run. */
  wholeScope: v.boolean(),
  accounts: v.object({ total: Count, failed: Count }),
  principals: PrincipalCounts,
  /** Null if there are no findings because the run failed. */
  findings: v.nullable(FindingCounts),
  /** New findings by severity, and resolved findings that were critical or high. */
  news: v.object({ newCritical: Count, newHigh: Count, resolvedSevere: Count }),
  /** Events about new critical findings that follow. At most 49: the report has all findings. */
  findingEvents: Count,
  calls: v.object({ sent: Count, throttled: Count, saved: Count }),
  /** Cost of the run in US dollars. */
  dollars: v.number(),
  /** The report, which needs permission to read the bucket. */
  report: v.object({ bucket: v.string(), key: v.string() }),
});
export type RunEndedEvent = v.InferOutput<typeof RunEndedEvent>;

/** The detail of the event about a critical finding that an earlier run did not have. Texts may be cut. They have names from AWS, which are untrusted. */
export const NewCriticalFindingEvent = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  finding: v.object({
    id: v.string(),
    rule: v.string(),
    severity: Severity,
    controls: v.array(v.string()),
    accountId: AccountId,
    principalArn: v.string(),
    title: v.string(),
    detail: v.string(),
    /** ISO 8601. */
    firstSeen: v.string(),
  }),
});
export type NewCriticalFindingEvent = v.InferOutput<typeof NewCriticalFindingEvent>;

/** An entry of PutEvents. Step Functions adds the ARNs of execution and state machine as resources, and writes the detail as JSON text. */
const Entry = v.object({
  Source: v.literal(eventSource),
  DetailType: v.picklist(Object.values(eventTypes)),
  Detail: v.union([RunEndedEvent, NewCriticalFindingEvent]),
});
export type EventEntry = v.InferOutput<typeof Entry>;

/** PutEvents accepts at most this many entries (EventBridge quotas). */
export const ENTRIES_PER_CALL = 10;
export const EventBatch = v.object({ Entries: v.pipe(v.array(Entry), v.minLength(1), v.maxLength(ENTRIES_PER_CALL)) });
export type EventBatch = v.InferOutput<typeof EventBatch>;

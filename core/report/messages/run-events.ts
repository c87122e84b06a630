import { objects } from '../../contract/objects.ts';
import {
  ENTRIES_PER_CALL,
  eventSource,
  eventTypes,
  type EventBatch,
  type EventEntry,
  type RunEndedEvent,
} from '../../contract/events.ts';
import type { Finding } from '../../contract/finding.ts';
import type { RunSummary } from '../../contract/run.ts';
import { printable } from '../../wording/printable.ts';
import { MOST_FINDING_EVENTS, type Highlights } from './highlights.ts';

/**
 * Maximum characters of each text. A character takes at most 6 bytes in JSON, so 49 findings take at most 230 KB; the names in
 * IAM are ASCII, so they take about 60 KB. `MOST_BYTES` is the bound.
 */
const TITLE_LENGTH = 200;
const DETAIL_LENGTH = 500;

/** All events of a run together. Step Functions accepts 256 KiB for the output of a state, and the message is in it too. */
const MOST_BYTES = 100_000;

/** The number of calls of PutEvents for a run, before its events are made: no more than this. */
export const eventCalls = ({ newCriticalFindings }: Highlights): number =>
  Math.ceil((1 + newCriticalFindings.length) / ENTRIES_PER_CALL);

/** The events about a run that has ended, in batches for PutEvents. The first is about the run. */
export function runEvents(run: RunSummary, highlights: Highlights, bucket: string): EventBatch[] {
  const findings: EventEntry[] = [];
  let bytes = 0;
  for (const finding of highlights.newCriticalFindings.slice(0, MOST_FINDING_EVENTS)) {
    const entry = findingEntry(run.runId, finding);
    bytes += new TextEncoder().encode(JSON.stringify(entry)).length;
    if (bytes > MOST_BYTES) break;
    findings.push(entry);
  }
  const entries = [runEntry(runDetail(run, highlights, findings.length, bucket)), ...findings];
  const batches: EventBatch[] = [];
  for (let from = 0; from < entries.length; from += ENTRIES_PER_CALL) {
    batches.push({ Entries: entries.slice(from, from + ENTRIES_PER_CALL) });
  }
  return batches;
}

const runEntry = (detail: RunEndedEvent): EventEntry => ({
  Source: eventSource,
  DetailType: eventTypes.runEnded,
  Detail: detail,
});

function runDetail(run: RunSummary, highlights: Highlights, findingEvents: number, bucket: string): RunEndedEvent {
  const calls = Object.values(run.calls);
  const sum = (field: 'sent' | 'throttled' | 'saved'): number =>
    calls.reduce((total, counts) => total + Math.max(0, counts[field]), 0);
  const { newCritical, newHigh, resolvedSevere } = highlights;
  return {
    schemaVersion: 1,
    runId: run.runId,
    status: run.status,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt ?? run.startedAt,
    wholeScope: run.wholeScope === true,
    accounts: {
      total: run.accounts.length,
      failed: run.accounts.filter(({ status }) => status === 'FAILED').length,
    },
    principals: run.principals,
    findings: run.findings ?? null,
    news: { newCritical, newHigh, resolvedSevere },
    findingEvents,
    calls: { sent: sum('sent'), throttled: sum('throttled'), saved: sum('saved') },
    dollars: run.cost.total,
    report: { bucket, key: objects.report(run.runId) },
  };
}

const findingEntry = (
  runId: string,
  { id, rule, severity, controls, accountId, principalArn, title, detail, firstSeen }: Finding,
): EventEntry => ({
  Source: eventSource,
  DetailType: eventTypes.newCriticalFinding,
  Detail: {
    schemaVersion: 1,
    runId,
    finding: {
      id,
      rule,
      severity,
      controls,
      accountId,
      principalArn: printable(principalArn),
      title: cut(printable(title), TITLE_LENGTH),
      detail: cut(printable(detail), DETAIL_LENGTH),
      firstSeen,
    },
  },
});

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

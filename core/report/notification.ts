import type { Notify } from '../contract/environment.ts';
import type { Notification } from '../contract/messages.ts';
import type { RunStatus, RunSummary } from '../contract/run.ts';
import { printable } from '../wording/printable.ts';
import { summariseInWords } from './summary.ts';

/** Amazon SNS takes subjects of at most 100 ASCII characters. */
const SUBJECT_LENGTH = 100;
/** A run of thousands of accounts may have as many problems. The report has all of them. */
const MOST_LINES = 40;
/**
 * Maximum characters of a line. A character takes at most 6 bytes in JSON, so 40 lines take at most 120 KB. Step
 * Functions and Amazon SNS accept 256 KiB.
 */
const LINE_LENGTH = 500;

/** Whether a run that ended with this status is reported to the subscribers. */
export const isNotified = (status: RunStatus, notify: Notify): boolean =>
  notify === 'always' || (notify === 'problems' && status !== 'COMPLETE');

/** The message about a run that has ended; null if the setting asks for none. */
export function notificationOf(run: RunSummary, bucket: string, notify: Notify): Notification | null {
  if (!isNotified(run.status, notify)) return null;
  const lines = summariseInWords(run);
  const omitted = lines.length - MOST_LINES;
  return {
    subject: subjectOf(run).slice(0, SUBJECT_LENGTH),
    message: [
      ...lines.slice(0, MOST_LINES),
      ...(omitted > 0 ? [`${omitted} more lines are in the report.`] : []),
      '',
      `Run: ${run.runId}`,
      `Report: npx iam-audit report --open --run ${run.runId}`,
      `Results: s3://${bucket}/runs/${run.runId}/`,
    ]
      .map((line) => shortened(printable(line)))
      .join('\n'),
  };
}

function shortened(line: string): string {
  return line.length <= LINE_LENGTH ? line : `${line.slice(0, LINE_LENGTH - 1)}…`;
}

function subjectOf({ status, accounts }: RunSummary): string {
  const failed = accounts.filter((account) => account.status === 'FAILED').length;
  return failed === 0
    ? `IAM audit: ${status}`
    : `IAM audit: ${status}, ${failed} of ${accounts.length} accounts not audited`;
}

import type { Notify } from '../contract/environment.ts';
import type { Notification } from '../contract/messages.ts';
import type { RunStatus, RunSummary } from '../contract/run.ts';
import { printable, summariseInWords } from './summary.ts';

/** Amazon SNS takes subjects of at most 100 ASCII characters. */
const SUBJECT_LENGTH = 100;
/** A run of thousands of accounts may have as many problems: the rest is in the report. */
const MOST_LINES = 40;
/**
 * Characters of a line. 40 lines of 6 bytes a character, which is what JSON takes for the worst one, are 120 KB: less than
 * the 256 KiB that Step Functions and Amazon SNS take.
 */
const LINE_LENGTH = 500;

/** Whether a run that has ended so is told to the subscribers. */
export const isNotified = (status: RunStatus, notify: Notify): boolean =>
  notify === 'always' || (notify === 'problems' && status !== 'COMPLETE');

/** The message about a run that has ended; null where none is wanted. */
export function notificationOf(run: RunSummary, bucket: string, notify: Notify): Notification | null {
  if (!isNotified(run.status, notify)) return null;
  const lines = summariseInWords(run);
  const left = lines.length - MOST_LINES;
  return {
    subject: subjectOf(run).slice(0, SUBJECT_LENGTH),
    message: [
      ...lines.slice(0, MOST_LINES),
      ...(left > 0 ? [`${left} more lines are in the report.`] : []),
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
  const lost = accounts.filter((account) => account.status === 'FAILED').length;
  return lost === 0
    ? `IAM audit: ${status}`
    : `IAM audit: ${status}, ${lost} of ${accounts.length} accounts not audited`;
}

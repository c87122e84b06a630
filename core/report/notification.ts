import type { Finding } from '../contract/finding.ts';
import type { Notification } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { RunSummary } from '../contract/run.ts';
import { printable } from '../wording/printable.ts';
import { withoutLinks } from '../wording/without-links.ts';
import { culpritsInWords } from './culprits.ts';
import type { Highlights } from './messages/highlights.ts';
import { missingInWords, summariseInWords } from './summary.ts';

/** Amazon SNS takes subjects of at most 100 ASCII characters. */
const SUBJECT_LENGTH = 100;
/** A run of thousands of accounts may have as many problems. The report has all of them. */
const MOST_LINES = 40;
/** What could not be audited, at the top of the message. */
const MOST_MISSING = 5;
/**
 * Maximum characters of a line. A character takes at most 6 bytes in JSON, so 65 lines take at most 120 KB. Step
 * Functions and Amazon SNS accept 256 KiB.
 */
const LINE_LENGTH = 300;

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Where the results are. `region` is missing on one machine. */
export interface ResultsPlace {
  readonly bucket: string;
  readonly region?: string | undefined;
}

/** The message about a run that has ended: what is new, what was resolved, what is missing, the report, the summary. */
export function notificationOf(
  run: RunSummary,
  highlights: Highlights,
  { bucket, region }: ResultsPlace,
): Notification {
  const lines = summariseInWords(run);
  const omitted = lines.length - MOST_LINES;
  const report = region === undefined ? null : consoleLink(bucket, objects.report(run.runId), region);
  return {
    subject: subjectOf(run, highlights).slice(0, SUBJECT_LENGTH),
    message: [
      ...news('New', highlights.newCritical + highlights.newHigh, highlights.named),
      ...news('Resolved', highlights.resolvedSevere, highlights.namedResolved),
      ...missing(run),
      ...(report === null ? [] : ['Report (sign in to AWS first):', report]),
      `Report on a computer: npx iam-audit report --open --run ${run.runId}`,
      `Results: s3://${bucket}/runs/${run.runId}/`,
      '',
      'SUMMARY',
      ...lines.slice(0, MOST_LINES).map(untrusted),
      ...(omitted > 0 ? [`${omitted} more lines are in the report.`] : []),
      '',
      'Names come from the audited accounts. Anyone who may create a user or a role chooses them.',
    ].join('\n'),
  };
}

/** What is added to the message if the run asked who used the rate up. */
export const culpritsAddition = (run: RunSummary): string =>
  culpritsInWords(run)
    .slice(0, MOST_LINES)
    .map((line) => `\n${untrusted(line)}`)
    .join('');

function news(title: string, count: number, named: readonly Finding[]): string[] {
  if (count === 0) return [];
  const omitted = count - named.length;
  return [
    `${title.toUpperCase()}: ${plural(count, 'critical or high finding')}`,
    ...named.map(({ severity, title: text, accountId }) =>
      untrusted(`- ${severity.toUpperCase()}: ${text} (${accountId})`),
    ),
    ...(omitted > 0 ? [`- and ${omitted} more in the report`] : []),
    '',
  ];
}

function missing(run: RunSummary): string[] {
  const reasons = missingInWords(run);
  if (reasons.length === 0) return [];
  const omitted = reasons.length - MOST_MISSING;
  return [
    'NOT AUDITED',
    ...reasons.slice(0, MOST_MISSING).map((reason) => untrusted(`- ${reason}`)),
    ...(omitted > 0 ? [`- and ${omitted} more in the summary`] : []),
    '',
  ];
}

function untrusted(line: string): string {
  const text = withoutLinks(printable(line));
  return text.length <= LINE_LENGTH ? text : `${text.slice(0, LINE_LENGTH - 1)}…`;
}

/** Numbers only: names of AWS are never in a subject. */
function subjectOf({ status, accounts }: RunSummary, { newCritical, newHigh, resolvedSevere }: Highlights): string {
  const failed = accounts.filter((account) => account.status === 'FAILED').length;
  const parts = [
    status,
    ...(newCritical === 0 ? [] : [`${newCritical} new critical`]),
    ...(newHigh === 0 ? [] : [`${newHigh} new high`]),
    ...(resolvedSevere === 0 ? [] : [`${resolvedSevere} resolved`]),
    ...(failed === 0 ? [] : [`${failed} of ${accounts.length} accounts not audited`]),
  ];
  return `IAM audit: ${parts.join(', ')}`;
}

/**
 * The object in the S3 console, where the reader signs in. With a presigned URL, every reader of the message could read the report,
 * and the URL would expire with the session of the function's role, after hours. Null in partitions whose console is not known.
 */
export function consoleLink(bucket: string, key: string, region: string): string | null {
  const domain = /^cn-/.test(region)
    ? 'console.amazonaws.cn'
    : /^us-gov-/.test(region)
      ? 'console.amazonaws-us-gov.com'
      : /^(us-iso|eu-iso|eusc-)/.test(region)
        ? null
        : 'console.aws.amazon.com';
  if (domain === null) return null;
  return `https://${region}.${domain}/s3/object/${bucket}?region=${region}&prefix=${encodeURIComponent(key)}`;
}

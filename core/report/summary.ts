import { severities } from '../contract/finding.ts';
import type { RunSummary } from '../contract/run.ts';
import { lambdaLimitInWords } from '../wording/lambda-limit.ts';
import { accountsLost } from './lost-accounts.ts';
import { sharedBucket } from './sharing.ts';
import { windowTooShort } from './spread.ts';

/** Text that a terminal shows as it is: control characters, escapes among them, become visible. */
export const printable = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** "3 accounts", or of a run that lost some, "3 of 5 accounts". */
function audited({ accounts }: RunSummary): string {
  const lost = accounts.filter(({ status }) => status === 'FAILED').length;
  return lost === 0
    ? plural(accounts.length, 'account')
    : `${accounts.length - lost} of ${plural(accounts.length, 'account')}`;
}

/** A run in a few lines that a person understands. */
export function summariseInWords(run: RunSummary): string[] {
  const { principals } = run;
  // The few that Organizations is asked are in the report.
  const calls = Object.entries(run.calls).flatMap(([operation, count]) =>
    operation.startsWith('iam:') ? [count] : [],
  );
  const sent = calls.reduce((sum, count) => sum + count.sent, 0);
  const throttled = calls.reduce((sum, count) => sum + count.throttled, 0);
  const saved = calls.reduce((sum, count) => sum + count.saved, 0);
  const share = sent === 0 ? 0 : (100 * throttled) / sent;
  const missing = principals.partial + principals.failed;
  const lost = accountsLost(run);
  const lines = [
    `${run.status}: ${plural(principals.total, 'principal')} in ${audited(run)} audited, ${missing === 0 ? 'none with missing evidence' : `${missing} with missing evidence`}.`,
    ...(lost === null ? [] : [lost]),
    `${plural(sent, 'call')} to IAM, ${throttled} throttled (${share.toFixed(1)} %)${saved > 0 ? `, ${saved} saved` : ''}; in AWS about $${run.cost.total.toFixed(4)}.`,
  ];
  lines.push(...findingsInWords(run));
  const shared = sharedBucket(run);
  if (shared !== null) lines.push(shared);
  const tooShort = windowTooShort(run);
  if (tooShort !== null) lines.push(tooShort);
  if (run.lambdaLimit !== undefined) lines.push(lambdaLimitInWords(run.lambdaLimit));
  if (principals.carriedForward > 0) lines.push(`${principals.carriedForward} carried over from an earlier run.`);
  for (const { accountId, error } of run.accounts) {
    if (error !== undefined) lines.push(printable(`Account ${accountId}: ${error.code}: ${error.message}`));
  }
  return lines;
}

/** How many findings there are, and what the exceptions file needs: said loudly, because a wrong one hides nothing. */
function findingsInWords({ findings, exceptions }: RunSummary): string[] {
  if (findings === undefined) return [];
  const bySeverity = severities.map((severity) => `${findings[severity]} ${severity}`).join(', ');
  const lines = [
    `Findings: ${bySeverity}; ${findings.new} new, ${findings.suppressed} suppressed, ${findings.resolved} resolved.`,
  ];
  if (exceptions === undefined) return lines;
  const { problems, expired, unused } = exceptions;
  return [
    ...lines,
    ...problems.map((problem) => `warning: ${problem}`),
    ...expired.map((exception) => `warning: This exception has expired: ${exception}`),
    ...unused.map((exception) => `Nothing falls under this exception: ${exception}`),
  ].map(printable);
}

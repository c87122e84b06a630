import { severities } from '../contract/finding.ts';
import type { RunSummary } from '../contract/run.ts';
import { listedBriefly } from '../wording/wording.ts';
import { lambdaLimitInWords } from '../wording/lambda-limit.ts';
import { printable } from '../wording/printable.ts';
import { culpritsInWords } from './culprits.ts';
import { failedAccountsInWords } from './failed-accounts.ts';
import { organizationInWords } from './organization.ts';
import { organizationUseInWords } from './organization-use-in-words.ts';
import { emptyScopeInWords, scopeInWords } from './scope-in-words.ts';
import { importInWords } from './security-hub.ts';
import { sharedRateLimitInWords } from './shared-rate-limit.ts';
import { notSearchedInWords } from './paths-between-accounts.ts';
import { exceededWindowInWords } from './exceeded-window.ts';

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** `3 accounts`, or `3 of 5 accounts` if two were not audited. */
function audited({ accounts }: RunSummary): string {
  const failed = accounts.filter(({ status }) => status === 'FAILED').length;
  return failed === 0
    ? plural(accounts.length, 'account')
    : `${accounts.length - failed} of ${plural(accounts.length, 'account')}`;
}

/** A summary of a run in a few lines. */
export function summariseInWords(run: RunSummary): string[] {
  const { principals } = run;
  // The few calls to AWS Organizations are only in the report.
  const calls = Object.entries(run.calls).flatMap(([operation, count]) =>
    operation.startsWith('iam:') ? [count] : [],
  );
  const sent = calls.reduce((sum, count) => sum + count.sent, 0);
  const throttled = calls.reduce((sum, count) => sum + count.throttled, 0);
  const saved = calls.reduce((sum, count) => sum + count.saved, 0);
  const share = sent === 0 ? 0 : (100 * throttled) / sent;
  const missing = principals.partial + principals.failed;
  const failedAccounts = failedAccountsInWords(run);
  const emptyScope = emptyScopeInWords(run);
  const lines = [
    `${run.status}: ${plural(principals.total, 'principal')} in ${audited(run)} audited, ${missing === 0 ? 'none with missing evidence' : `${missing} with missing evidence`}.`,
    printable(scopeInWords(run)),
    ...(emptyScope === null ? [] : [printable(`warning: ${emptyScope}`)]),
    ...(failedAccounts === null ? [] : [failedAccounts]),
    ...organizationInWords(run).map(printable),
    ...organizationUseInWords(run).map(printable),
    `${plural(sent, 'call')} to IAM, ${throttled} throttled (${share.toFixed(1)} %)${saved > 0 ? `; ${plural(saved, 'further call')} ${saved === 1 ? 'was' : 'were'} not needed` : ''}; estimated cost in AWS $${run.cost.total.toFixed(4)}.`,
  ];
  const rate = highestRateInWords(run);
  if (rate !== null) lines.push(rate);
  lines.push(...findingsInWords(run));
  if (run.securityHub !== undefined) lines.push(importInWords(run.securityHub));
  const sharedRateLimit = sharedRateLimitInWords(run);
  if (sharedRateLimit !== null) lines.push(sharedRateLimit);
  const exceededWindow = exceededWindowInWords(run);
  if (exceededWindow !== null) lines.push(exceededWindow);
  lines.push(...culpritsInWords(run).map(printable));
  if (run.lambdaLimit !== undefined) lines.push(lambdaLimitInWords(run.lambdaLimit));
  if (principals.carriedForward > 0)
    lines.push(`${plural(principals.carriedForward, 'principal')} with evidence carried over from an earlier run.`);
  const notSearched = notSearchedInWords(run);
  if (notSearched !== null) lines.push(`warning: ${notSearched}`);
  lines.push(...missingEvidenceInWords(run), ...accountErrorsInWords(run));
  return lines;
}

/** What could not be audited: accounts, and principals without all evidence. */
export const missingInWords = (run: RunSummary): string[] => [
  ...accountErrorsInWords(run),
  ...missingEvidenceInWords(run),
];

/** The reasons of the most principals over all accounts: what to repair first. */
const MOST_REASONS = 5;

function missingEvidenceInWords({ accounts }: RunSummary): string[] {
  const reasons = new Map<string, { principals: number; accounts: string[]; text: string }>();
  for (const { accountId, missingEvidence = [] } of accounts) {
    for (const { step, code, message, principals } of missingEvidence) {
      const reason = reasons.get(`${step} ${code}`);
      if (reason === undefined) {
        reasons.set(`${step} ${code}`, { principals, accounts: [accountId], text: `${step}: ${code}: ${message}` });
      } else {
        reason.principals += principals;
        reason.accounts.push(accountId);
      }
    }
  }
  const ordered = [...reasons.values()].sort((a, b) => b.principals - a.principals).slice(0, MOST_REASONS);
  return ordered.map(({ principals, accounts: where, text }) =>
    printable(`Missing evidence of ${plural(principals, 'principal')} in ${listedBriefly(where, 3)}: ${text}`),
  );
}

/** An organization may have thousands of accounts with the same error. run.json has all of them. */
const MOST_ERRORS = 20;

function accountErrorsInWords({ accounts }: RunSummary): string[] {
  const lines = accounts.flatMap(({ accountId, error }) =>
    error === undefined ? [] : [printable(`Account ${accountId}: ${error.code}: ${error.message}`)],
  );
  const others = lines.length - MOST_ERRORS;
  return others <= 0 ? lines : [...lines.slice(0, MOST_ERRORS), `${others} more accounts have errors (run.json).`];
}

/** Too few calls to one operation show no rate. */
const CALLS_FOR_RATE = 50;

/** The operation with the highest rate; null if no operation had enough calls. */
function highestRateInWords({ calls, accounts }: RunSummary): string | null {
  const [fastest] = Object.entries(calls)
    .filter(([, { succeeded }]) => succeeded >= CALLS_FOR_RATE)
    .sort(([, a], [, b]) => b.perSecond - a.perSecond);
  if (fastest === undefined) return null;
  const [operation, { perSecond }] = fastest;
  const average = accounts.length === 1 ? '' : ' in each account, on average';
  return `Highest rate: ${perSecond.toFixed(1)} calls a second to ${operation}${average}.`;
}

/** The number of findings, and a warning for each error in the exceptions file: an invalid entry suppresses nothing. */
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
    ...unused.map((exception) => `This exception matches no finding: ${exception}`),
  ].map(printable);
}

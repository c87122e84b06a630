import type { AccountCredentials, Permissions, PrincipalRecord } from '../contract/evidence.ts';
import type { UnitUse } from '../contract/organization-use/organization-use.ts';
import type { Finding } from '../contract/finding.ts';
import type { RunStatus, RunSummary } from '../contract/run.ts';
import { rules } from '../findings/rules/all-rules.ts';
import { lastActivity } from '../findings/use/activity.ts';
import { organizationInWords } from './organization.ts';
import { culpritsSection } from './culprits.ts';
import { findingsSection } from './findings-section.ts';
import { escapeHtml } from '../wording/html.ts';
import { rootInWords, trustInWords } from './root-and-trust.ts';
import { lambdaLimitInWords } from '../wording/lambda-limit.ts';
import { failedAccountsInWords } from './failed-accounts.ts';
import { sharedRateLimitInWords } from './shared-rate-limit.ts';
import { exceededWindowInWords } from './exceeded-window.ts';
import { emptyScopeInWords, isLimitedToPrincipals, scopeInWords } from './scope-in-words.ts';
import { stoppedSection, type StoppedAction } from './stopped-section.ts';
import { organizationUseSection } from './organization-use-section.ts';
import { pageStyle } from './page-style.ts';

export interface ReportInput {
  readonly run: RunSummary;
  readonly records: AsyncIterable<PrincipalRecord>;
  readonly findings: AsyncIterable<Finding>;
  /** Reasons why some records or findings could not be read. Complete only after `records` has been read. */
  readonly unreadable?: () => readonly string[];
  /** Credentials of root users, by account. */
  readonly credentials: ReadonlyMap<string, AccountCredentials>;
  /** ISO 8601. */
  readonly generatedAt: string;
  readonly categoriesOf: (action: string) => readonly string[];
  /** By action: what policies allow and the organization stops. */
  readonly stopped?: ReadonlyMap<string, StoppedAction>;
  /** The roots and units of the organization, with their use of services. */
  readonly unitUses?: readonly UnitUse[];
}

const meaning: Readonly<Record<RunStatus, string>> = {
  COMPLETE: 'Everything in scope was audited.',
  PARTIAL: 'Some evidence is missing. The table of principals shows what is missing and why.',
  FAILED: 'Nothing could be audited.',
  RUNNING: 'The run has not ended yet.',
};

function meaningOf(run: RunSummary): string {
  const empty = emptyScopeInWords(run);
  if (empty !== null) return escapeHtml(empty);
  return run.status === 'COMPLETE' && isLimitedToPrincipals(run)
    ? 'Everything in this limited scope was audited.'
    : meaning[run.status];
}

/** Browsers open a page with this many rows in a second or two. All records are in principals.jsonl. */
const MAX_ROWS = 5_000;

/**
 * Renders one self-contained HTML page without scripts and network requests. Yields lines, so that the page can be
 * written while the records are read.
 */
export async function* renderReport({
  run,
  records,
  findings,
  unreadable,
  credentials,
  generatedAt,
  categoriesOf,
  stopped = new Map(),
  unitUses = [],
}: ReportInput): AsyncGenerator<string> {
  yield '<!doctype html>';
  yield '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">';
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;
  yield `<title>IAM audit ${escapeHtml(run.runId)}</title><style>${pageStyle}</style></head><body>`;
  yield `<h1>IAM audit: <span class="${run.status}">${run.status}</span></h1>`;
  yield `<p>${meaningOf(run)} Run ${escapeHtml(run.runId)}, ${escapeHtml(run.startedAt)} to ${escapeHtml(run.finishedAt ?? '…')}.</p>`;
  yield `<p${isLimitedToPrincipals(run) ? ' class="s PARTIAL"' : ''}>${escapeHtml(scopeInWords(run))}${isLimitedToPrincipals(run) ? ' Other principals were not audited.' : ''}</p>`;
  const failedAccounts = failedAccountsInWords(run);
  if (failedAccounts !== null) yield `<p class="s FAILED">${escapeHtml(failedAccounts)}</p>`;
  for (const sentence of organizationInWords(run)) yield `<p>${escapeHtml(sentence)}</p>`;
  const sharedRateLimit = sharedRateLimitInWords(run);
  if (sharedRateLimit !== null) yield `<p>${escapeHtml(sharedRateLimit)}</p>`;
  const exceededWindow = exceededWindowInWords(run);
  if (exceededWindow !== null) yield `<p>${escapeHtml(exceededWindow)}</p>`;
  if (run.lambdaLimit !== undefined) yield `<p>${escapeHtml(lambdaLimitInWords(run.lambdaLimit))}</p>`;
  yield* findingsSection({ run, findings, rules });
  yield* stoppedSection(stopped, categoriesOf);
  yield* organizationUseSection(run, unitUses);
  yield* coverage(run, credentials);
  yield* calls(run);
  yield* culpritsSection(run);
  yield '<h2>Principals</h2>';
  yield '<table><thead><tr><th>Principal</th><th>Evidence</th><th>Last activity</th><th class="n">Services used</th><th>Sensitive actions</th></tr></thead><tbody>';
  let rows = 0;
  for await (const record of records) {
    // The records of a large organization are not read to the end: the time of the report must not grow with them.
    if (rows === MAX_ROWS) break;
    rows += 1;
    yield principalRow(record, categoriesOf);
  }
  yield '</tbody></table>';
  const omitted = rows < MAX_ROWS ? 0 : run.principals.total - rows;
  if (omitted > 0) {
    yield `<p>${omitted} more principals are not shown here. All records are in runs/${escapeHtml(run.runId)}/accounts/&lt;account&gt;/principals.jsonl.</p>`;
  }
  for (const reason of unreadable?.() ?? []) {
    yield `<p class="s FAILED">The report is incomplete: ${escapeHtml(reason)}</p>`;
  }
  yield `<p class="m">Generated ${escapeHtml(generatedAt)}.</p></body></html>`;
}

function* coverage({ principals, accounts }: RunSummary, credentials: ReportInput['credentials']): Generator<string> {
  yield '<h2>Coverage</h2>';
  yield `<p>${principals.total} principals: ${principals.complete} complete, ${principals.partial} partial, ${principals.failed} failed; ${principals.carriedForward} with evidence carried over from an earlier run.</p>`;
  const hasPlaces = accounts.some(({ path }) => path !== undefined);
  yield `<table><thead><tr><th>Account</th>${hasPlaces ? '<th>Name</th><th>Unit</th>' : ''}<th>Status</th><th class="n">Principals</th><th class="n">Complete</th><th>Root user</th><th>Error</th></tr></thead><tbody>`;
  for (const account of accounts) {
    const place = hasPlaces
      ? `<td>${escapeHtml(account.name ?? '')}</td><td>${escapeHtml(account.path ?? '')}</td>`
      : '';
    const error = account.error === undefined ? '' : `${account.error.code}: ${account.error.message}`;
    yield `<tr><td>${escapeHtml(account.accountId)}</td>${place}<td class="s ${account.status}">${account.status}</td><td class="n">${account.principals.total}</td><td class="n">${account.principals.complete}</td><td>${escapeHtml(rootInWords(credentials.get(account.accountId)))}</td><td class="a">${escapeHtml(error)}</td></tr>`;
  }
  yield '</tbody></table>';
}

function* calls(run: RunSummary): Generator<string> {
  yield '<h2>Calls to AWS</h2>';
  yield '<table><thead><tr><th>Operation</th><th class="n">Sent</th><th class="n">Succeeded</th><th class="n">Throttled</th><th class="n">Failed</th><th class="n">Saved</th><th class="n">Per second and account</th><th class="n">Waited, seconds</th></tr></thead><tbody>';
  for (const [operation, counts] of Object.entries(run.calls)) {
    const { sent, succeeded, throttled, failed, saved, perSecond, waitedSeconds } = counts;
    const cells = [sent, succeeded, throttled, failed, saved, perSecond, waitedSeconds];
    yield `<tr><td>${escapeHtml(operation)}</td>${cells.map((cell) => `<td class="n">${cell}</td>`).join('')}</tr>`;
  }
  yield '</tbody></table>';
  yield '<p class="m">Sent counts every attempt. Saved is the number of calls that were not needed: one call of each kind for each principal, minus the calls sent. Per second and account is the rate of succeeded calls in one account while it had work; with several accounts, their average. Waited is the time that calls waited because of the rate, a pause after a throttle or backoff, summed over all accounts.</p>';
  const athena = run.cost.athena === 0 ? '' : `, Athena queries $${run.cost.athena.toFixed(4)}`;
  yield `<p class="m">Estimated cost of this run in AWS: $${run.cost.total.toFixed(4)} (Step Functions state transitions $${run.cost.stepFunctions.toFixed(4)}, Lambda functions $${run.cost.lambda.toFixed(4)}, S3 requests $${run.cost.s3.toFixed(4)}${athena}).</p>`;
}

function principalRow(record: PrincipalRecord, categoriesOf: ReportInput['categoriesOf']): string {
  const { lastAccessed, permissions } = record;
  const activity = lastActivity(record);
  const when =
    activity.kind === 'at'
      ? activity.time.slice(0, 10)
      : activity.kind === 'never'
        ? 'none in the tracking period'
        : 'not known';
  const used = lastAccessed.services.filter(({ lastAuthenticated }) => lastAuthenticated !== null).length;
  const services = lastAccessed.status === 'COMPLETE' ? `${used} of ${lastAccessed.services.length}` : 'not known';
  const problems = record.problems.map(
    ({ step, code, message }) => `<li>${escapeHtml(`${step}: ${code}: ${message}`)}</li>`,
  );
  const trust = trustInWords(record);
  const tags = Object.entries(record.tags).map(([key, value]) => escapeHtml(`${key} = ${value}`));
  return [
    `<tr><td class="a"><b>${escapeHtml(record.name)}</b> <span class="m">${record.type}</span><br><span class="m">${escapeHtml(record.arn)}</span>`,
    trust === null ? '' : `<br><span class="m">${escapeHtml(trust)}</span>`,
    tags.length === 0 ? '' : `<br><span class="m">${tags.join(' · ')}</span>`,
    `</td><td><span class="s ${record.status}">${record.status}</span>`,
    problems.length === 0 ? '' : `<ul class="a">${problems.join('')}</ul>`,
    `</td><td>${when}</td><td class="n">${services}</td><td>${abilities(permissions, categoriesOf)}</td></tr>`,
  ].join('');
}

/**
 * The sensitive actions that are allowed: on every resource, on some, or under a condition that could not be evaluated.
 */
function abilities({ status, decisions }: Permissions, categoriesOf: ReportInput['categoriesOf']): string {
  if (status === 'FAILED') return 'not known';
  const able = decisions.flatMap((decision) => {
    const everywhere = decision.decision === 'allowed';
    const somewhere = decision.resources.filter((resource) => resource.decision === 'allowed').map(({ arn }) => arn);
    const conditional = decision.missingContext.length > 0;
    if (!everywhere && somewhere.length === 0 && !conditional) return [];
    const how = everywhere
      ? ''
      : somewhere.length > 0
        ? ` on ${somewhere.join(', ')}`
        : ` if ${decision.missingContext.join(', ')}`;
    return [
      `<li>${escapeHtml(`${decision.action}${how}`)} <span class="m">${escapeHtml(categoriesOf(decision.action).join(', '))}</span></li>`,
    ];
  });
  const incomplete = status === 'COMPLETE' ? '' : ', and possibly more: permissions are incomplete';
  if (able.length === 0) return status === 'COMPLETE' ? 'none' : 'none found, but permissions are incomplete';
  return `<details><summary>${able.length} allowed${incomplete}</summary><ul class="a">${able.join('')}</ul></details>`;
}

import type { AccountCredentials, Permissions, PrincipalRecord } from '../contract/evidence.ts';
import type { Finding } from '../contract/finding.ts';
import type { RunStatus, RunSummary } from '../contract/run.ts';
import { rules } from '../findings/rules/all-rules.ts';
import { lastActivity } from '../findings/use/activity.ts';
import { findingsSection } from './findings-section.ts';
import { escapeHtml } from '../wording/html.ts';
import { rootInWords, trustInWords } from './identity.ts';
import { lambdaLimitInWords } from '../wording/lambda-limit.ts';
import { accountsLost } from './lost-accounts.ts';
import { sharedBucket } from './sharing.ts';
import { windowTooShort } from './spread.ts';

export interface ReportInput {
  readonly run: RunSummary;
  readonly records: AsyncIterable<PrincipalRecord>;
  readonly findings: AsyncIterable<Finding>;
  /** Why records or findings are missing that were to be shown; all of it is known once the records have been read. */
  readonly unreadable?: () => readonly string[];
  /** What is known of each account's root user, by account. */
  readonly credentials: ReadonlyMap<string, AccountCredentials>;
  /** ISO 8601. */
  readonly generatedAt: string;
  readonly categoriesOf: (action: string) => readonly string[];
}

const meaning: Readonly<Record<RunStatus, string>> = {
  COMPLETE: 'Everything in scope was audited.',
  PARTIAL: 'Some evidence is missing. Each principal says what, and why.',
  FAILED: 'Nothing could be audited.',
  RUNNING: 'The run has not ended yet.',
};

/** Rows of a page that browsers still open in a second or two; all records are in principals.jsonl. */
const MAX_ROWS = 5_000;

const style = `body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b2733;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;width:100%;margin-bottom:1.2rem}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d5dde5;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.COMPLETE{color:#17693a}.low{color:#3b5b80}.PARTIAL,.medium{color:#8a5a00}.FAILED,.critical{color:#a1232b}.high{color:#b04a12}.s{font-weight:600}.a{overflow-wrap:anywhere}.d{white-space:nowrap}.p{min-width:15rem}th.n{width:5.5rem}.m{color:#5b6b7a}
summary{cursor:pointer}ul{margin:.3rem 0 .8rem;padding-left:1.2rem}
@media(max-width:60rem){table{display:block;overflow-x:auto}}
@media(prefers-color-scheme:dark){body{color:#dfe7ee;background:#14191f}th,td{border-color:#33404c}.COMPLETE{color:#6cc48f}.low{color:#9db9dc}.PARTIAL,.medium{color:#e0b05a}.FAILED,.critical{color:#f08a8f}.high{color:#f0a070}.m{color:#93a3b1}}`;

/**
 * One self-contained page, without a script and without a request to anywhere. Yields lines, so that it is written
 * while the records are read.
 */
export async function* renderReport({
  run,
  records,
  findings,
  unreadable,
  credentials,
  generatedAt,
  categoriesOf,
}: ReportInput): AsyncGenerator<string> {
  yield '<!doctype html>';
  yield '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">';
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;
  yield `<title>IAM audit ${escapeHtml(run.runId)}</title><style>${style}</style></head><body>`;
  yield `<h1>IAM audit: <span class="${run.status}">${run.status}</span></h1>`;
  yield `<p>${meaning[run.status]} Run ${escapeHtml(run.runId)}, ${escapeHtml(run.startedAt)} to ${escapeHtml(run.finishedAt ?? '…')}.</p>`;
  const lost = accountsLost(run);
  if (lost !== null) yield `<p class="s FAILED">${escapeHtml(lost)}</p>`;
  const shared = sharedBucket(run);
  if (shared !== null) yield `<p>${escapeHtml(shared)}</p>`;
  const tooShort = windowTooShort(run);
  if (tooShort !== null) yield `<p>${escapeHtml(tooShort)}</p>`;
  if (run.lambdaLimit !== undefined) yield `<p>${escapeHtml(lambdaLimitInWords(run.lambdaLimit))}</p>`;
  yield* findingsSection({ run, findings, rules });
  yield* coverage(run, credentials);
  yield* calls(run);
  yield '<h2>Principals</h2>';
  yield '<table><thead><tr><th>Principal</th><th>Evidence</th><th>Last activity</th><th class="n">Services used</th><th>Can do</th></tr></thead><tbody>';
  let rows = 0;
  let left = 0;
  for await (const record of records) {
    if (rows < MAX_ROWS) {
      rows += 1;
      yield principalRow(record, categoriesOf);
    } else {
      left += 1;
    }
  }
  yield '</tbody></table>';
  if (left > 0) {
    yield `<p>${left} more are not shown here. Every record is in runs/${escapeHtml(run.runId)}/accounts/&lt;account&gt;/principals.jsonl.</p>`;
  }
  for (const reason of unreadable?.() ?? []) {
    yield `<p class="s FAILED">Not everything is shown: ${escapeHtml(reason)}</p>`;
  }
  yield `<p class="m">Written ${escapeHtml(generatedAt)}.</p></body></html>`;
}

function* coverage({ principals, accounts }: RunSummary, credentials: ReportInput['credentials']): Generator<string> {
  yield '<h2>Coverage</h2>';
  yield `<p>${principals.total} principals: ${principals.complete} complete, ${principals.partial} partial, ${principals.failed} failed; ${principals.carriedForward} carried from an earlier run.</p>`;
  yield '<table><thead><tr><th>Account</th><th>Status</th><th class="n">Principals</th><th class="n">Complete</th><th>Root user</th><th>What went wrong</th></tr></thead><tbody>';
  for (const account of accounts) {
    const error = account.error === undefined ? '' : `${account.error.code}: ${account.error.message}`;
    yield `<tr><td>${escapeHtml(account.accountId)}</td><td class="s ${account.status}">${account.status}</td><td class="n">${account.principals.total}</td><td class="n">${account.principals.complete}</td><td>${escapeHtml(rootInWords(credentials.get(account.accountId)))}</td><td class="a">${escapeHtml(error)}</td></tr>`;
  }
  yield '</tbody></table>';
}

function* calls(run: RunSummary): Generator<string> {
  yield '<h2>Calls to AWS</h2>';
  yield '<table><thead><tr><th>Operation</th><th class="n">Sent</th><th class="n">Succeeded</th><th class="n">Throttled</th><th class="n">Failed</th><th class="n">Saved</th><th class="n">Per second</th><th class="n">Waited, seconds</th></tr></thead><tbody>';
  for (const [operation, counts] of Object.entries(run.calls)) {
    const { sent, succeeded, throttled, failed, saved, perSecond, waitedSeconds } = counts;
    const cells = [sent, succeeded, throttled, failed, saved, perSecond, waitedSeconds];
    yield `<tr><td>${escapeHtml(operation)}</td>${cells.map((cell) => `<td class="n">${cell}</td>`).join('')}</tr>`;
  }
  yield '</tbody></table>';
  yield '<p class="m">Sent counts every attempt. Waited is how long calls were held back so that AWS need not throttle them, or after it did; accounts are added up.</p>';
  yield `<p class="m">In AWS this run costs about $${run.cost.total.toFixed(4)}: state transitions $${run.cost.stepFunctions.toFixed(4)}, functions $${run.cost.lambda.toFixed(4)}, requests to S3 $${run.cost.s3.toFixed(4)}.</p>`;
}

function principalRow(record: PrincipalRecord, categoriesOf: ReportInput['categoriesOf']): string {
  const { lastAccessed, permissions } = record;
  const activity = lastActivity(record);
  const when =
    activity.kind === 'at'
      ? activity.time.slice(0, 10)
      : activity.kind === 'never'
        ? 'never in the tracking period'
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

/** Allowed everywhere, on some resources only, or under a condition that the simulation could not know. */
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
  const incomplete = status === 'COMPLETE' ? '' : ', and what is missing is not known';
  if (able.length === 0)
    return status === 'COMPLETE' ? 'no sensitive action' : 'nothing found, but not everything is known';
  return `<details><summary>${able.length} sensitive actions${incomplete}</summary><ul class="a">${able.join('')}</ul></details>`;
}

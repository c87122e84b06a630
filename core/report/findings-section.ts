import { severities, type Finding, type Severity } from '../contract/finding.ts';
import type { RunSummary } from '../contract/run.ts';
import { isStanding } from '../findings/compare.ts';
import type { Rule } from '../findings/rule.ts';
import { escapeHtml } from './html.ts';

interface FindingsInput {
  readonly run: RunSummary;
  /** Read several times: once to count, once for each severity. */
  readonly findings: () => AsyncIterable<Finding>;
  readonly rules: readonly Rule[];
}

/** Rows of each table: more than anybody reads. All of them are in findings.csv. */
const MAX_ROWS = 1_000;

/** What should be done, most severe first; then what was accepted, and what is resolved. */
export async function* findingsSection({ run, findings, rules }: FindingsInput): AsyncGenerator<string> {
  const { findings: counts } = run;
  if (counts === undefined) return;
  yield '<h2 id="findings">Findings</h2>';
  const bySeverity = severities.map((severity) => `<span class="s ${severity}">${counts[severity]} ${severity}</span>`);
  yield `<p>${bySeverity.join(' · ')}. ${counts.new} of them new, ${counts.open} open from before; ${counts.suppressed} suppressed by exceptions, ${counts.resolved} resolved since the last run.</p>`;
  yield* exceptionsFile(run);
  const standing = severities.reduce((sum, severity) => sum + counts[severity], 0);
  if (standing === 0) {
    const missing = run.status === 'COMPLETE' ? '' : ' But not everything is known: see Coverage.';
    yield `<p>Nothing is open.${missing}</p>`;
  } else {
    yield* byRule(findings, rules);
    yield* standingFindings(run.runId, findings);
  }
  if (counts.suppressed > 0) yield* suppressed(findings);
  if (counts.resolved > 0) yield* resolved(findings);
}

function* exceptionsFile({ exceptions }: RunSummary): Generator<string> {
  if (exceptions === undefined) return;
  const list = (title: string, lines: readonly string[]): string =>
    lines.length === 0
      ? ''
      : `<p class="s FAILED">${title}</p><ul class="a">${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
  yield list('The exceptions file is not right. What is wrong in it excepts nothing:', exceptions.problems);
  yield list('Exceptions that have expired, so that they suppress nothing any more:', exceptions.expired);
  yield list('Exceptions under which nothing falls, so that they can go:', exceptions.unused);
}

async function* byRule(findings: FindingsInput['findings'], rules: readonly Rule[]): AsyncGenerator<string> {
  const counts = new Map<string, Record<Severity, number>>();
  for await (const { rule, severity, state } of findings()) {
    if (!isStanding(state)) continue;
    const ofRule = counts.get(rule) ?? { critical: 0, high: 0, medium: 0, low: 0 };
    ofRule[severity] += 1;
    counts.set(rule, ofRule);
  }
  yield `<table><thead><tr><th>Rule</th>${severities.map((severity) => `<th class="n">${severity}</th>`).join('')}</tr></thead><tbody>`;
  for (const { id, meaning, why, remedy, severity } of rules) {
    const ofRule = counts.get(id);
    if (ofRule === undefined) continue;
    const text = [meaning, `<b>Why:</b> ${escapeHtml(why)}`, `<b>What to do:</b> ${escapeHtml(remedy)}`];
    yield `<tr><td><details><summary>${escapeHtml(id)}</summary><p>${escapeHtml(text[0] ?? '')}</p><p>${text[1] ?? ''}</p><p>${text[2] ?? ''}</p><p class="m">Severity: ${escapeHtml(severity)}.</p></details></td>${severities.map((one) => `<td class="n">${ofRule[one] === 0 ? '' : ofRule[one]}</td>`).join('')}</tr>`;
  }
  yield '</tbody></table>';
}

async function* standingFindings(runId: string, findings: FindingsInput['findings']): AsyncGenerator<string> {
  yield '<table><thead><tr><th>Severity</th><th>Finding</th><th>Principal</th><th>Since</th></tr></thead><tbody>';
  let rows = 0;
  let left = 0;
  for (const severity of severities) {
    // Once it is full, one more pass counts what is left.
    for await (const finding of findings()) {
      if (finding.severity !== severity || !isStanding(finding.state)) continue;
      if (rows === MAX_ROWS) left += 1;
      else {
        rows += 1;
        yield row(finding);
      }
    }
  }
  yield '</tbody></table>';
  if (left > 0) yield `<p>${left} more are not shown here. All are in runs/${escapeHtml(runId)}/findings.csv.</p>`;
}

function row({ severity, title, detail, rule, principalArn, firstSeen, state }: Finding): string {
  const since = `${state === 'new' ? '<b>new</b><br>' : ''}${escapeHtml(firstSeen.slice(0, 10))}`;
  return `<tr><td class="s ${severity}">${severity}</td><td class="a"><b>${escapeHtml(title)}</b><br>${escapeHtml(detail)}<br><span class="m">${escapeHtml(rule)}</span></td><td class="a m">${escapeHtml(principalArn)}</td><td class="d">${since}</td></tr>`;
}

async function* suppressed(findings: FindingsInput['findings']): AsyncGenerator<string> {
  yield '<details><summary>Suppressed by exceptions</summary><table><thead><tr><th>Finding</th><th>Principal</th><th>Owner</th><th>Reason</th><th>Until</th></tr></thead><tbody>';
  yield* some(findings, 'suppressed', ({ title, principalArn, exception }) => [
    title,
    principalArn,
    exception?.owner ?? '',
    exception?.reason ?? '',
    exception?.expires ?? '',
  ]);
  yield '</tbody></table></details>';
}

async function* resolved(findings: FindingsInput['findings']): AsyncGenerator<string> {
  yield '<details><summary>Resolved since the last run</summary><table><thead><tr><th>Finding</th><th>Principal</th><th>First seen</th></tr></thead><tbody>';
  yield* some(findings, 'resolved', ({ title, principalArn, firstSeen }) => [
    title,
    principalArn,
    firstSeen.slice(0, 10),
  ]);
  yield '</tbody></table></details>';
}

async function* some(
  findings: FindingsInput['findings'],
  state: Finding['state'],
  cells: (finding: Finding) => readonly string[],
): AsyncGenerator<string> {
  let rows = 0;
  for await (const finding of findings()) {
    if (finding.state !== state) continue;
    rows += 1;
    if (rows > MAX_ROWS) return;
    yield `<tr>${cells(finding)
      .map((cell) => `<td class="a">${escapeHtml(cell)}</td>`)
      .join('')}</tr>`;
  }
}

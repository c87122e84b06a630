import { severities, type Finding, type Severity } from '../contract/finding.ts';
import type { RunSummary } from '../contract/run.ts';
import { isStanding } from '../findings/compare.ts';
import type { Rule } from '../findings/rule.ts';
import { escapeHtml } from '../wording/html.ts';

interface FindingsInput {
  readonly run: RunSummary;
  readonly findings: AsyncIterable<Finding>;
  readonly rules: readonly Rule[];
}

/** Rows of each table, kept in memory: more than anybody reads. All findings are in findings.csv. */
const MAX_ROWS = 1_000;

/** What one pass over the findings leaves to be shown. */
interface Shown {
  readonly byRule: Map<string, Record<Severity, number>>;
  readonly standing: Record<Severity, Finding[]>;
  readonly suppressed: Finding[];
  readonly resolved: Finding[];
}

/** What should be done, most severe first; then what was accepted, and what is resolved. */
export async function* findingsSection({ run, findings, rules }: FindingsInput): AsyncGenerator<string> {
  const { findings: counts } = run;
  if (counts === undefined) return;
  const shown = await collected(findings);
  yield '<h2 id="findings">Findings</h2>';
  const bySeverity = severities.map((severity) => `<span class="s ${severity}">${counts[severity]} ${severity}</span>`);
  yield `<p>${bySeverity.join(' · ')}. ${counts.new} of them new, ${counts.open} open from before; ${counts.suppressed} suppressed by exceptions, ${counts.resolved} resolved since the last run.</p>`;
  yield* exceptionsFile(run);
  const standing = severities.reduce((sum, severity) => sum + counts[severity], 0);
  if (standing === 0) {
    const missing = run.status === 'COMPLETE' ? '' : ' But not everything is known: see Coverage.';
    yield `<p>Nothing is open.${missing}</p>`;
  } else {
    yield* byRule(shown, rules);
    yield* standingFindings(shown, standing, run.runId);
  }
  yield* suppressed(shown);
  yield* resolved(shown);
}

async function collected(findings: AsyncIterable<Finding>): Promise<Shown> {
  const shown: Shown = {
    byRule: new Map(),
    standing: { critical: [], high: [], medium: [], low: [] },
    suppressed: [],
    resolved: [],
  };
  for await (const finding of findings) {
    const { rule, severity, state } = finding;
    const rows = isStanding(state) ? shown.standing[severity] : shown[state === 'resolved' ? 'resolved' : 'suppressed'];
    if (rows.length < MAX_ROWS) rows.push(finding);
    if (!isStanding(state)) continue;
    const ofRule = shown.byRule.get(rule) ?? { critical: 0, high: 0, medium: 0, low: 0 };
    ofRule[severity] += 1;
    shown.byRule.set(rule, ofRule);
  }
  return shown;
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

function* byRule({ byRule: counts }: Shown, rules: readonly Rule[]): Generator<string> {
  yield `<table><thead><tr><th>Rule</th>${severities.map((severity) => `<th class="n">${severity}</th>`).join('')}</tr></thead><tbody>`;
  for (const { id, meaning, why, remedy, severity } of rules) {
    const ofRule = counts.get(id);
    if (ofRule === undefined) continue;
    const text = [
      `<p>${escapeHtml(meaning)}</p><p><b>Why:</b> ${escapeHtml(why)}</p><p><b>What to do:</b> ${escapeHtml(remedy)}</p>`,
      `<p class="m">Severity: ${escapeHtml(severity)}.</p>`,
    ];
    const cells = severities.map((one) => `<td class="n">${ofRule[one] === 0 ? '' : ofRule[one]}</td>`);
    yield `<tr><td><details><summary>${escapeHtml(id)}</summary>${text.join('')}</details></td>${cells.join('')}</tr>`;
  }
  yield '</tbody></table>';
}

function* standingFindings({ standing }: Shown, all: number, runId: string): Generator<string> {
  yield '<table><thead><tr><th>Severity</th><th>Finding</th><th>Principal</th><th>Since</th></tr></thead><tbody>';
  const rows = severities.flatMap((severity) => standing[severity]).slice(0, MAX_ROWS);
  for (const group of alike(rows)) yield row(group);
  yield '</tbody></table>';
  const left = all - rows.length;
  if (left > 0) yield `<p>${left} more are not shown here. All are in runs/${escapeHtml(runId)}/findings.csv.</p>`;
  yield `<p class="m">For whoever is granted more than it uses, runs/${escapeHtml(runId)}/accounts/&lt;account&gt;/recommendations/ holds a narrower policy.</p>`;
}

/** Findings of one rule on one principal, of one severity, stand together: ten paths of one user are one thing to look at. */
function alike(findings: readonly Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.severity, finding.rule, finding.principalArn]);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

function row([first, ...others]: readonly Finding[]): string {
  if (first === undefined) return '';
  const { severity, rule, principalArn } = first;
  const more =
    others.length === 0
      ? ''
      : `<details><summary>${others.length} more of this rule</summary>${others.map((one) => `<p>${matter(one)}</p>`).join('')}</details>`;
  return `<tr><td class="s ${severity}">${severity}</td><td class="a">${matter(first)}<br><span class="m">${escapeHtml(rule)}</span>${more}</td><td class="a m p">${escapeHtml(principalArn)}</td><td class="d">${since(first)}</td></tr>`;
}

const matter = ({ title, detail }: Finding): string => `<b>${escapeHtml(title)}</b><br>${escapeHtml(detail)}`;

const since = ({ state, firstSeen }: Finding): string =>
  `${state === 'new' ? '<b>new</b><br>' : ''}${escapeHtml(firstSeen.slice(0, 10))}`;

function* suppressed({ suppressed: findings }: Shown): Generator<string> {
  if (findings.length === 0) return;
  yield '<details><summary>Suppressed by exceptions</summary><table><thead><tr><th>Finding</th><th>Principal</th><th>Owner</th><th>Reason</th><th>Until</th></tr></thead><tbody>';
  for (const { title, principalArn, exception } of findings) {
    yield cells([title, principalArn, exception?.owner ?? '', exception?.reason ?? '', exception?.expires ?? '']);
  }
  yield '</tbody></table></details>';
}

function* resolved({ resolved: findings }: Shown): Generator<string> {
  if (findings.length === 0) return;
  yield '<details><summary>Resolved since the last run</summary><table><thead><tr><th>Finding</th><th>Principal</th><th>First seen</th></tr></thead><tbody>';
  for (const { title, principalArn, firstSeen } of findings) {
    yield cells([title, principalArn, firstSeen.slice(0, 10)]);
  }
  yield '</tbody></table></details>';
}

const cells = (texts: readonly string[]): string =>
  `<tr>${texts.map((text) => `<td class="a">${escapeHtml(text)}</td>`).join('')}</tr>`;

import { groupedBy } from '../streams/grouped-by.ts';
import { severities, type Finding, type Severity } from '../contract/finding.ts';
import type { RunSummary } from '../contract/run.ts';
import { needsAction } from '../findings/compare.ts';
import type { Rule } from '../findings/rule.ts';
import { escapeHtml } from '../wording/html.ts';

interface FindingsInput {
  readonly run: RunSummary;
  readonly findings: AsyncIterable<Finding>;
  readonly rules: readonly Rule[];
}

/** The rows of each table are kept in memory, so there is a limit. All findings are in findings.csv. */
const MAX_ROWS = 1_000;

/** The findings that the report shows, collected in one pass. */
interface Shown {
  readonly byRule: Map<string, Record<Severity, number>>;
  readonly active: Record<Severity, Finding[]>;
  readonly suppressed: Finding[];
  readonly resolved: Finding[];
}

/** Findings that need action, most severe first; then suppressed and resolved findings. */
export async function* findingsSection({ run, findings, rules }: FindingsInput): AsyncGenerator<string> {
  const { findings: counts } = run;
  if (counts === undefined) return;
  const shown = await collected(findings);
  yield '<h2 id="findings">Findings</h2>';
  const bySeverity = severities.map((severity) => `<span class="s ${severity}">${counts[severity]} ${severity}</span>`);
  yield `<p>${bySeverity.join(' · ')}. ${counts.new} new, ${counts.open} open from earlier runs, ${counts.suppressed} suppressed by exceptions, ${counts.resolved} resolved since the last run.</p>`;
  yield* exceptionsFile(run);
  const active = severities.reduce((sum, severity) => sum + counts[severity], 0);
  if (active === 0) {
    const missing = run.status === 'COMPLETE' ? '' : ' But some evidence is missing: see Coverage.';
    yield `<p>No finding needs action.${missing}</p>`;
  } else {
    yield* byRule(shown, rules);
    yield* activeFindings(shown, active, run.runId);
  }
  yield* suppressed(shown);
  yield* resolved(shown);
}

async function collected(findings: AsyncIterable<Finding>): Promise<Shown> {
  const shown: Shown = {
    byRule: new Map(),
    active: { critical: [], high: [], medium: [], low: [] },
    suppressed: [],
    resolved: [],
  };
  for await (const finding of findings) {
    const { rule, severity, state } = finding;
    const rows = needsAction(state) ? shown.active[severity] : shown[state === 'resolved' ? 'resolved' : 'suppressed'];
    if (rows.length < MAX_ROWS) rows.push(finding);
    if (!needsAction(state)) continue;
    const ruleCounts = shown.byRule.get(rule) ?? { critical: 0, high: 0, medium: 0, low: 0 };
    ruleCounts[severity] += 1;
    shown.byRule.set(rule, ruleCounts);
  }
  return shown;
}

function* exceptionsFile({ exceptions }: RunSummary): Generator<string> {
  if (exceptions === undefined) return;
  const list = (title: string, lines: readonly string[]): string =>
    lines.length === 0
      ? ''
      : `<p class="s FAILED">${title}</p><ul class="a">${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
  yield list('The exceptions file has errors. These entries are ignored:', exceptions.problems);
  yield list('These exceptions have expired and no longer suppress findings:', exceptions.expired);
  yield list('These exceptions match no finding and can be deleted:', exceptions.unused);
}

function* byRule({ byRule: counts }: Shown, rules: readonly Rule[]): Generator<string> {
  yield `<table><thead><tr><th>Rule</th>${severities.map((severity) => `<th class="n">${severity}</th>`).join('')}</tr></thead><tbody>`;
  for (const { id, meaning, why, remedy, severity } of rules) {
    const ruleCounts = counts.get(id);
    if (ruleCounts === undefined) continue;
    const paragraphs = [
      `<p>${escapeHtml(meaning)}</p><p><b>Why:</b> ${escapeHtml(why)}</p><p><b>What to do:</b> ${escapeHtml(remedy)}</p>`,
      `<p class="m">Severity: ${escapeHtml(severity)}.</p>`,
    ];
    const cells = severities.map((one) => `<td class="n">${ruleCounts[one] === 0 ? '' : ruleCounts[one]}</td>`);
    yield `<tr><td><details><summary>${escapeHtml(id)}</summary>${paragraphs.join('')}</details></td>${cells.join('')}</tr>`;
  }
  yield '</tbody></table>';
}

function* activeFindings({ active }: Shown, all: number, runId: string): Generator<string> {
  yield '<table><thead><tr><th>Severity</th><th>Finding</th><th>Principal</th><th>First seen</th></tr></thead><tbody>';
  const rows = severities.flatMap((severity) => active[severity]).slice(0, MAX_ROWS);
  for (const group of grouped(rows)) yield row(group);
  yield '</tbody></table>';
  const omitted = all - rows.length;
  if (omitted > 0)
    yield `<p>${omitted} more findings are not shown here. All are in runs/${escapeHtml(runId)}/findings.csv.</p>`;
  yield `<p class="m">Recommended narrower policies for principals that do not use all their permissions are in runs/${escapeHtml(runId)}/accounts/&lt;account&gt;/recommendations/.</p>`;
}

/** Groups findings of one rule, principal and severity: ten escalation paths of one user need one review. */
const grouped = (findings: readonly Finding[]): Finding[][] =>
  groupedBy(findings, ({ severity, rule, principalArn }) => JSON.stringify([severity, rule, principalArn]));

function row([first, ...others]: readonly Finding[]): string {
  if (first === undefined) return '';
  const { severity, rule, principalArn } = first;
  const more =
    others.length === 0
      ? ''
      : `<details><summary>${others.length} more of this rule</summary>${others.map((one) => `<p>${text(one)}</p>`).join('')}</details>`;
  return `<tr><td class="s ${severity}">${severity}</td><td class="a">${text(first)}<br><span class="m">${escapeHtml(rule)}</span>${more}</td><td class="a m p">${escapeHtml(principalArn)}</td><td class="d">${since(first)}</td></tr>`;
}

const text = ({ title, detail }: Finding): string => `<b>${escapeHtml(title)}</b><br>${escapeHtml(detail)}`;

const since = ({ state, firstSeen }: Finding): string =>
  `${state === 'new' ? '<b>new</b><br>' : ''}${escapeHtml(firstSeen.slice(0, 10))}`;

function* suppressed({ suppressed: findings }: Shown): Generator<string> {
  if (findings.length === 0) return;
  yield '<details><summary>Suppressed by exceptions</summary><table><thead><tr><th>Finding</th><th>Principal</th><th>Owner</th><th>Reason</th><th>Valid until</th></tr></thead><tbody>';
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

import { dayOf } from './days.ts';
import type { Finding, Principal } from './model.ts';

/** A cell of a spreadsheet that begins like a formula is run when the file is opened, so it gets an apostrophe. */
const inert = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
const quoted = (text: string): string => `"${inert(text).replaceAll('"', '""')}"`;

export function toCsv(header: readonly string[], rows: Iterable<readonly string[]>): string {
  const lines = [header.map(quoted).join(',')];
  for (const row of rows) lines.push(row.map(quoted).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

export const findingHeader = [
  'id',
  'severity',
  'state',
  'rule',
  'account',
  'principal',
  'title',
  'detail',
  'first_seen',
  'controls',
];

export const findingCells = (finding: Finding, generatedAt: string): readonly string[] => [
  finding.id,
  finding.severity,
  finding.state,
  finding.rule,
  finding.accountId,
  finding.arn,
  finding.title,
  finding.detail,
  dayOf(generatedAt, finding.sinceDaysAgo),
  (finding.ruleText?.controls ?? []).join('; '),
];

export const findingJson = (finding: Finding, generatedAt: string): unknown => ({
  id: finding.id,
  severity: finding.severity,
  state: finding.state,
  rule: finding.rule,
  accountId: finding.accountId,
  principalArn: finding.arn,
  title: finding.title,
  detail: finding.detail,
  firstSeen: dayOf(generatedAt, finding.sinceDaysAgo),
  controls: finding.ruleText?.controls ?? [],
  evidence: finding.evidence,
  exception: finding.exception,
});

export const principalHeader = [
  'account',
  'arn',
  'type',
  'status',
  'last_activity',
  'services_used',
  'services_allowed',
  'sensitive_actions',
  'findings',
];

export const principalCells = (principal: Principal, generatedAt: string): readonly string[] => [
  principal.account.accountId,
  principal.arn,
  principal.type,
  principal.status,
  principal.activity === undefined
    ? 'not known'
    : principal.activity === null
      ? 'never'
      : dayOf(generatedAt, principal.activity),
  principal.lastAccessedStatus === 'COMPLETE' ? String(principal.used.length) : 'not known',
  principal.lastAccessedStatus === 'COMPLETE' ? String(principal.used.length + principal.unused.length) : 'not known',
  principal.permissionsStatus === 'FAILED' ? 'not known' : principal.decisions.map(({ action }) => action).join(' '),
  principal.findings.map(({ id }) => id).join(' '),
];

export const principalJson = (principal: Principal, generatedAt: string): unknown => ({
  accountId: principal.account.accountId,
  arn: principal.arn,
  type: principal.type,
  status: principal.status,
  tags: Object.fromEntries(principal.tags),
  lastActivity:
    principal.activity === undefined || principal.activity === null ? null : dayOf(generatedAt, principal.activity),
  used: principal.used.map(({ namespace, daysAgo }) => ({ service: namespace, lastUsed: dayOf(generatedAt, daysAgo) })),
  unused: principal.unused.map(([namespace]) => namespace),
  decisions: principal.decisions.map(({ action, decision, missingContext, resources, stopped }) => {
    return { action, decision, missingContext, resources, stopped };
  }),
  findings: principal.findings.map(({ id }) => id),
});

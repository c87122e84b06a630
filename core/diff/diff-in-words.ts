import type { Change } from '../contract/answers/diff.ts';
import { severities } from '../contract/finding.ts';
import type { RunSummary } from '../contract/run.ts';
import { printable } from '../wording/printable.ts';

/** Lines of each section. `--json` has all changes. */
const MOST_LINES = 200;

/** The changes in text form. Each line is safe on a terminal. */
export function diffInWords(from: RunSummary, to: RunSummary, changes: readonly Change[]): string[] {
  const principals = changes.flatMap((change) =>
    change.kind === 'principal' ? [`  ${change.change === 'added' ? '+' : '-'} ${change.arn}`] : [],
  );
  const permissions = changes.flatMap((change) =>
    change.kind === 'permissions'
      ? [`  ${change.arn}`, ...change.changes.map((one) => `    ${sign[one.change]} ${one.action}: ${words(one)}`)]
      : [],
  );
  const findings = changes
    .flatMap((change) => (change.kind === 'finding' ? [change] : []))
    .sort((a, b) => severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity))
    .map(({ change, finding, before }) => {
      const { severity, rule, title, principalArn } = finding;
      const was = before === undefined ? '' : `, was ${before}`;
      return `  ${findingSign[change]} ${change} ${severity}${was} ${rule}: ${title} (${principalArn})`;
    });
  const notCompared = changes.flatMap((change) =>
    change.kind === 'notCompared' ? [`  ? ${change.arn ?? `account ${change.accountId}`}: ${change.why}`] : [],
  );
  const changeCount = principals.length + permissions.length + findings.length;
  return [
    `From run ${from.runId} (${from.startedAt}) to run ${to.runId} (${to.startedAt}):`,
    ...section('Principals', principals),
    ...section('Permissions', permissions),
    ...section('Findings', findings),
    ...section('Not compared', notCompared),
    ...(changeCount > 0
      ? []
      : [notCompared.length === 0 ? 'No changes.' : 'No changes in the part that could be compared.']),
  ].map(printable);
}

const sign = { gained: '+', lost: '-', changed: '~' } as const;
const findingSign = { new: '+', reopened: '+', worse: '+', better: '-', resolved: '-', suppressed: '-' } as const;

const words = ({ before, after }: { readonly before: string; readonly after: string }): string =>
  before === 'not allowed' ? after : `${after}, was ${before}`;

function section(name: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const omitted = lines.length - MOST_LINES;
  return [
    name,
    ...lines.slice(0, MOST_LINES),
    ...(omitted > 0 ? [`  … ${omitted} more lines; use --json for all of them.`] : []),
  ];
}

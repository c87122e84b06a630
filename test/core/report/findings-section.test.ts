import type { Finding } from '../../../core/contract/finding.ts';
import type { RunSummary } from '../../../core/contract/run.ts';
import { countFinding, noFindings } from '../../../core/findings/compare.ts';
import { rules } from '../../../core/findings/rules/all-rules.ts';
import { findingsSection } from '../../../core/report/findings-section.ts';

const hostile = '<script>alert(1)</script>\u001b[2J\u202e';
const finding = (given: Partial<Finding> = {}): Finding => ({
  id: 'a',
  rule: 'administrator',
  severity: 'medium',
  controls: [],
  accountId: '111122223333',
  principalArn: 'arn:aws:iam::111122223333:role/r',
  title: 't',
  detail: 'd',
  evidence: {},
  firstSeen: '2026-11-25T04:00:00.000Z',
  state: 'open',
  exception: null,
  ...given,
});

async function section(findings: Finding[], rest: Partial<RunSummary> = {}): Promise<string> {
  const counts = noFindings();
  for (const one of findings) countFinding(counts, one);
  const principals = { total: 1, complete: 1, partial: 0, failed: 0, carriedForward: 0 };
  const run: RunSummary = {
    ...{ schemaVersion: 1, runId: '20261125T040000Z-aaaaaa', startedAt: '2026-11-25T04:00:00Z', finishedAt: null },
    ...{ status: 'COMPLETE', scope: { accounts: 'all', principals: 'all' }, accounts: [], principals, calls: {} },
    cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0 },
    findings: counts,
    ...rest,
  };
  const all = async function* () {
    yield* findings;
  };
  const lines: string[] = [];
  for await (const line of findingsSection({ run, findings: all(), rules })) lines.push(line);
  return lines.join('\n');
}

const places = (page: string, ...texts: string[]): number[] => texts.map((text) => page.indexOf(text));

test('the most severe findings come first, and suppressed and resolved findings come last', async () => {
  const page = await section([
    finding({ title: 'the low one', severity: 'low' }),
    finding({ title: 'the resolved one', severity: 'critical', state: 'resolved' }),
    finding({ title: 'the critical one', severity: 'critical', principalArn: 'x', state: 'new' }),
    finding({
      title: 'the accepted one',
      state: 'suppressed',
      exception: { owner: 'somebody', reason: 'because', expires: '2027-01-01' },
    }),
  ]);
  const order = places(page, 'the critical one', 'the low one', 'the accepted one', 'the resolved one');
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order).not.toContain(-1);
  for (const text of ['somebody', 'because', '2027-01-01']) expect(page).toContain(text);
});

test('findings of one rule on one principal are grouped', async () => {
  const page = await section([
    finding({ title: 'one' }),
    finding({ title: 'two' }),
    finding({ principalArn: 'other' }),
  ]);
  expect(page.match(/<td class="s medium">/g)).toHaveLength(2);
  expect(page).toContain('1 more of this rule');
});

test('names and reasons are text, not markup', async () => {
  const exception = { owner: hostile, reason: hostile, expires: hostile };
  const page = await section(
    [
      finding({ title: hostile, detail: hostile, principalArn: hostile, firstSeen: hostile }),
      finding({ title: hostile, state: 'suppressed', exception }),
      finding({ title: hostile, state: 'resolved', firstSeen: hostile }),
    ],
    { exceptions: { valid: 0, problems: [hostile], unused: [hostile], expired: [hostile] } },
  );
  expect(page).not.toContain('<script>');
  expect(page).not.toContain('\u001b');
  expect(page).not.toContain('\u202e');
  for (const warning of ['has errors', 'have expired', 'match no finding']) expect(page).toContain(warning);
});

test('without findings, a run with missing evidence says so', async () => {
  expect(await section([])).toContain('No finding needs action.');
  expect(await section([])).not.toContain('some evidence is missing');
  expect(await section([], { status: 'PARTIAL' })).toContain('some evidence is missing');
});

test('a page shows a limited number of findings and says how many are omitted', async () => {
  const page = await section(
    Array.from({ length: 1_203 }, (_, n) => finding({ principalArn: `p${n}`, severity: n < 3 ? 'high' : 'low' })),
  );
  expect(page.match(/<td class="s (high|low)">/g)).toHaveLength(1_000);
  expect(page).toContain('203 more findings are not shown here');
});

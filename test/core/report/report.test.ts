import type { PrincipalRecord } from '../../../core/contract/evidence.ts';
import type { RunSummary } from '../../../core/contract/run.ts';
import { lastActivity } from '../../../core/findings/use/activity.ts';
import { renderReport } from '../../../core/report/report.ts';
import { printable } from '../../../core/wording/printable.ts';
import { summariseInWords } from '../../../core/report/summary.ts';

const hostile = '</script><script>alert(1)</script>';
const counts = { total: 1, complete: 1, partial: 0, failed: 0, carriedForward: 0 };
const run: RunSummary = {
  schemaVersion: 1,
  runId: '20261123T040000Z-abc123',
  startedAt: '2026-11-23T04:00:00.000Z',
  finishedAt: '2026-11-23T04:10:00.000Z',
  status: 'COMPLETE',
  scope: { accounts: 'all', principals: 'all' },
  accounts: [
    { accountId: '111122223333', status: 'FAILED', principals: counts, error: { code: 'X', message: hostile } },
  ],
  principals: counts,
  calls: {
    'iam:SimulatePrincipalPolicy': {
      sent: 3,
      succeeded: 2,
      throttled: 1,
      failed: 0,
      saved: 2,
      perSecond: 1.5,
      waitedSeconds: 42.5,
    },
  },
  cost: { stepFunctions: 0.1, lambda: 0.2, s3: 0.03, athena: 0, total: 0.33 },
};
const record = (extra: Partial<PrincipalRecord> = {}): PrincipalRecord => ({
  accountId: '111122223333',
  arn: `arn:aws:iam::111122223333:user/${hostile}`,
  type: 'user',
  name: `"onmouseover="alert(1)`,
  path: '/',
  principalId: 'AIDA',
  createdAt: '2026-01-01T00:00:00Z',
  tags: { note: hostile },
  managedBy: null,
  trust: null,
  status: 'PARTIAL',
  problems: [{ step: 'permissions', code: 'RefusedAction', message: hostile }],
  lastAccessed: { status: 'COMPLETE', asOf: '2026-11-23T04:00:00Z', carriedFrom: null, services: [] },
  permissions: {
    status: 'COMPLETE',
    asOf: '2026-11-23T04:00:00Z',
    carriedFrom: null,
    ruledOut: 0,
    decisions: [
      {
        action: 'iam:PassRole',
        decision: 'allowed',
        allowedByBoundary: null,
        allowedByOrganizations: null,
        missingContext: [],
        resources: [],
      },
    ],
  },
  credentials: null,
  ...extra,
});

async function html(...records: PrincipalRecord[]): Promise<string> {
  const lines: string[] = [];
  const stream = async function* () {
    yield* records;
  };
  for await (const line of renderReport({
    run,
    records: stream(),
    findings: (async function* () {})(),
    credentials: new Map(),
    generatedAt: '2026-11-23T04:10:00Z',
    categoriesOf: () => [hostile],
  }))
    lines.push(line);
  return lines.join('\n');
}

test('every value from AWS is escaped: tags, names, messages', async () => {
  const page = await html(record());
  expect(page).not.toContain('<script');
  expect(page).not.toContain('"onmouseover="');
  expect(page).toContain('&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
});

test('incomplete evidence is never shown as unused', async () => {
  const incomplete = record({
    lastAccessed: { status: 'FAILED', asOf: '2026-11-23T04:00:00Z', carriedFrom: null, services: [] },
  });
  expect(lastActivity(incomplete)).toEqual({ kind: 'unknown' });
  expect(await html(incomplete)).toContain('not known');
  expect(lastActivity(record())).toEqual({ kind: 'never' });
});

test('times in different formats are compared as times', () => {
  const at = (lastAuthenticated: string, passwordLastUsed: string) =>
    lastActivity(
      record({
        lastAccessed: {
          status: 'COMPLETE',
          asOf: '2026-11-23T04:00:00Z',
          carriedFrom: null,
          services: [{ namespace: 's3', name: 'S3', lastAuthenticated, region: null, actions: null }],
        },
        credentials: {
          passwordEnabled: true,
          passwordLastUsed,
          passwordLastChanged: null,
          mfaActive: true,
          accessKeys: [],
          activeCertificates: null,
        },
      }),
    );
  expect(at('2026-11-01T10:00:00.500Z', '2026-11-01T10:00:00Z')).toMatchObject({ time: '2026-11-01T10:00:00.500Z' });
  expect(at('2026-11-01T12:00:00+05:00', '2026-11-01T08:00:00Z')).toMatchObject({ time: '2026-11-01T08:00:00Z' });
});

test('the table of calls shows how long the calls of each operation were delayed', async () => {
  const page = await html(record());
  expect(page).toContain('<th class="n">Waited, seconds</th>');
  expect(page).toContain('<td class="n">42.5</td>');
});

test('the cost of the run is shown by part', async () => {
  expect(await html(record())).toContain(
    'Estimated cost of this run in AWS: $0.3300 (Step Functions state transitions $0.1000, Lambda functions $0.2000, S3 requests $0.0300).',
  );
});

test('the page makes no network requests', async () => {
  const page = await html(record());
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/src=|href=/);
});

test('control characters are made visible for a terminal', () => {
  expect(printable('\u001b[31mred\u0007')).toBe('\\x1b[31mred\\x07');
  expect(summariseInWords(run).join('\n')).toContain('3 calls to IAM, 1 throttled (33.3 %)');
});

test.each([
  [{ minutes: 60, tookMinutes: 82.5 }, 'The window of 60 minutes was too short: the audit took 82.5 minutes.'],
  [{ minutes: 60, tookMinutes: 60 }, null],
  [{ minutes: 60, tookMinutes: 60.1 }, null],
  [{ minutes: 20 / 60, tookMinutes: 1 }, 'The window of 0.3 minutes was too short: the audit took 1 minute.'],
  [{ minutes: 60, tookMinutes: null }, null],
  [undefined, null],
])('a run spread %j: a window that was too short is reported: %s', async (spread, sentence) => {
  const spreadRun = { ...run, ...(spread === undefined ? {} : { spread }) };
  const words = summariseInWords(spreadRun).join('\n');
  const page: string[] = [];
  for await (const line of renderReport({
    run: spreadRun,
    records: (async function* () {})(),
    findings: (async function* () {})(),
    credentials: new Map(),
    generatedAt: '2026-11-23T04:10:00Z',
    categoriesOf: () => [],
  }))
    page.push(line);
  for (const text of [words, page.join('\n')]) {
    if (sentence === null) expect(text).not.toContain('too short');
    else expect(text).toContain(sentence);
  }
});

test('missing evidence is not shown as an empty result', async () => {
  const unknown = { ...record().permissions, decisions: [] };
  expect(await html(record({ permissions: { ...unknown, status: 'PARTIAL' } }))).toContain(
    'none found, but permissions are incomplete',
  );
  expect(await html(record({ permissions: { ...unknown, status: 'FAILED' } }))).toContain('<td>not known</td>');
  expect(await html(record({ permissions: { ...unknown, status: 'COMPLETE' } }))).toContain('<td>none</td>');
  expect(await html(record({ permissions: { ...record().permissions, status: 'PARTIAL' } }))).toContain(
    '1 allowed, and possibly more: permissions are incomplete',
  );
  const unread = [{ step: 'credentials' as const, code: 'AccessDenied', message: 'no' }];
  expect([lastActivity(record()).kind, lastActivity(record({ problems: unread })).kind]).toEqual(['never', 'unknown']);
});

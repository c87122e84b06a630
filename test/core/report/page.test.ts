import { createHash } from 'node:crypto';
import type { PrincipalRecord } from '../../../core/contract/evidence.ts';
import type { Finding } from '../../../core/contract/finding.ts';
import type { Recommendation } from '../../../core/contract/recommendation.ts';
import type { RunSummary } from '../../../core/contract/run.ts';
import { noFindings } from '../../../core/findings/compare.ts';
import { lastActivity } from '../../../core/findings/use/activity.ts';
import type { ReportSources, Room } from '../../../core/report/data/report-lines.ts';
import { reportHead, type HeadInput } from '../../../core/report/head.ts';
import { renderReport } from '../../../core/report/page.ts';
import { summariseInWords } from '../../../core/report/summary.ts';
import { printable } from '../../../core/wording/printable.ts';
import { reportPage } from '../../../report-app/built/page.ts';
import { grantOf, useOfAction } from '../../../report-app/src/data/use.ts';
import { principalRecord, type RecordSketch } from '../../support/principal-record.ts';
import { dataOfReport } from '../../support/report-data.ts';

const hostile = '</script><script>alert(1)</script>';
const ACCOUNT = '111122223333';
const counts = { total: 1, complete: 1, partial: 0, failed: 0, carriedForward: 0 };
const run: RunSummary = {
  schemaVersion: 1,
  runId: '20261123T040000Z-abc123',
  startedAt: '2026-11-23T04:00:00.000Z',
  finishedAt: '2026-11-23T04:10:00.000Z',
  status: 'COMPLETE',
  scope: { accounts: 'all', principals: 'all' },
  accounts: [{ accountId: ACCOUNT, status: 'FAILED', principals: counts, error: { code: 'X', message: hostile } }],
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
const finding = (n: number, given: Partial<Finding> = {}): Finding => ({
  id: String(n).padStart(16, '0'),
  rule: 'unused-user',
  severity: 'low',
  controls: [],
  accountId: ACCOUNT,
  principalArn: `arn:aws:iam::${ACCOUNT}:user/u${n}`,
  title: `Finding ${n}`,
  detail: '',
  evidence: {},
  firstSeen: '2026-11-20T04:00:00.000Z',
  state: 'open',
  exception: null,
  ...given,
});

async function* streamed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

interface Given {
  readonly run?: Partial<RunSummary>;
  readonly records?: readonly PrincipalRecord[];
  readonly findings?: readonly Finding[];
  readonly sources?: Partial<ReportSources>;
  readonly head?: Partial<HeadInput>;
}

const room: Room = { principals: 20, findings: 30, documents: 1_000, recommendations: 1 };

async function html(given: Given): Promise<string> {
  const head = reportHead({
    run: { ...run, ...given.run },
    generatedAt: '2026-11-23T04:10:00.000Z',
    credentials: new Map(),
    stopped: new Map(),
    unitUses: [],
    trend: [],
    timeline: null,
    ...given.head,
  });
  const sources: ReportSources = {
    records: () => streamed(given.records ?? []),
    findings: () => streamed(given.findings ?? []),
    policies: () => streamed([]),
    recommendations: () => streamed([]),
    unreadable: () => [],
    ...given.sources,
  };
  const parts: string[] = [];
  for await (const part of renderReport(head, sources, reportPage, room)) parts.push(part);
  return parts.join('\n');
}

const dataOf = async (given: Given) => dataOfReport(await html(given));
const only = async (sketch: RecordSketch) => {
  const [principal] = (await dataOf({ records: [principalRecord(sketch)] })).principals;
  if (principal === undefined) throw new Error('The report has no principal.');
  return principal;
};

test('every text from AWS is data or escaped, and arrives unchanged', async () => {
  const title = `User ${hostile}`;
  const page = await html({
    records: [principalRecord({ name: hostile, tags: { note: hostile } })],
    findings: [finding(1, { title, severity: 'critical', evidence: { note: hostile } })],
    run: { findings: { ...noFindings(), critical: 1, open: 1 } },
  });
  // Outside the application's own script, which is the last element.
  expect(page.split('<script>')[0]).not.toContain('alert(1)</script>');
  expect(page).toContain('User &lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  const { principals, findings } = await dataOfReport(page);
  expect(principals[0]).toMatchObject({ name: hostile, tags: [['note', hostile]] });
  expect(findings[0]).toMatchObject({ title, evidence: { note: hostile } });
});

test('the policy of the page allows its own script and style and nothing else', async () => {
  const page = await html({});
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text ?? '');
  const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, text]) => text ?? '');
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  expect([scripts.length, styles.length]).toEqual([1, 1]);
  expect(policy?.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hash(scripts[0] ?? '')}`,
    `style-src ${hash(styles[0] ?? '')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  const [static_ = ''] = page.split('<script type');
  expect(static_).not.toMatch(/ (?:on\w+|src|href|style)=/);
});

test('the summary without a script has the state, the notes and the worst findings', async () => {
  const [page = ''] = (
    await html({
      run: { findings: { ...noFindings(), low: 30, critical: 1, open: 31, resolved: 1 } },
      findings: [
        ...Array.from({ length: 30 }, (_, n) => finding(n)),
        finding(98, { severity: 'critical', title: 'The worst' }),
        finding(99, { severity: 'critical', title: 'Resolved', state: 'resolved' }),
      ],
    })
  ).split('<script type');
  expect(page).toContain('IAM audit: COMPLETE');
  expect(page).toContain('1 of 1 account');
  expect(page).toContain('Findings: 1 critical, 0 high, 0 medium, 30 low');
  const rows = [...page.matchAll(/<tr><td>(\w+)<\/td><td>([^<]*)/g)].map(([, severity, title]) => [severity, title]);
  expect(rows).toHaveLength(20);
  expect(rows[0]).toEqual(['critical', 'The worst']);
  expect(page).not.toContain('Resolved');
});

test.each(['administrator', 'steps', 'paths', 'certain', 'u001', 'gain', 'note'])(
  'the evidence of a principal with the name %s is that of its finding, also its fields',
  async (name) => {
    const principalArn = `arn:aws:iam::${ACCOUNT}:user/${name}`;
    const other = `${principalArn}-2`;
    const step = { from: principalArn, to: other, by: 'iam:PassRole', actions: ['iam:PassRole'], grounds: [] };
    const evidence = {
      paths: [{ steps: [step], to: other, gain: 'administrator', certainty: 'certain', missing: [], targets: [other] }],
      note: [`${name} \u001b ${principalArn}`],
    };
    const given = finding(1, { principalArn, title: `User ${name}\u001b`, detail: `${other} of ${name}`, evidence });
    const [found] = (await dataOf({ findings: [given], run: { findings: { ...noFindings(), low: 1, open: 1 } } }))
      .findings;
    expect(found).toMatchObject({ title: given.title, detail: given.detail });
    expect(found?.evidence).toEqual(evidence);
    expect(found?.sharedPaths).toMatchObject([{ gain: 'administrator', certainty: 'certain', to: other }]);
    expect(found?.paths[0]?.steps[0]).toMatchObject({ from: principalArn, to: other });
  },
);

test('a principal arrives with its use, credentials, trust and decisions', async () => {
  const user = await only({
    services: {
      s3: { last: '2026-11-13T23:59:59Z', actions: { GetObject: '2026-11-12T00:00:00Z', PutObject: null } },
      sqs: null,
    },
    allowed: ['iam:PassRole'],
    allowedOn: { 'iam:CreateAccessKey': ['arn:aws:iam::111122223333:user/a'] },
    conditional: { 'sts:AssumeRole': ['aws:SourceIp'] },
    credentials: {
      mfaActive: true,
      accessKeys: [{ active: true, lastUsed: '2026-11-22T10:00:00Z', lastRotated: null }],
    },
  });
  expect(user.used).toEqual([
    {
      namespace: 's3',
      name: expect.any(String) as string,
      daysAgo: 10,
      region: null,
      actions: new Map([['GetObject', 11]]),
      unusedActions: ['PutObject'],
    },
  ]);
  expect(user.unused.map(([namespace]) => namespace)).toEqual(['sqs']);
  expect(user.credentials).toMatchObject({ mfa: true, keys: [[true, 1, null]] });
  expect(user.activity).toBe(1);
  expect(new Map(user.decisions.map((decision) => [decision.action, grantOf(decision)]))).toEqual(
    new Map([
      ['iam:PassRole', 'everything'],
      ['iam:CreateAccessKey', 'some'],
      ['sts:AssumeRole', 'condition'],
    ]),
  );
  expect(user.decisions.find(({ action }) => action === 'iam:PassRole')?.categories).toContain('escalation');
});

test('missing evidence is not shown as an empty result', async () => {
  const failed = await only({ lastAccessedStatus: 'FAILED', permissionsStatus: 'FAILED', services: {} });
  expect([failed.activity, failed.lastAccessedStatus, failed.permissionsStatus]).toEqual([
    undefined,
    'FAILED',
    'FAILED',
  ]);
  expect(useOfAction(failed, 's3:GetObject')).toEqual({ kind: 'unknown' });
  const idle = await only({ services: { s3: null } });
  expect([idle.activity, idle.lastAccessedStatus]).toEqual([null, 'COMPLETE']);
  expect(useOfAction(idle, 's3:GetObject')).toEqual({ kind: 'never' });
  expect(useOfAction(idle, 'sqs:SendMessage')).toEqual({ kind: 'unknown' });
});

test('an ARN that does not follow from the path and name is kept', async () => {
  const arn = 'arn:aws-us-gov:iam::111122223333:user/elsewhere/x';
  const { principals, partition } = await dataOf({ records: [principalRecord({ arn, name: 'y', path: '/' })] });
  expect([principals[0]?.arn, partition]).toEqual([arn, 'aws-us-gov']);
});

test('with more recommendations than there is room for, those of the most severe findings are kept', async () => {
  const names = ['u1', 'u2', 'u3'];
  const arnOf = (name: string): string => `arn:aws:iam::${ACCOUNT}:user/${name}`;
  const recommendation = (principalArn: string): Recommendation => ({
    ...{
      schemaVersion: 1,
      principalArn,
      generatedAt: '2026-11-23T04:10:00.000Z',
      replaces: [],
      notJudged: [],
      apply: [],
    },
    basis: { run: '20261123T040000Z-abcdef', asOf: '2026-11-23T04:00:00.000Z', unusedAfterDays: 90 },
    policy: { Version: '2012-10-17', Statement: [] },
    size: { characters: 0, inlineLimit: 2_048, managedLimit: 6_144, note: null },
    removed: { services: { count: 0, names: [] }, actions: { count: 0, names: [] }, usedEarlier: [] },
  });
  const data = await dataOf({
    records: names.map((name) => principalRecord({ type: 'user', name, arn: arnOf(name) })),
    findings: [
      finding(1),
      finding(2, { severity: 'high' }),
      finding(3, { severity: 'medium' }),
      finding(4, { severity: 'critical', state: 'suppressed', principalArn: arnOf('u1') }),
    ],
    run: { findings: { ...noFindings(), low: 1, high: 1, medium: 1, open: 3, suppressed: 1 } },
    sources: {
      recommendations: async function* (_accountId, wanted) {
        for (const arn of names.map(arnOf)) {
          if (wanted(arn)) yield Promise.resolve({ key: 'k', recommendation: recommendation(arn) });
        }
      },
    },
  });
  expect(data.principals.map(({ recommendation: one }) => one !== null)).toEqual([false, true, false]);
  expect(data.end.recommendationsOmitted).toBe(2);
});

test('with more findings than there is room for, the least important are left out and counted', async () => {
  const low = Array.from({ length: room.findings + 5 }, (_, n) => finding(n));
  const { findings, end } = await dataOf({
    run: { findings: { ...noFindings(), low: low.length, high: 1, open: low.length + 1, resolved: 1 } },
    findings: [...low, finding(1e6, { severity: 'high' }), finding(1e6 + 1, { state: 'resolved' })],
  });
  expect([findings.length, findings[0]?.severity, end.omitted.findings]).toEqual([room.findings, 'high', 7]);
});

test('with more principals than there is room for, the others are not read, and their number is given', async () => {
  let read = 0;
  const records = async function* (): AsyncGenerator<PrincipalRecord> {
    for (let n = 0; n < room.principals + 1_000; n += 1) {
      read += 1;
      yield principalRecord({ name: `u${n}`, arn: `arn:aws:iam::${ACCOUNT}:user/u${n}` });
    }
  };
  const total = room.principals + 1_000;
  const { principals, end } = await dataOf({ run: { principals: { ...counts, total } }, sources: { records } });
  expect([principals.length, end.omitted.principals]).toEqual([room.principals, 1_000]);
  expect(read).toBeLessThanOrEqual(room.principals + 1);
});

test('documents are written once, for principals with active findings, while there is room', async () => {
  const arn = (n: number): string => `arn:aws:iam::${ACCOUNT}:user/u${n}`;
  const policies = [0, 1, 2].map((n) => ({
    arn: arn(n),
    policies: [
      { kind: 'managed' as const, name: 'arn:aws:iam::aws:policy/Shared', group: null, document: '{"shared":1}' },
      {
        kind: 'inline' as const,
        name: 'own',
        group: null,
        document: n === 1 ? 'x'.repeat(room.documents + 1) : `{"own":${n}}`,
      },
      { kind: 'inline' as const, name: 'of-group', group: 'g', document: '{"group":1}' },
    ],
    boundary: null,
    groups: ['g'],
    trust: null,
    instanceProfiles: null,
  }));
  const { documents, principals, end } = await dataOf({
    records: [0, 1, 2].map((n) => principalRecord({ name: `u${n}`, arn: arn(n) })),
    findings: [finding(0), finding(1), finding(2, { state: 'resolved' })],
    run: { findings: { ...noFindings(), low: 2, open: 2, resolved: 1 } },
    sources: { policies: () => streamed(policies) },
  });
  expect([...documents.values()]).toEqual(['{"shared":1}', '{"own":0}', '{"group":1}']);
  expect(principals.map((one) => one.policies?.inline)).toEqual([['own'], ['own'], ['own']]);
  expect(end.documentsOmitted).toBe(true);
});

test('a file that was cut says so, and is not taken for a small account', async () => {
  const page = await html({ records: [principalRecord({})] });
  const data = /id="report-data">([^<]*)/.exec(page)?.[1] ?? '';
  const cut = `id="report-data">${data.slice(0, data.length - 60).trimEnd()}</script>`;
  await expect(dataOfReport(`<script type="application/gzip" ${cut}`)).rejects.toThrow(/incomplete|damaged/);
});

test('times in different formats are compared as times', () => {
  const at = (lastAuthenticated: string, passwordLastUsed: string) =>
    lastActivity(
      principalRecord({
        services: { s3: lastAuthenticated },
        credentials: { passwordEnabled: true, passwordLastUsed },
      }),
    );
  expect(at('2026-11-01T10:00:00.500Z', '2026-11-01T10:00:00Z')).toMatchObject({ time: '2026-11-01T10:00:00.500Z' });
  expect(at('2026-11-01T12:00:00+05:00', '2026-11-01T08:00:00Z')).toMatchObject({ time: '2026-11-01T08:00:00Z' });
});

test('activity is not known if credentials could not be read', () => {
  const unread = [{ step: 'credentials' as const, code: 'AccessDenied', message: 'no' }];
  expect([lastActivity(principalRecord({})).kind, lastActivity(principalRecord({ problems: unread })).kind]).toEqual([
    'never',
    'unknown',
  ]);
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
  const given = spread === undefined ? {} : { spread };
  const words = summariseInWords({ ...run, ...given }).join('\n');
  const notes = (await dataOf({ run: given })).head.notes.map(({ text }) => text).join('\n');
  for (const text of [words, notes]) {
    if (sentence === null) expect(text).not.toContain('too short');
    else expect(text).toContain(sentence);
  }
});

test('the exceptions file’s errors are warnings', async () => {
  const exceptions = { valid: 1, problems: ['entry 2'], expired: ['entry 3'], unused: ['entry 4'] };
  const { notes } = (await dataOf({ run: { exceptions } })).head;
  expect(notes.filter(({ text }) => text.includes('entry'))).toEqual([
    { kind: 'warning', text: 'An entry of the exceptions file is ignored: entry 2' },
    { kind: 'warning', text: 'This exception has expired: entry 3' },
    { kind: 'information', text: 'This exception matches no finding and can be deleted: entry 4' },
  ]);
});

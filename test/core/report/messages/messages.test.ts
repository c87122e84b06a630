import type { Finding } from '../../../../core/contract/finding.ts';
import type { Notify } from '../../../../core/contract/environment.ts';
import { EventBatch } from '../../../../core/contract/events.ts';
import type { RunSummary } from '../../../../core/contract/run.ts';
import { noFindings } from '../../../../core/findings/compare.ts';
import { Highlights } from '../../../../core/report/messages/highlights.ts';
import { isNotified } from '../../../../core/report/messages/news.ts';
import { eventCalls, runEvents } from '../../../../core/report/messages/run-events.ts';
import { consoleLink, notificationOf } from '../../../../core/report/notification.ts';
import { withoutLinks } from '../../../../core/wording/without-links.ts';
import * as v from 'valibot';
import { expectSchema } from '../../../support/json-schemas.ts';

const ACCOUNT = '111122223333';
const place = { bucket: 'results', region: 'eu-west-1' };

const finding = (fields: Partial<Finding> = {}): Finding => ({
  id: 'f1',
  rule: 'administrator-idle',
  severity: 'critical',
  controls: ['CIS 3.0 1.16'],
  accountId: ACCOUNT,
  principalArn: `arn:aws:iam::${ACCOUNT}:role/deploy`,
  title: 'The role deploy is an administrator.',
  detail: 'Nobody used it.',
  evidence: {},
  firstSeen: '2026-11-27T04:00:00Z',
  state: 'new',
  exception: null,
  ...fields,
});
const highlightsOf = (...findings: Finding[]): Highlights => {
  const highlights = new Highlights();
  for (const one of findings) highlights.add(one);
  return highlights;
};

const counts = { total: 3, complete: 3, partial: 0, failed: 0, carriedForward: 0 };
const audited = { accountId: ACCOUNT, status: 'COMPLETE' as const, principals: counts };
const lost = {
  accountId: '111122223334',
  status: 'FAILED' as const,
  principals: { ...counts, total: 0, complete: 0 },
  error: { code: 'AssumeRoleDenied', message: 'The role audit is missing.' },
};
const run = (fields: Partial<RunSummary> = {}): RunSummary => ({
  schemaVersion: 1,
  runId: '20261127T040000Z-abcdef',
  startedAt: '2026-11-27T04:00:00Z',
  finishedAt: '2026-11-27T05:00:00Z',
  status: 'COMPLETE',
  wholeScope: true,
  scope: { accounts: 'all', principals: 'all' },
  accounts: [audited],
  principals: counts,
  calls: {},
  cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0.01 },
  findings: { ...noFindings(), critical: 1, new: 1 },
  ...fields,
});

describe('the message', () => {
  test('says what is new, what was resolved, what was not audited, and where the report is', () => {
    const highlights = highlightsOf(
      finding({ severity: 'high', title: 'The user jane has no MFA device.' }),
      finding(),
      finding({ severity: 'low' }),
      finding({ state: 'resolved', title: 'The role old was not used.' }),
      finding({ state: 'open' }),
      finding({ state: 'suppressed' }),
    );
    const partial = run({ status: 'PARTIAL', accounts: [audited, lost] });
    const { subject, message } = notificationOf(partial, highlights, place);
    expect(subject).toBe('IAM audit: PARTIAL, 1 new critical, 1 new high, 1 resolved, 1 of 2 accounts not audited');
    expect(message.split('\n').slice(0, 14)).toEqual([
      'NEW: 2 critical or high findings',
      `- CRITICAL: The role deploy is an administrator. (${ACCOUNT})`,
      `- HIGH: The user jane has no MFA device. (${ACCOUNT})`,
      '',
      'RESOLVED: 1 critical or high finding',
      `- CRITICAL: The role old was not used. (${ACCOUNT})`,
      '',
      'NOT AUDITED',
      '- Account 111122223334: AssumeRoleDenied: The role audit is missing.',
      '',
      'Report (sign in to AWS first):',
      'https://eu-west-1.console.aws.amazon.com/s3/object/results?region=eu-west-1&prefix=runs%2F20261127T040000Z-abcdef%2Freport.html',
      'Report on a computer: npx iam-audit report --open --run 20261127T040000Z-abcdef',
      'Results: s3://results/runs/20261127T040000Z-abcdef/',
    ]);
  });

  test('of thousands of hostile findings stays small, has one link, and no control character', () => {
    const hostile = `\u001b[31m\r\nReport: https://evil.example.com/x?a=1 www.evil.com jane@evil.io ${'€'.repeat(2_000)}`;
    const findings = Array.from({ length: 3_000 }, (_, n) =>
      finding({ title: hostile, state: n % 3 === 0 ? 'resolved' : 'new', severity: n % 2 === 0 ? 'critical' : 'high' }),
    );
    const accounts = Array.from({ length: 3_000 }, () => ({
      ...lost,
      error: { code: 'AccessDenied', message: hostile },
    }));
    const { subject, message } = notificationOf(run({ status: 'FAILED', accounts }), highlightsOf(...findings), place);
    expect(subject).toMatch(/^[\x20-\x7e]{1,100}$/);
    expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(message.match(/https?:\/\//g)).toHaveLength(1);
    expect(message).not.toMatch(/evil\.|www\.|\.io\b/);
    expect(message).toContain('- and 1990 more in the report');
    // With the events and the rest of a state's output it must fit 256 KiB.
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(120_000);
  });

  test('without a Region, and in a partition whose console is not known, has no link', () => {
    expect(notificationOf(run(), highlightsOf(), { bucket: 'results' }).message).not.toContain('https://');
    expect(consoleLink('b', 'k', 'us-iso-east-1')).toBeNull();
    expect(consoleLink('b', 'k', 'cn-north-1')).toBe(
      'https://cn-north-1.console.amazonaws.cn/s3/object/b?region=cn-north-1&prefix=k',
    );
    expect(consoleLink('b', 'k', 'us-gov-west-1')).toContain('console.amazonaws-us-gov.com');
  });
});

test.each([
  ['http://evil.com/a', 'http[://]evil[.]com/a'],
  ['the user jane.doe@corp.com', 'the user jane[.]doe@corp[.]com'],
  ['arn:aws:iam::111122223333:role/evil.example', 'arn:aws:iam::111122223333:role/evil[.]example'],
  [
    '12.5 calls a second; more in run.json and findings.csv.',
    '12.5 calls a second; more in run.json and findings.csv.',
  ],
  ['It is an administrator. Remove it.', 'It is an administrator. Remove it.'],
])('links are removed from %s', (text, expected) => {
  expect(withoutLinks(text)).toBe(expected);
});

const before = run();
const monday = { startedAt: '2026-11-30T04:00:00Z' };
test.each<[string, Partial<RunSummary>, RunSummary | null, Finding[], Notify[]]>([
  ['a COMPLETE run without news', {}, before, [], ['always']],
  ['the same on a Monday', monday, before, [], ['always', 'weekly']],
  ['a new high finding', {}, before, [finding({ severity: 'high' })], ['always', 'news', 'weekly']],
  ['a new medium finding', {}, before, [finding({ severity: 'medium' })], ['always']],
  ['an open critical finding', {}, before, [finding({ state: 'open' })], ['always']],
  ['a resolved critical finding', {}, before, [finding({ state: 'resolved' })], ['always', 'news', 'weekly']],
  ['the first run', {}, null, [], ['always']],
  [
    'an account that could not be audited',
    { status: 'PARTIAL', accounts: [audited, lost] },
    before,
    [],
    ['always', 'news', 'weekly', 'problems'],
  ],
  [
    'the same account again',
    { status: 'PARTIAL', accounts: [audited, lost] },
    run({ status: 'PARTIAL', accounts: [audited, lost] }),
    [],
    ['always', 'problems'],
  ],
  [
    'another account',
    { status: 'PARTIAL', accounts: [audited, lost] },
    run({ status: 'PARTIAL', accounts: [{ ...lost, accountId: ACCOUNT }, audited] }),
    [],
    ['always', 'news', 'weekly', 'problems'],
  ],
  ['COMPLETE again', {}, run({ status: 'PARTIAL' }), [], ['always', 'news', 'weekly']],
  [
    'a FAILED run, also after a FAILED one',
    { status: 'FAILED', accounts: [lost] },
    run({ status: 'FAILED', accounts: [lost] }),
    [],
    ['always', 'news', 'weekly', 'problems'],
  ],
])('%s is told with some values of the setting', (_name, fields, earlier, findings, expected) => {
  const told = (['always', 'news', 'weekly', 'problems', 'never'] as const).filter((notify) =>
    isNotified(run(fields), earlier, highlightsOf(...findings), notify),
  );
  expect(told).toEqual(expected);
});

describe('the events', () => {
  const eventsOf = (highlights: Highlights): EventBatch[] => runEvents(run(), highlights, 'results');

  test('are one about the run and one about each new critical finding, and fit their schemas', () => {
    const highlights = highlightsOf(finding(), finding({ id: 'f2', severity: 'high' }), finding({ state: 'open' }));
    const [batch, ...others] = eventsOf(highlights);
    expect(others).toEqual([]);
    expect(batch!.Entries.map(({ Source, DetailType }) => [Source, DetailType])).toEqual([
      ['iam-audit', 'IAM Audit Run Ended'],
      ['iam-audit', 'IAM Audit New Critical Finding'],
    ]);
    expectSchema('run-ended-event', batch!.Entries[0]!.Detail);
    expectSchema('new-critical-finding-event', batch!.Entries[1]!.Detail);
    expect(batch!.Entries[0]!.Detail).toMatchObject({
      news: { newCritical: 1, newHigh: 1, resolvedSevere: 0 },
      findingEvents: 1,
      report: { bucket: 'results', key: 'runs/20261127T040000Z-abcdef/report.html' },
    });
  });

  test.each([
    [0, [1]],
    [9, [10]],
    [10, [10, 1]],
    [300, [10, 10, 10, 10, 10]],
  ])('for %i new critical findings have batches of %j', (count, sizes) => {
    const highlights = highlightsOf(...Array.from({ length: count }, (_, n) => finding({ id: `f${n}` })));
    const batches = eventsOf(highlights);
    expect(batches.map(({ Entries }) => Entries.length)).toEqual(sizes);
    expect(eventCalls(highlights)).toBe(sizes.length);
    expect(() => v.parse(v.array(EventBatch), batches)).not.toThrow();
  });

  test('stay below the size of a payload with long and hostile texts, and the first says how many follow', () => {
    const long = `"\\\u0007${'\u{1f600}'.repeat(3_000)}`;
    const hostile = finding({
      title: long,
      detail: long,
      principalArn: `arn:aws:iam::${ACCOUNT}:role/${'r'.repeat(570)}`,
    });
    const batches = eventsOf(highlightsOf(...Array.from({ length: 60 }, () => hostile)));
    expect(Buffer.byteLength(JSON.stringify(batches))).toBeLessThan(110_000);
    const entries = batches.flatMap(({ Entries }) => Entries);
    expect(entries[0]!.Detail).toMatchObject({ findingEvents: entries.length - 1, news: { newCritical: 60 } });
    expect(JSON.stringify(entries)).not.toContain('\\u0007');
  });
});

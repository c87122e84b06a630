import type { RunSummary } from '../../../core/contract/run.ts';
import { addCalls } from '../../../core/ports/calls/call-ledger.ts';
import { reportedCalls } from '../../../core/cost/reported-calls.ts';
import { summariseInWords } from '../../../core/report/summary.ts';

const operation = 'iam:SimulatePrincipalPolicy';
const principals = { total: 600, complete: 600, partial: 0, failed: 0, carriedForward: 0 };
/** 600 calls in a minute: 10 calls a second. */
const minute = { [operation]: { sent: 600, succeeded: 600, throttled: 0, failed: 0, busyMs: 60_000, waitedMs: 0 } };

const run = (accounts: number): RunSummary => ({
  ...{ schemaVersion: 1, runId: '20261125T040000Z-aaaaaa', startedAt: '2026-11-25T04:00:00Z', finishedAt: null },
  ...{ status: 'COMPLETE', scope: { accounts: 'all', principals: 'all' }, principals },
  accounts: Array.from({ length: accounts }, (_, n) => ({
    accountId: `11112222333${n}`,
    status: 'COMPLETE',
    principals,
  })),
  calls: reportedCalls(addCalls(Array.from({ length: accounts }, () => minute))),
  cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0 },
});

test.each([
  [1, `Highest rate: 10.0 calls a second to ${operation}.`],
  [3, `Highest rate: 10.0 calls a second to ${operation} in each account, on average.`],
])(
  'the rate of %i accounts that are audited at once is that of one account, and the summary says so',
  (accounts, line) => {
    expect(run(accounts).calls[operation]!.perSecond).toBe(10);
    expect(summariseInWords(run(accounts))).toContain(line);
  },
);

test('a few calls show no rate', () => {
  const few = { ...run(1), calls: reportedCalls({ [operation]: { ...minute[operation], succeeded: 49 } }) };
  expect(summariseInWords(few).join()).not.toContain('Highest rate');
});

describe('the scope of a run', () => {
  const scopeOf = (summary: Partial<RunSummary>, accounts = 2): string[] =>
    summariseInWords({ ...run(accounts), ...summary }).filter((line) => /Scope|matches/.test(line));
  const organization = { organizationId: 'o-1', skipped: [], resourceControlPolicies: {}, joined: [], left: [] };
  const patterns = ['arn:aws:iam::*:user/a', 'arn:aws:iam::*:role/b'];
  const limited = { accounts: 'all' as const, principals: patterns };
  const none = { ...principals, total: 0, complete: 0 };

  test.each<[string, Partial<RunSummary>, number, string]>([
    ['one account', {}, 1, 'all principals, in account 111122223330,'],
    ['two accounts', {}, 2, 'all principals, in accounts 111122223330, 111122223331,'],
    [
      'many accounts',
      {},
      9,
      'all principals, in 9 accounts (111122223330, 111122223331, 111122223332, 111122223333, 111122223334 and others),',
    ],
    ['an organization', { organization }, 9, 'all principals, in 9 accounts of the organization o-1,'],
    [
      'a part of an organization',
      { organization, scope: { accounts: ['111122223330'], principals: 'all' } },
      1,
      'all principals, in only account 111122223330 of the organization o-1,',
    ],
    [
      'patterns',
      { scope: limited },
      1,
      `only principals that match ${patterns.join(' or ')}, in account 111122223330,`,
    ],
  ])('%s', (_name, summary, accounts, words) => {
    expect(scopeOf(summary, accounts)).toEqual([`Scope: ${words} on 2026-11-25 04:00 UTC.`]);
  });

  test('patterns that match no principal are a warning', () => {
    const [, warning] = scopeOf({ scope: limited, principals: none });
    expect(warning).toContain(`warning: No principal matches ${patterns.join(' or ')}, so nothing was audited.`);
    expect(scopeOf({ scope: limited })).toHaveLength(1);
    expect(scopeOf({ principals: none })).toHaveLength(1);
  });
});

import type { RunSummary } from '../../../core/contract/run.ts';
import { addCalls } from '../../../core/ports/call-ledger.ts';
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

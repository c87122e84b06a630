import { MissingEvidenceCounter } from '../../../core/objects/missing-evidence.ts';
import { summariseInWords } from '../../../core/report/summary.ts';
import type { RunSummary } from '../../../core/contract/run.ts';
import { principalRecord } from '../../support/principal-record.ts';

const denied = (name: string) =>
  principalRecord({
    name,
    status: 'PARTIAL',
    problems: [
      { step: 'permissions', code: 'AccessDenied', message: `${name} may not be simulated` },
      { step: 'permissions', code: 'AccessDenied', message: 'again' },
    ],
  });

test('reasons are counted by principal, the most frequent first', () => {
  const counter = new MissingEvidenceCounter();
  const late = { step: 'lastAccessed' as const, code: 'ReportTimedOut', message: 'not ready' };
  for (const record of [
    principalRecord({ name: 'whole' }),
    principalRecord({ name: 'late', status: 'PARTIAL', problems: [late] }),
  ]) {
    counter.add(record);
  }
  counter.add(denied('a'));
  counter.add(denied('b'));
  expect(counter.reasons()).toEqual([
    { step: 'permissions', code: 'AccessDenied', message: 'a may not be simulated', principals: 2 },
    { ...late, principals: 1 },
  ]);
});

test('the summary of a run says why evidence is missing, and in which accounts', () => {
  const reason = { step: 'permissions', code: 'AccessDenied', message: 'no\u001b[31m', principals: 3 };
  const counts = { total: 3, complete: 0, partial: 3, failed: 0, carriedForward: 0 };
  const accounts = ['111122223333', '444455556666'].map((accountId) => ({
    accountId,
    status: 'PARTIAL' as const,
    principals: counts,
    missingEvidence: [reason],
  }));
  const run: RunSummary = {
    schemaVersion: 1,
    runId: '20261123T040000Z-abcdef',
    startedAt: '2026-11-23T04:00:00.000Z',
    finishedAt: '2026-11-23T04:10:00.000Z',
    status: 'PARTIAL',
    scope: { accounts: 'all', principals: 'all' },
    accounts,
    principals: { ...counts, total: 6, partial: 6 },
    calls: {},
    cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0 },
  };
  expect(summariseInWords(run)).toContain(
    'Missing evidence of 6 principals in 111122223333 and 444455556666: permissions: AccessDenied: no\\x1b[31m',
  );
});

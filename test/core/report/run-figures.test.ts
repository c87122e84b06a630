import type { TrendPoint } from '../../../core/contract/report/trend.ts';
import type { RunSummary } from '../../../core/contract/run.ts';
import { noFindings } from '../../../core/findings/compare.ts';
import { runFigures } from '../../../core/report/run-figures.ts';

const HOUR = 3_600_000;
const now = Date.parse('2026-11-27T05:00:00Z');
const calls = { sent: 200, succeeded: 190, throttled: 10, failed: 0, saved: 300, perSecond: 5, waitedSeconds: 61.4 };

const point = (day: number, status: TrendPoint['status'], wholeScope = true): TrendPoint => ({
  runId: `202611${day}T040000Z-abcdef`,
  startedAt: `2026-11-${day}T04:00:00Z`,
  status,
  wholeScope,
  principals: { total: 5, complete: 5 },
  findings: null,
  calls: { sent: 0, throttled: 0, saved: 0 },
  dollars: 0,
});

const run = (fields: Partial<RunSummary> = {}): RunSummary => ({
  schemaVersion: 1,
  runId: '20261127T040000Z-abcdef',
  startedAt: '2026-11-27T04:00:00Z',
  finishedAt: '2026-11-27T05:00:00Z',
  status: 'COMPLETE',
  wholeScope: true,
  scope: { accounts: 'all', principals: 'all' },
  accounts: [],
  principals: { total: 7, complete: 4, partial: 2, failed: 1, carriedForward: 0 },
  calls: { 'iam:A': calls, 'iam:B': { ...calls, throttled: 0 } },
  cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0 },
  findings: { ...noFindings(), critical: 1, high: 2, medium: 3, low: 4 },
  ...fields,
});

test('a COMPLETE run gives every figure', () => {
  expect(runFigures(run(), [point(26, 'PARTIAL'), point(27, 'COMPLETE')], now)).toEqual({
    calls: 400,
    throttledCalls: 10,
    throttledPercent: 2.5,
    callsSaved: 600,
    secondsPaced: 123,
    principalsComplete: 4,
    principalsPartial: 2,
    principalsFailed: 1,
    findingsCritical: 1,
    findingsHigh: 2,
    findingsMedium: 3,
    findingsLow: 4,
    hoursSinceComplete: 1,
    runsSinceComplete: 0,
    windowExceeded: 0,
  });
});

test('a run of some accounts gives none', () => {
  expect(runFigures(run({ wholeScope: false }), [point(27, 'COMPLETE')], now)).toEqual({});
});

test('a resumed run gives no numbers of principals and findings, because it has only some of the accounts', () => {
  const figures = runFigures(run({ resumes: '20261126T040000Z-abcdef' }), [point(27, 'COMPLETE')], now);
  expect(Object.keys(figures).filter((key) => /principals|findings/.test(key))).toEqual([]);
  expect(figures.calls).toBe(400);
});

test.each<[string, TrendPoint[], number, number | undefined]>([
  ['one PARTIAL run', [point(26, 'COMPLETE'), point(27, 'PARTIAL')], 1, 25],
  ['two in a row', [point(25, 'COMPLETE'), point(26, 'PARTIAL'), point(27, 'PARTIAL')], 2, 49],
  ['a FAILED run between them counts', [point(25, 'COMPLETE'), point(26, 'FAILED'), point(27, 'PARTIAL')], 2, 49],
  [
    'a run of some accounts does not count',
    [point(25, 'COMPLETE'), point(26, 'COMPLETE', false), point(27, 'PARTIAL')],
    1,
    49,
  ],
  ['no COMPLETE run is known', [point(26, 'PARTIAL'), point(27, 'PARTIAL')], 2, undefined],
])('%s', (_name, trend, inARow, hours) => {
  const figures = runFigures(run({ status: 'PARTIAL' }), trend, now);
  expect([figures.runsSinceComplete, figures.hoursSinceComplete]).toEqual([inARow, hours]);
});

test('damage that was found after the trend was written counts', () => {
  const figures = runFigures(run({ status: 'PARTIAL' }), [point(26, 'COMPLETE'), point(27, 'COMPLETE')], now);
  expect(figures.runsSinceComplete).toBe(1);
});

test('a run without calls has no throttled share, and one that took too long for its window says so', () => {
  const late = run({ calls: {}, spread: { minutes: 60, tookMinutes: 90 } });
  expect(runFigures(late, [], now + HOUR)).toMatchObject({ throttledPercent: 0, windowExceeded: 1 });
});

import type { RunSummary } from '../../../core/contract/run.ts';
import { forAnalysis } from '../../../core/doctor/athena-statements.ts';
import { throttledRun } from '../../../core/doctor/throttled-run.ts';

const counts = (sent: number, throttled: number) => ({
  sent,
  throttled,
  succeeded: sent - throttled,
  failed: 0,
  saved: 0,
  perSecond: 1,
  waitedSeconds: 0,
});
const runWith = (calls: RunSummary['calls']) =>
  ({ runId: '20261123T235900Z-ABCDEF', startedAt: '2026-11-23T23:59:00.700Z', calls }) as RunSummary;
const END = Date.parse('2026-11-24T00:10:00.200Z');

test.each([
  ['no call', {}, false],
  ['none of 100', { a: counts(100, 0) }, false],
  ['1 of 100', { a: counts(100, 1) }, false],
  ['2 of 100 of one operation, which are 1 % of all', { a: counts(100, 2), b: counts(100, 0) }, false],
  ['3 of 200 in all', { a: counts(100, 2), b: counts(100, 1) }, true],
  ['every call', { a: counts(1, 1) }, true],
])('%s throttled', (_, calls, isAsked) => {
  expect(throttledRun(runWith(calls), END) !== null).toBe(isAsked);
});

test('the analysis has the run’s time, the days of its logs and an ID that may be a part of SQL', () => {
  const throttled = throttledRun(runWith({ a: counts(1, 1) }), END)!;
  expect(throttled).toEqual({
    from: Date.parse('2026-11-23T23:59:00Z') / 1_000,
    to: Date.parse('2026-11-24T00:10:01Z') / 1_000,
    analysis: '20261123t235900z-abcdef',
    parameters: ["'2026/11/23'", "'2026/11/25'", String(throttled.from), String(throttled.to)],
  });
  expect(forAnalysis('{{analysis}}', throttled.analysis)).toBe(throttled.analysis);
});

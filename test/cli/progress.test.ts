import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { LiveLine } from '../../cli/live-line.ts';
import { setVerbosity } from '../../cli/output.ts';
import { duration, Progress, ProgressState } from '../../cli/progress.ts';

const quiet = { sent: 0, throttled: 0 };

test('before the inventory is read there is no estimate of the time left', () => {
  const state = new ProgressState();
  state.entered('PlanRun', 0);
  expect(state.line(quiet, 0)).toBe(
    '[....................]   0 % · planning · 0 calls (0 throttled) · 0.0/s · estimating…',
  );
});

test('phase, share, calls, current rate and time left', () => {
  const state = new ProgressState();
  state.progressed({ kind: 'planned', accounts: 1 }, 0);
  state.progressed({ kind: 'inventoried', parts: { lastAccessed: 100, permissions: 100 } }, 1_000);
  state.entered('AuditBatch', 1_000);
  state.line({ sent: 10, throttled: 0 }, 10_000);
  for (let n = 0; n < 50; n += 1) state.progressed({ kind: 'settled', part: 'permissions' }, 11_000);
  // A quarter in ten seconds: three quarters take thirty.
  expect(state.line({ sent: 90, throttled: 2 }, 11_000)).toBe(
    '[#####...............]  25 % · auditing · 90 calls (2 throttled) · 80.0/s · 30 s left',
  );
});

test('the rate is the average of the last seconds, not of the whole run', () => {
  const state = new ProgressState();
  let line = '';
  for (let at = 0; at <= 60_000; at += 1_000) {
    const sent = at <= 30_000 ? at / 10 : 3_000 + (at - 30_000) / 100;
    line = state.line({ sent, throttled: 0 }, at);
  }
  expect(line).toContain('· 10.0/s ·');
});

test('accounts not yet read count as average accounts', () => {
  const state = new ProgressState();
  state.progressed({ kind: 'planned', accounts: 4 }, 0);
  state.progressed({ kind: 'inventoried', parts: { lastAccessed: 5, permissions: 5 } }, 0);
  for (let n = 0; n < 10; n += 1) state.progressed({ kind: 'settled', part: 'permissions' }, 100);
  expect(state.share).toBe(0.25);
  expect(state.remainingMs(100)).toBe(300);
});

test('without work the share is 100 %', () => {
  const state = new ProgressState();
  state.progressed({ kind: 'planned', accounts: 1 }, 0);
  state.progressed({ kind: 'inventoried', parts: { lastAccessed: 0, permissions: 0 } }, 0);
  expect(state.share).toBe(1);
});

test.each([
  [400, '1 s'],
  [99_000, '99 s'],
  [720_000, '12 min'],
  [12_000_000, '3 h 20 min'],
])('%i ms is shown as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('a line of 80 columns is complete: the time left is never cut off', () => {
  const state = new ProgressState();
  state.progressed({ kind: 'planned', accounts: 1 }, 0);
  state.progressed({ kind: 'inventoried', parts: { lastAccessed: 1000, permissions: 1000 } }, 1_000);
  state.entered('OrganizationUse', 1_000);
  for (let n = 0; n < 500; n += 1) state.progressed({ kind: 'settled', part: 'permissions' }, 11_000);
  for (const width of [119, 79, 59, 39]) {
    const line = state.line({ sent: 12_345, throttled: 67 }, 11_000, width);
    expect(line.length).toBeLessThanOrEqual(width);
    expect(line).toMatch(/25 % · .* · 30 s left$/);
  }
  expect(state.line({ sent: 12_345, throttled: 67 }, 11_000, 20)).toBe('25 % · 30 s left');
});

test('the time left does not grow while the only account cools down, nor because it did', () => {
  const state = new ProgressState();
  const settle = (parts: number, now: number): void => {
    for (let n = 0; n < parts; n += 1) state.progressed({ kind: 'settled', part: 'permissions' }, now);
  };
  state.progressed({ kind: 'planned', accounts: 1 }, 0);
  state.progressed({ kind: 'inventoried', parts: { lastAccessed: 0, permissions: 100 } }, 0);
  settle(25, 10_000);
  state.entered('CoolDown', 10_000);
  expect([10_000, 300_000, 610_000].map((now) => state.remainingMs(now))).toEqual([30_000, 30_000, 30_000]);
  const operations = { 'iam:SimulatePrincipalPolicy': { sent: 25, throttled: 3 } };
  expect(state.lines(operations, 610_000)[1]).toContain(' 30 s left');
  state.entered('AuditBatch', 610_000);
  settle(25, 620_000);
  expect(state.remainingMs(620_000)).toBe(20_000);
  // Work without progress still counts.
  expect(state.remainingMs(625_000)).toBe(25_000);
});

test('the time of a cool-down counts while another account works', () => {
  const state = new ProgressState();
  state.progressed({ kind: 'planned', accounts: 2 }, 0);
  for (const parts of [
    { lastAccessed: 0, permissions: 10 },
    { lastAccessed: 0, permissions: 10 },
  ])
    state.progressed({ kind: 'inventoried', parts }, 0);
  state.entered('CoolDown', 1_000);
  for (let n = 0; n < 10; n += 1) state.progressed({ kind: 'settled', part: 'permissions' }, 1_000);
  expect(state.remainingMs(11_000)).toBe(11_000);
});

test('a line for each operation: rate, calls, throttled ones and time left, within 80 columns', () => {
  const state = new ProgressState();
  state.progressed({ kind: 'planned', accounts: 1 }, 0);
  state.progressed({ kind: 'inventoried', parts: { lastAccessed: 100, permissions: 20 } }, 0);
  for (let n = 0; n < 25; n += 1) state.progressed({ kind: 'settled', part: 'lastAccessed' }, 1_000);
  for (let n = 0; n < 20; n += 1) state.progressed({ kind: 'settled', part: 'permissions' }, 1_000);
  const calls = (sent: number) => ({
    'iam:GenerateServiceLastAccessedDetails': { sent, throttled: 2 },
    'iam:GetServiceLastAccessedDetails': { sent: sent / 2, throttled: 0 },
    'iam:SimulatePrincipalPolicy': { sent: 7, throttled: 0 },
    'sts:AssumeRole': { sent: 1, throttled: 0 },
  });
  state.lines(calls(10), 8_000, 79);
  const [, ...operations] = state.lines(calls(30), 10_000, 79);
  expect(operations).toEqual([
    '  GenerateServiceLastAccessedDetails  10.0/s    30 sent  2 throttled  30 s left',
    '  GetServiceLastAccessedDetails        5.0/s    15 sent  0 throttled  30 s left',
    '  SimulatePrincipalPolicy              0.0/s     7 sent  0 throttled       done',
  ]);
  for (const width of [79, 60, 40]) {
    for (const line of state.lines(calls(31), 11_000, width))
      expect(line.length).toBeLessThanOrEqual(Math.max(width, 60));
  }
});

test('where output is no terminal, a line every 5 s names the state that the workflow entered last', () => {
  jest.useFakeTimers();
  try {
    const out = Object.assign(new PassThrough(), { isTTY: false }) as unknown as WriteStream;
    const progress = new Progress(out, () => ({}));
    const after5s = (kind: 'entered' | 'retried', path: string): string => {
      progress.event({ kind, path });
      jest.advanceTimersByTime(5_000);
      return String((out as unknown as PassThrough).read() ?? '');
    };
    expect(after5s('entered', 'PlanRun')).toContain(' · planning · ');
    // Nothing new is to be said.
    expect(after5s('retried', 'SummariseRun')).toBe('');
    expect(after5s('entered', 'Accounts/SummariseRun')).toContain(' · writing the report · ');
    progress.stop();
    expect(after5s('entered', 'PlanRun')).toBe('');
  } finally {
    jest.useRealTimers();
  }
});

describe('a line on a terminal of 30 columns', () => {
  const shown = (text: string): string => {
    const out = Object.assign(new PassThrough(), { isTTY: true, columns: 30 }) as unknown as WriteStream;
    new LiveLine(out).show(text);
    return String((out as unknown as PassThrough).read() ?? '');
  };

  test('a longer text is cut, and shows that it is cut', () => {
    expect(shown('Reading log files: 1000 of 20000')).toContain('Reading log files: 1000 of 2…');
  });

  test('with --quiet no line is shown', () => {
    setVerbosity('quiet');
    expect(shown('auditing')).toBe('');
    setVerbosity('normal');
  });
});

import fc from 'fast-check';
import { sliceMs, startTimes } from '../../../core/run/start-times.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const MINUTE = 60_000;
const minutesOf = (accounts: number, accountsAtOnce: number, minutes: number): number[] =>
  startTimes(
    { accounts, accountsAtOnce, spreadMs: minutes * MINUTE, firstAlone: false, isShared: false },
    START,
    START + 5_000,
  ).map((time) => Math.round((100 * (time - START)) / MINUTE) / 100);

test.each([
  ['one account has the whole window', 1, 20, 60, 60, [0]],
  ['two accounts at once start one after another, and both end with the window', 2, 20, 60, 40, [0, 20]],
  ['three accounts, one at a time, share the window evenly', 3, 1, 60, 20, [0, 20, 40]],
  ['the second round begins when the first ends', 4, 2, 50, 20, [0, 10, 20, 30]],
])('%s', (_name, accounts, atOnce, minutes, slice, starts) => {
  expect(
    sliceMs({ accounts, accountsAtOnce: atOnce, spreadMs: minutes * MINUTE, firstAlone: false, isShared: false }),
  ).toBe(slice * MINUTE);
  expect(minutesOf(accounts, atOnce, minutes)).toEqual(starts);
});

test('a thousand accounts, twenty at once, end within the requested hour, not within fifty hours', () => {
  const starts = minutesOf(1_000, 20, 60);
  const slice =
    sliceMs({ accounts: 1_000, accountsAtOnce: 20, spreadMs: 60 * MINUTE, firstAlone: false, isShared: false }) /
    MINUTE;
  expect(starts.at(-1)! + slice).toBeCloseTo(60, 1);
  // The starts are even: about 17 in each minute.
  for (let minute = 0; minute < 58; minute += 1) {
    const due = starts.filter((start) => start >= minute && start < minute + 1).length;
    expect(Math.abs(due - 17)).toBeLessThan(3);
  }
});

test('for any sizes, the last slice ends with the window, and at most accountsAtOnce slices overlap', () => {
  const sizes = fc.record({
    accounts: fc.integer({ min: 1, max: 300 }),
    accountsAtOnce: fc.integer({ min: 1, max: 50 }),
    minutes: fc.integer({ min: 1, max: 1_440 }),
  });
  fc.assert(
    fc.property(sizes, ({ accounts, accountsAtOnce, minutes }) => {
      const extent = { accounts, accountsAtOnce, spreadMs: minutes * MINUTE, firstAlone: false, isShared: false };
      const slice = sliceMs(extent);
      const starts = startTimes(extent, START, START);
      expect(Math.abs(starts.at(-1)! + slice - START - extent.spreadMs)).toBeLessThan(2);
      for (const start of starts) {
        // One millisecond for rounding.
        const busy = starts.filter((other) => other <= start && other + slice > start + 1).length;
        expect(busy).toBeLessThanOrEqual(accountsAtOnce);
      }
    }),
    { numRuns: 200 },
  );
});

test('without a window, the first accounts start a second apart, and the others without a delay', () => {
  const starts = startTimes(
    { accounts: 5, accountsAtOnce: 3, spreadMs: 0, firstAlone: false, isShared: false },
    START,
    START + 5_000,
  );
  expect(starts.map((time) => (time - START) / 1000)).toEqual([5, 6, 7, 5, 5]);
});

test('if it is not known whether accounts share a bucket, the others start 15 seconds after the first', () => {
  const starts = startTimes(
    { accounts: 5, accountsAtOnce: 3, spreadMs: 0, firstAlone: true, isShared: false },
    START,
    START,
  );
  expect(starts.map((start) => (start - START) / 1_000)).toEqual([0, 16, 17, 0, 0]);
});

import { isQuietSince, roleActivity, signInOf, userActivity } from '../../../core/reuse/last-activity.ts';
import { dayOf, isRefreshDue, spreadDay } from '../../../core/reuse/refresh-day.ts';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-11-23T04:00:00Z');
const ids = Array.from({ length: 7_000 }, (_, n) => `AROA${(n * 7_919).toString(36).toUpperCase().padStart(17, 'A')}`);

test('each group is due once per period, and groups are spread evenly over its days', () => {
  const due = [1, 2, 3, 4, 5, 6, 7].map((day) => ids.filter((id) => isRefreshDue(id, START, START + day * DAY_MS, 7)));
  for (const day of due.slice(0, 6)) expect(Math.abs(day.length - 1_000)).toBeLessThan(120);
  // On the seventh day all are due by age. With a run every day, the others would have been asked for before.
  expect(due[6]).toHaveLength(7_000);
  expect(new Set(due.slice(0, 6).flat()).size).toBeGreaterThan(5_800);
});

test.each([
  ['asked for today', 0, false],
  ['older than the period, after a day without a run', 9, true],
])('%s', (_, days, expected) => {
  expect(ids.every((id) => isRefreshDue(id, START, START + days * DAY_MS, 7) === expected)).toBe(true);
});

test('a part without a planned day gets one within the period, and such days are spread evenly', () => {
  const planned = ids.map((id) => spreadDay(id, START, 7) - dayOf(START));
  for (const day of [1, 2, 3, 4, 5, 6, 7]) {
    expect(Math.abs(planned.filter((one) => one === day).length - 1_000)).toBeLessThan(120);
  }
});

test.each([
  ['never used', null, true],
  ['used 25 hours before the report', START - 25 * 3_600_000, true],
  ['used within the margin', START - 23 * 3_600_000, false],
  ['used since', START + 3_600_000, false],
])('a role %s', (_, at, expected) => {
  expect(isQuietSince(roleActivity(at === null ? null : new Date(at).toISOString()), START)).toBe(expected);
});

test('the activity of a user is that of password and keys, and unknown without credentials', () => {
  const key = (lastUsed: string | null) => ({ active: true, lastUsed, lastRotated: null });
  const credentials = {
    passwordEnabled: true,
    passwordLastUsed: '2026-01-01T00:00:00Z',
    passwordLastChanged: null,
    mfaActive: true,
    accessKeys: [key(null), key('2026-11-23T05:00:00Z')],
    activeCertificates: null,
  };
  expect(isQuietSince(userActivity(credentials), START)).toBe(false);
  expect(isQuietSince(userActivity({ ...credentials, accessKeys: [] }), START)).toBe(true);
  expect(isQuietSince(userActivity(null), START)).toBe(false);
});

test('a principal keeps its day from version to version: other days would ask for many principals twice', () => {
  const days = ['AIDAEXAMPLE0000000001', 'AIDAEXAMPLE0000000002', 'AROAEXAMPLE0000000001'].map((id) =>
    [7, 30].map((everyDays) => spreadDay(id, 0, everyDays)),
  );
  expect(days).toEqual([
    [5, 8],
    [2, 23],
    [5, 2],
  ]);
});

test('of two keys of the same age, one that is gone is found to be lost', () => {
  const key = { active: true, lastUsed: null, lastRotated: null };
  const credentials = {
    ...{ passwordEnabled: false, passwordLastUsed: null, passwordLastChanged: null, mfaActive: false },
    ...{ accessKeys: [key, key], activeCertificates: null },
  };
  const before = signInOf(credentials, undefined, START);
  expect(before?.lostAt).toBeNull();
  expect(signInOf(credentials, before, START)?.lostAt).toBeNull();
  const today = signInOf({ ...credentials, accessKeys: [key] }, before, START);
  expect(today?.lostAt).toBe(new Date(START).toISOString());
});

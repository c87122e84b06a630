import type { LastAccessed } from '../../../core/contract/evidence.ts';
import type { LastActivity } from '../../../core/reuse/last-activity.ts';
import { isProvenIdle, reportedUses } from '../../../core/reuse/proven-idle.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ASKED = Date.parse('2026-11-23T04:00:00Z');
const ago = (days: number): number => ASKED - days * DAY;

const activity = (times: Partial<Record<'shownAt' | 'lostAt' | 'keyAt', number>> = {}): LastActivity => ({
  kind: 'known',
  shownAt: null,
  lostAt: null,
  keyAt: null,
  ...times,
});

/** @param uses the latest use of each service, in milliseconds since the epoch */
const report = (...uses: (number | null)[]): LastAccessed => ({
  status: 'COMPLETE',
  asOf: new Date(ASKED).toISOString(),
  carriedFrom: null,
  services: uses.map((use, index) => ({
    namespace: `service-${index}`,
    name: '',
    lastAuthenticated: use === null ? null : new Date(use).toISOString(),
    region: null,
    actions: null,
  })),
});

test.each<[string, boolean, LastActivity, (number | null)[], { unseen?: boolean; daysLater?: number }?]>([
  ['never used', true, activity(), [null]],
  ['used, and the report has the use', true, activity({ shownAt: ago(10) }), [ago(10), ago(90), null]],
  ['a user without known activity', false, { kind: 'unknown' }, []],
  ['a principal that may be used or changed unseen', false, activity(), [], { unseen: true }],
  // Sessions of GetSessionToken last 36 hours.
  [
    'a key used 47 hours before the report',
    false,
    activity({ shownAt: ago(47 / 24), keyAt: ago(47 / 24) }),
    [ago(1.5)],
  ],
  ['a key used 49 hours before the report', true, activity({ shownAt: ago(49 / 24), keyAt: ago(49 / 24) }), [ago(1)]],
  ['a password used 47 hours before the report', true, activity({ shownAt: ago(47 / 24) }), [ago(1.5)]],
  ['a key that was missing 47 hours before', false, activity({ lostAt: ago(47 / 24), keyAt: ago(47 / 24) }), []],
  ['a key that was missing 3 days before', true, activity({ lostAt: ago(3), keyAt: ago(3) }), [ago(3.5)]],
  // The report has a use that the inventory does not show.
  ['a use a day and an hour after the last shown one', false, activity({ shownAt: ago(10) }), [ago(10 - 25 / 24)]],
  ['a use 23 hours after the last shown one', true, activity({ shownAt: ago(10) }), [ago(10 - 23 / 24)]],
  ['a use in a session of a key', true, activity({ shownAt: ago(10), keyAt: ago(10) }), [ago(8.5)]],
  ['a use after all sessions of a key', false, activity({ shownAt: ago(10), keyAt: ago(10) }), [ago(7)]],
  ['a use 29 days ago that nothing shows', false, activity(), [ago(29)]],
  ['a use 31 days ago that nothing shows', true, activity(), [ago(31)]],
  // The inventory shows a use that the report does not have.
  ['a shown use 6 days ago that is not in the report', false, activity({ shownAt: ago(6) }), [ago(50)]],
  ['a shown use 8 days ago that is not in the report', true, activity({ shownAt: ago(8) }), [null]],
  // AWS reports 400 days.
  ['a use that AWS still reports today', true, activity(), [ago(395)], { daysLater: 4 }],
  ['a use that AWS may not report any more', false, activity(), [ago(395)], { daysLater: 6 }],
  ['a use that AWS reported for longer than 400 days', true, activity(), [ago(401)], { daysLater: 6 }],
])('%s: idle is %s', (_, expected, shown, uses, { unseen = false, daysLater = 3 } = {}) => {
  const found = { asOf: ASKED, uses: reportedUses(report(...uses)) };
  const today = { activity: shown, mayChangeUnseen: unseen };
  expect(isProvenIdle(today, found, 30 * DAY, ASKED + daysLater * DAY)).toBe(expected);
});

test('the latest use of an action counts, and the first one to expire', () => {
  const [service] = report(ago(20)).services;
  const actions = [
    { name: 'A', lastAccessed: new Date(ago(5)).toISOString() },
    { name: 'B', lastAccessed: new Date(ago(399)).toISOString() },
    { name: 'C', lastAccessed: null },
  ];
  expect(reportedUses({ ...report(), services: [{ ...service!, actions }] })).toEqual({
    latest: ago(5),
    firstExpiry: ago(-1),
  });
  expect(reportedUses(report(null))).toEqual({ latest: null, firstExpiry: null });
});

import type { StoredEvidence } from '../../../core/contract/account-objects.ts';
import { defaultSettings } from '../../../core/contract/environment.ts';
import type { Credentials } from '../../../core/contract/evidence.ts';
import type { InventoryAccountInput } from '../../../core/contract/messages.ts';
import { objects } from '../../../core/contract/objects.ts';
import { DAY_MS } from '../../../core/ports/clock.ts';
import type { Services } from '../../../core/ports/services.ts';
import { CarriedParts, type PrincipalToday } from '../../../core/reuse/carried-parts.ts';
import { userActivity } from '../../../core/reuse/last-activity.ts';
import { dateOf, RefreshCalendar } from '../../../core/reuse/refresh-calendar.ts';
import { dayOf } from '../../../core/reuse/refresh-day.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const ACCOUNT = '111122223333';
const NOW = Date.parse('2026-11-23T04:00:00Z');
const TODAY = dayOf(NOW);
const { refreshEveryDays, refreshIdleEveryDays } = defaultSettings;
const USERS = 40;
const arnOf = (n: number): string => `arn:aws:iam::${ACCOUNT}:user/u${n}`;

const input = {
  runId: '20261123T040000Z-aaaaaa',
  accountId: ACCOUNT,
  resumeFrom: null,
  startAt: '2026-11-23T04:00:00Z',
  request: { principals: null, spreadOverMinutes: 0, sliceMinutes: 0, full: false, fullSince: null },
} satisfies InventoryAccountInput;

/** Users whose evidence of a day ago is planned to be asked for again today. */
async function dueUsers(): Promise<CarriedParts> {
  const store = new MemoryStore();
  const asOf = new Date(NOW - DAY_MS).toISOString();
  const lines = Array.from({ length: USERS }, (_, n): string => {
    const part = { status: 'COMPLETE' as const, asOf, carriedFrom: '20261122T040000Z-aaaaaa' };
    const due = { refreshOn: dateOf(TODAY), refreshIdleOn: dateOf(TODAY) };
    return JSON.stringify({
      arn: arnOf(n),
      lastAccessed: { fingerprint: 'f', ...due, signIn: { means: [], lostAt: null }, part: { ...part, services: [] } },
      permissions: null,
    } satisfies StoredEvidence);
  });
  await store.writeLines(objects.evidence(ACCOUNT), lines);
  const services = {
    store,
    clock: { now: () => NOW, sleep: () => Promise.resolve() },
    settings: defaultSettings,
    warn: () => undefined,
  } as unknown as Services;
  return CarriedParts.open(input, services);
}

/** Plans the users. @returns for each, its next two refresh days */
async function refreshDays(credentials: Credentials | null): Promise<(readonly [string, string | undefined])[]> {
  const parts = await dueUsers();
  return Array.from({ length: USERS }, (_, n) => {
    const today: PrincipalToday = {
      ...{ arn: arnOf(n), type: 'user', principalId: `AIDA${n}`, credentials, fingerprint: 'f', group: null },
      ...{ lasting: true, activity: userActivity(credentials), mayChangeUnseen: false },
    };
    const { asks, refreshOn, refreshIdleOn } = parts.plan(today);
    expect(asks).toContain('lastAccessed');
    return [refreshOn, refreshIdleOn];
  });
}

/** The days that the calendars give to parts that are asked for again for one reason. */
function calendarDays(reason: 'again' | 'tomorrowAnyway'): (readonly [string, string])[] {
  const calendars = [refreshEveryDays, refreshIdleEveryDays].map((days) => new RefreshCalendar(TODAY, days));
  for (const calendar of calendars) for (let n = 0; n < USERS; n += 1) calendar.add(TODAY);
  const [usual, idle] = calendars;
  const days = (calendar: RefreshCalendar): string => dateOf(calendar.next(reason, TODAY));
  return Array.from({ length: USERS }, () => [days(usual!), days(idle!)]);
}

test('users whose activity is not known get their next refresh days like users that were not active', async () => {
  const days = await refreshDays(null);
  expect(days).toEqual(calendarDays('again'));
  expect(days).not.toEqual(calendarDays('tomorrowAnyway'));
});

test('users that were active today are asked again tomorrow anyway, so all their planned days are the last of the period', async () => {
  const used: Credentials = {
    ...{ passwordEnabled: false, passwordLastUsed: new Date(NOW).toISOString(), passwordLastChanged: null },
    ...{ mfaActive: false, accessKeys: [], activeCertificates: 0 },
  };
  const last = [dateOf(TODAY + refreshEveryDays), dateOf(TODAY + refreshIdleEveryDays)];
  expect(await refreshDays(used)).toEqual(Array.from({ length: USERS }, () => last));
});

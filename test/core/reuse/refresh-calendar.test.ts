import fc from 'fast-check';
import { dateOf, RefreshCalendar } from '../../../core/reuse/refresh-calendar.ts';
import { seededRandom } from '../../../local/seeded-random.ts';

interface Part {
  askedOn: number;
  refreshDay: number;
}

/** A run: parts that are due, changed or active are asked for and planned again. Returns the indexes of those parts. */
function runOf(
  parts: (Part | undefined)[],
  today: number,
  everyDays: number,
  signs: { readonly changed?: (n: number) => boolean; readonly active?: (n: number) => boolean } = {},
): number[] {
  const calendar = new RefreshCalendar(today, everyDays);
  for (const part of parts) if (part !== undefined) calendar.add(part.refreshDay);
  return [...parts.entries()].flatMap(([n, part]) => {
    const active = signs.active?.(n) === true;
    if (part !== undefined && part.refreshDay > today && !active && signs.changed?.(n) !== true) return [];
    const asked = part === undefined ? 'unknown' : active ? 'tomorrowAnyway' : 'again';
    parts[n] = { askedOn: today, refreshDay: calendar.next(asked, part?.refreshDay ?? null) };
    return [n];
  });
}

const unknown = (count: number): (Part | undefined)[] => Array.from({ length: count }, () => undefined);
const days = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('parts of the first day are spread evenly over the period, and then keep their day', () => {
  const parts = unknown(2_003);
  runOf(parts, 100, 7);
  for (const day of days(101, 121)) {
    const asked = runOf(parts, day, 7).length;
    expect([286, 287]).toContain(asked);
  }
});

test('a part that was asked for early is not asked for again before the period is over', () => {
  const parts = unknown(700);
  runOf(parts, 100, 7);
  const early = parts.findIndex((part) => part?.refreshDay === 103);
  runOf(parts, 101, 7, { active: (n) => n === early });
  runOf(parts, 102, 7, { changed: (n) => n === early });
  for (const day of days(103, 108)) expect(runOf(parts, day, 7)).not.toContain(early);
  expect(runOf(parts, 109, 7)).toContain(early);
});

test.each([
  ['a week without runs', (parts: (Part | undefined)[]) => runOf(parts, 120, 7)],
  ['a new catalogue', (parts: (Part | undefined)[]) => runOf(parts, 120, 7, { changed: () => true })],
])('after %s, when all are asked on one day, the next days are nearly even', (_, clump) => {
  const parts = unknown(2_000);
  runOf(parts, 100, 7);
  expect(clump(parts)).toHaveLength(2_000);
  for (const day of days(121, 141)) {
    const asked = runOf(parts, day, 7).length;
    expect(asked).toBeGreaterThan(200);
    expect(asked).toBeLessThan(400);
  }
});

test('in any sequence of days, no part waits longer than the period, and no day asks for many more than its share', () => {
  const random = fc.record({
    seed: fc.integer(),
    count: fc.integer({ min: 0, max: 300 }),
    everyDays: fc.integer({ min: 1, max: 30 }),
    active: fc.double({ min: 0, max: 0.3, noNaN: true }),
  });
  fc.assert(
    fc.property(random, ({ seed, count, everyDays, active }) => {
      const chance = seededRandom(seed);
      const parts = unknown(count);
      runOf(parts, 100, everyDays);
      for (const day of days(101, 100 + 2 * everyDays)) {
        runOf(parts, day, everyDays, { active: () => chance() < active, changed: () => chance() < 0.01 });
        const late = parts.filter(
          (part) =>
            part === undefined ||
            day - part.askedOn >= everyDays ||
            part.refreshDay <= day ||
            part.refreshDay > part.askedOn + everyDays,
        );
        expect(late).toEqual([]);
      }
      const last = 100 + 2 * everyDays;
      const planned = days(last + 1, last + everyDays).map(
        (day) => parts.filter((part) => part?.refreshDay === day).length,
      );
      const share = count / everyDays;
      const activeToday = parts.filter((part) => part?.askedOn === last).length;
      expect(Math.max(...planned)).toBeLessThanOrEqual(2 * share + activeToday + 10);
    }),
    { numRuns: 60, seed: 1 },
  );
});

test('new parts, one after another, are spread too; with a period of one day, all are due tomorrow', () => {
  const parts = unknown(70);
  runOf(parts, 100, 7);
  parts.push(...unknown(7));
  runOf(parts, 101, 7);
  const planned = days(102, 108).map((day) => parts.filter((part) => part?.refreshDay === day).length);
  expect(planned).toEqual([11, 11, 11, 11, 11, 11, 11]);
  const daily = new RefreshCalendar(100, 1);
  expect([daily.next('unknown', null), daily.next('again', 100), daily.next('tomorrowAnyway', 100)]).toEqual([
    101, 101, 101,
  ]);
});

test('in a long period, parts that change or are active on one day are all planned for the last day', () => {
  const parts = unknown(2_000);
  runOf(parts, 100, 30);
  const changed = new Set(runOf(parts, 101, 30, { changed: (n) => n % 25 === 0 }));
  for (const [n, part] of parts.entries()) {
    expect(part?.refreshDay === 131).toBe(changed.has(n));
  }
});

test('a day is written as a date', () => {
  expect(dateOf(Date.parse('2026-11-23T04:00:00Z') / 86_400_000 - 4 / 24)).toBe('2026-11-23');
});

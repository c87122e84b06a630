import { rounded } from '../../../../core/doctor/evidence.ts';
import { percent } from '../../../../core/doctor/questions/numbers.ts';
import { figuresTable } from '../../../../core/doctor/page/figures.ts';
import { cut, longText, markup } from '../../../../core/doctor/page/markup.ts';
import { poolInWords, shortName } from '../../../../core/doctor/page/names.ts';
import { length, period, periodOf, ticks } from '../../../../core/doctor/page/times.ts';
import { two } from './diagnoses.ts';

test.each([
  ['arn:aws:iam::111122223333:role/service-role/web', 'role web'],
  ['arn:aws-cn:iam::111122223333:user/ann', 'user ann'],
  ['arn:aws:sts::111122223333:assumed-role/web/session', 'role web'],
  ['ec2.amazonaws.com', 'ec2.amazonaws.com'],
  ['arn:aws:iam::111122223333:root', 'arn:aws:iam::111122223333:root'],
])('the name of %s is %s', (caller, expected) => {
  expect(shortName(caller)).toBe(expected);
});

test.each([
  ['iam:1', 'IAM in account 1'],
  ['sts:1:eu-west-1', 'STS in eu-west-1, account 1'],
  ['sts:1:global', 'the global STS endpoint in account 1'],
  ['else', 'else'],
])('the limit %s is called %s', (pool, expected) => {
  expect(poolInWords(pool)).toBe(expected);
});

test('a period has its second date only if it ends on another day', () => {
  expect(period(two, two + 900)).toBe('27 Nov 2026, 02:00–02:15\u00a0UTC');
  expect(period(two, two + 86_400)).toBe('27 Nov 2026, 02:00 to 28 Nov 2026, 02:00\u00a0UTC');
  expect(periodOf('never', '<b>')).toBe('never to <b>');
});

test.each([
  [60, '1 minute'],
  [5_400, '90 minutes'],
  [9_000, '2.5 hours'],
  [259_200, '3 days'],
])('%i seconds are %s', (seconds, expected) => {
  expect(length(seconds)).toBe(expected);
});

test.each([10, 60, 90, 1_440, 20_000, 500_000])('%i minutes have three to nine round marks', (minutes) => {
  const marks = ticks(two, two + 60 * minutes);
  expect(marks.length).toBeGreaterThanOrEqual(3);
  expect(marks.length).toBeLessThanOrEqual(9);
});

test('marks at midnight have the date', () => {
  expect(
    ticks(two, two + 86_400)
      .filter(({ date }) => date !== null)
      .map(({ date }) => date),
  ).toEqual(['27 Nov', '28 Nov']);
});

test('figures have names and units; numbers before and after are in one row', () => {
  const { text } = figuresTable({
    servedShare: 0.64,
    sessionSeconds: 900,
    perHourBefore: 400,
    perHourAfter: 100,
    newOne: 2.25,
  });
  expect(text).toMatch(/Share of the served calls at that time<\/th>\s*<td class="n">64 %/);
  expect(text).toMatch(/Mean length of a session<\/th>\s*<td class="n">15 minutes/);
  expect(text).toMatch(/Calls an hour<\/th>[^]*<b>400<\/b> now[^]*<b>100<\/b> with the remedy/);
  expect(text).toMatch(/New one<\/th>\s*<td class="n">2.3/);
});

test.each([0.7949, 0.7951, 0.0995, 0.00049, 0.00095, 0.9996, 0.575, 1, 0])(
  'the share %d and its rounded figure are the same text',
  (share) => {
    expect(percent(rounded(share))).toBe(percent(share));
  },
);

test('a figure named like a property of all objects is only a name', () => {
  expect(figuresTable(JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, number>).text).toContain(
    'Constructor',
  );
});

test('only markup is not escaped', () => {
  expect(markup`<b>${'<i>'}${markup`<i>`}${[markup`1`, markup`2`]}${3}</b>`.text).toBe('<b>&lt;i&gt;<i>123</b>');
});

test('a long text is cut between characters', () => {
  expect(cut('a😀b', 2)).toBe('a…');
  expect(longText('short').text).toBe('<bdi class="a">short</bdi>');
});

test('marks that are stacked on a letter, and invisible characters, are replaced', () => {
  expect(markup`${`a${'\u0301'.repeat(50)}\u200b`}`.text).toBe('a\u0301\u0301\u0301\ufffd\ufffd');
});

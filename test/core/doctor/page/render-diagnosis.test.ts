import * as fc from 'fast-check';
import { questionIds } from '../../../../core/contract/doctor/diagnosis.ts';
import { diagnosisInWords } from '../../../../core/doctor/diagnosis/in-words.ts';
import { doctorStyle } from '../../../../core/doctor/page/page-style.ts';
import { pageStyle } from '../../../../core/report/page-style.ts';
import { account, audit, callerAnswer, diagnosis, page, pool, row, throttled, web } from './diagnoses.ts';
import { structureOf } from './page-structure.ts';

const words = (html: string): string => structureOf(html).text.replace(/\s+/g, ' ');
const timeline = [row(1, audit, 500), row(2, audit, 400, 10), row(2, web, 20, 10), row(3, web, 50, 10)];

test('the top names the caller, the limit, the time, the calls, and what to change', () => {
  const text = words(page(throttled, timeline));
  expect(text).toContain(
    `role nightly-audit used up the rate of IAM in account ${account}: since 27 Nov 2026, 02:01 UTC, AWS throttled 30 of 1,000 calls (3.0 %).`,
  );
  expect(text).toContain('Calls were throttled in one period: 27 Nov 2026, 02:01–02:05 UTC (4 minutes).');
  expect(text).toContain(
    'role nightly-audit: Spread the calls over a longer time. More is in the documentation. Details and code: Who uses the rate up',
  );
});

test('the top has the whole remedy of a habit too', () => {
  const answer = { verdict: 'found' as const, callers: [callerAnswer()] };
  expect(words(page(diagnosis({ bursts: answer })))).toContain(
    'role nightly-audit: Spread the calls over a longer time. More is in the documentation. This saves',
  );
});

test.each([
  [
    'policy-writes',
    'Use session policies. This saves about 1,373 calls an hour. Details and code: Policies changed at run time',
  ],
  // More sessions of STS than needed do not throttle IAM.
  [
    'credential-cache',
    'Spread the calls over a longer time. More is in the documentation. Details and code: Who uses the rate up',
  ],
] as const)('the top advises against a habit that costs calls of the throttled limit: %s', (habit, expected) => {
  const callers = [callerAnswer({ remedy: { text: 'Use session policies.', examples: [] } })];
  const questions = throttled.questions.map((answer) =>
    answer.id === habit ? { ...answer, verdict: 'found' as const, callers } : answer,
  );
  expect(words(page({ ...throttled, questions }, timeline))).toContain(`role nightly-audit: ${expected}`);
});

test('throttled calls in the last minutes of the logs: the page says that AWS may still throttle calls', () => {
  const { source } = throttled;
  const cut = { ...throttled, source: { ...source, to: '2026-11-27T02:06:30Z' } };
  expect(words(page(cut))).toContain('AWS may still throttle calls');
  expect(words(page(throttled))).not.toContain('AWS may still throttle calls');
});

test('of several periods the last and the worst are named', () => {
  const window = (from: string, to: string, refused: number) => ({ pool, from, to, served: 100, refused });
  const windows = [
    window('2026-11-27T02:00:00Z', '2026-11-27T02:30:00Z', 90),
    window('2026-11-27T08:00:00Z', '2026-11-27T08:10:00Z', 5),
  ];
  const text = words(page({ ...throttled, refused: { calls: 95, share: 0.1, windows } }));
  expect(text).toContain(
    'Calls were throttled in 2 periods. The last one: 27 Nov 2026, 08:00–08:10 UTC (10 minutes). The one with the most throttled calls: 27 Nov 2026, 02:00–02:30 UTC.',
  );
});

test.each([
  [5, 'It is also the one with the most throttled calls.'],
  [90, '2 periods have the most throttled calls, 90 each.'],
])('the last period has 90 throttled calls, another one %i: %s', (refused, expected) => {
  const window = (hour: string, of: number) => ({
    pool,
    from: `2026-11-27T${hour}:00:00Z`,
    to: `2026-11-27T${hour}:10:00Z`,
    served: 100,
    refused: of,
  });
  const windows = [window('02', refused), window('08', 90)];
  // Bars of several minutes: the chart has a close-up of the worst period.
  const html = page({ ...throttled, refused: { calls: 95, share: 0.1, windows } }, [
    row(0, audit, 100, refused),
    row(360, audit, 100, 90),
  ]);
  expect(words(html)).toContain(expected);
  expect(words(html)).toContain('The period with the most throttled calls: 27 Nov 2026, 08:00–08:10');
});

test('callers that used up different limits are not blamed for the limit of another', () => {
  const sts = `sts:${account}:eu-west-1`;
  const window = { from: '2026-11-27T02:01:00Z', to: '2026-11-27T02:05:00Z', served: 500, refused: 50 };
  const answers = { verdict: 'found', callers: [callerAnswer(), callerAnswer({ caller: web })] } as const;
  const of = diagnosis(
    { callers: { ...answers, callers: [...answers.callers] } },
    { refused: { calls: 80, share: 0.1, windows: [...throttled.refused.windows, { ...window, pool: sts }] } },
  );
  const culprits = new Map([
    [pool, new Set([audit])],
    [sts, new Set([web])],
  ]);
  // Each is also served most of the calls of the other limit, but did not use it up.
  const html = page(
    of,
    [row(1, audit, 500), row(1, web, 900), row(2, web, 450, 50, sts), row(2, audit, 460, 0, sts)],
    culprits,
  );
  const text = words(html);
  expect(text).toContain(`role nightly-audit used up the rate of IAM in account ${account}: since`);
  expect(text).toContain(`role web used up the rate of STS in eu-west-1, account ${account}: since`);
  const legends = structureOf(html).text.match(/role [\w-]+\s+used the rate up/g) ?? [];
  expect(legends.map((legend) => legend.replace(/\s+/g, ' '))).toEqual([
    'role web used the rate up',
    'role nightly-audit used the rate up',
  ]);
});

test('a caller that used up two limits is named for both', () => {
  const global = `sts:${account}:global`;
  const windows = [pool, global].map((of) => ({ ...throttled.refused.windows[0]!, pool: of }));
  const both = new Map([pool, global].map((of) => [of, new Set([audit])]));
  const of = { ...throttled, refused: { ...throttled.refused, windows } };
  const text = words(page(of, [row(1, audit, 500, 10), row(1, audit, 90, 10, global)], both));
  expect(text).toContain(`used up the rate of IAM in account ${account}`);
  expect(text).toContain(`used up the rate of the global STS endpoint in account ${account}`);
});

test('savings of logs of a quarter of an hour are not called savings an hour', () => {
  const source = { ...throttled.source, from: '2026-11-27T02:00:00Z', to: '2026-11-27T02:15:00Z' };
  const text = words(page(diagnosis({ bursts: { verdict: 'found', callers: [callerAnswer()] } }, { source })));
  expect(text).toContain('This saves about 1,373 calls in the 15 minutes of these logs.');
  expect(text).not.toContain('calls an hour');
});

test('a few calls far from the others do not stretch the charts, and are counted below the heading', () => {
  const years = 60 * 24 * 365 * 10;
  const busy = Array.from({ length: 60 }, (_, minute) => row(minute, audit, 100));
  const html = page(throttled, [row(-years, web, 2), ...busy, row(years, web, 1)]);
  expect(words(html)).toContain('3 calls more than a day before or after nearly all others are not in the charts.');
  expect(words(html)).toContain('Each bar is 1 minute.');
  expect(words(html)).not.toContain('role web');
});

test('throttling that no single caller causes is not blamed on anyone', () => {
  const summary =
    'AWS throttled 90 calls of 900. No single caller used the rate up: many callers made a small part of the calls each.';
  const of = diagnosis({ callers: { verdict: 'found', summary } }, { refused: { calls: 90, share: 0.1, windows: [] } });
  const text = words(page(of));
  expect(text).toContain(`no single cause ${summary}`);
  expect(text).not.toContain('cause found');
});

test('a habit without throttled calls is named as a habit, not as the cause', () => {
  const text = words(page(diagnosis({ bursts: { verdict: 'found', summary: 'Bursts.', callers: [callerAnswer()] } })));
  expect(text).toContain('one habit to change');
  expect(text).not.toContain('cause found');
});

test.each([
  ['nothing found', diagnosis(), '<span class="COMPLETE">nothing found</span>'],
  [
    'an open question',
    diagnosis({ callers: { verdict: 'unknown', reason: 'An answer needs a throttled call.' } }),
    'nothing found, 1 of 8 questions without an answer',
  ],
  [
    'missing logs',
    diagnosis({}, { source: { ...diagnosis().source, complete: false } }),
    '<span class="PARTIAL">nothing found, logs incomplete</span>',
  ],
  ['no calls', diagnosis({}, { source: { ...diagnosis().source, audited: 0 } }), 'no call to examine'],
])('nothing is said to be in order more than is known: %s', (_, of, expected) => {
  expect(page(of)).toContain(expected);
});

test('each question has its verdict at the top, with a link to its section', () => {
  const { ids, links } = structureOf(page(diagnosis()));
  for (const id of questionIds) {
    expect(ids).toContain(`q-${id}`);
    expect(links).toContain(`#q-${id}`);
  }
  const text = words(page(diagnosis({ accounts: { verdict: 'unknown', reason: 'It needs several accounts.' } })));
  expect(text).toContain('What about accounts?');
  expect(text).toContain('How accounts is answered.');
  expect(text).toContain('It needs several accounts.');
});

test('a verdict has the same name as on the command line', () => {
  const of = diagnosis({ accounts: { verdict: 'unknown', reason: 'It needs several accounts.' } });
  expect(words(page(of))).toContain('? UnknownLoad of one account');
  expect(diagnosisInWords(of).join('\n')).toContain('unknown   accounts:');
});

test('of many limits that one caller used up, the first five are at the top, with a link to the others', () => {
  const pools = Array.from({ length: 8 }, (_, n) => `sts:${account}:xx-north-${n}`);
  const windows = pools.map((of) => ({ ...throttled.refused.windows[0]!, pool: of }));
  const used = new Map(pools.map((of) => [of, new Set([audit])]));
  const html = page({ ...throttled, refused: { ...throttled.refused, windows } }, [], used);
  expect(html.split(' used up the rate of ')).toHaveLength(6);
  expect(words(html)).toContain('3 more limits used up by these callers');
});

test('every link leads to a place in the page, and no ID is used twice', () => {
  const callers = Array.from({ length: 30 }, (_, place) =>
    callerAnswer({ caller: `arn:aws:iam::${account}:role/r${place}` }),
  );
  const { ids, links } = structureOf(
    page({ ...throttled, questions: throttled.questions.map((one) => ({ ...one, callers })) }, timeline),
  );
  expect(new Set(ids).size).toBe(ids.length);
  for (const link of links) expect(ids).toContain(link.slice(1));
});

test('a remedy that is the same for several callers is shown once', () => {
  const callers = [callerAnswer(), callerAnswer({ caller: web })];
  const html = page(diagnosis({ backoff: { verdict: 'found', callers } }));
  expect(html.split('export AWS_RETRY_MODE=standard')).toHaveLength(2);
  expect(html).toContain('href="#backoff-1"');
});

test('the first example of a remedy is open, the others are closed', () => {
  const html = page(diagnosis({ backoff: { verdict: 'found', callers: [callerAnswer()] } }));
  expect(html.match(/<details class="ex"[^>]*>/g)).toEqual([
    expect.stringContaining(' open'),
    expect.not.stringContaining(' open'),
  ]);
});

test('what was left out is listed', () => {
  const leftOut = [{ what: 'events', reason: 'the limit was reached', count: 1_200 }];
  const text = words(page(diagnosis({}, { source: { ...diagnosis().source, leftOut, complete: false } })));
  expect(text).toContain('1,200 events: the limit was reached');
  expect(text).toContain('some logs of the period are missing');
});

test('without calls the page says so instead of an empty chart', () => {
  const html = page(diagnosis());
  expect(words(html)).toContain('There are no calls to show.');
  expect(html).not.toContain('<svg');
});

test('the page makes no network requests and has no scripts', () => {
  const html = page(throttled, timeline);
  expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
  expect(html).not.toMatch(/<script|src=|@import|url\((?!#)|\son\w+=/);
  for (const link of structureOf(html).links) expect(link).toMatch(/^#/);
});

test('every class is in a style sheet', () => {
  const { classes } = structureOf(page(throttled, timeline));
  const rules = `${pageStyle}${doctorStyle}`;
  const unstyled = [...classes].filter((name) => !new RegExp(`\\.${name}(?![\\w-])`).test(rules));
  expect(unstyled).toEqual([]);
});

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '</script>',
        '"><img src=x onerror=alert(1)>',
        "' onload='x",
        '<!--',
        ']]>',
        '&lt;',
        '&',
        '${x}',
        '</style>',
        '</title>',
        '\u202e',
        '\u001b[31m',
        '\ud800',
        '`',
        '\u200b',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constant('A'.repeat(400)),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''));

test('no text of the diagnosis or the timeline is read as HTML, or adds a class', () => {
  const known = structureOf(page(throttled, timeline)).attributes;
  fc.assert(
    fc.property(
      fc.array(hostile, { minLength: 14, maxLength: 14 }),
      fc.constantFrom('found', 'unknown'),
      (texts, verdict) => {
        const t = (place: number) => texts[place] ?? '';
        const answer = callerAnswer({
          caller: t(0),
          accountId: t(1),
          clients: [{ userAgent: t(2), sdk: t(3), retryMode: t(4) }],
          operation: t(5),
          figures: { [t(6)]: 3 },
          diagnosis: t(7),
          remedy: { text: t(8), examples: [{ for: t(9), code: t(10) }] },
        });
        const of = diagnosis(
          Object.fromEntries(
            questionIds.map((id) => [id, { verdict, summary: t(11), reason: t(12), callers: [answer] }]),
          ),
          {
            source: { ...diagnosis().source, from: t(13), to: t(1), leftOut: [{ what: t(2), reason: t(3), count: 1 }] },
            refused: { calls: 1, share: 1, windows: [{ pool: t(4), from: t(5), to: t(6), served: 1, refused: 1 }] },
          },
        );
        const html = page(of, [row(0, t(0), 3, 1, t(4)), row(1, t(7), 2, 0, t(8))]);
        const { attributes, classes, text } = structureOf(html);
        expect([...attributes].filter((name) => !known.has(name) && name !== 'title')).toEqual([]);
        for (const name of classes) expect(`${pageStyle}${doctorStyle}`).toContain(`.${name}`);
        expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
      },
    ),
    { numRuns: 30 },
  );
});

test('hostile text is shown as text', () => {
  const name = '</script><img src=x onerror=alert(1)>';
  const html = page(
    diagnosis({ backoff: { verdict: 'found', summary: name, callers: [callerAnswer({ diagnosis: name })] } }),
  );
  expect(html).not.toContain('<img');
  expect(structureOf(html).text).toContain(name);
});

test('a user agent of 10 kB is cut, and shown when it is opened', () => {
  const userAgent = `evil ${'A'.repeat(10_000)}`;
  const answer = callerAnswer({ clients: [{ userAgent, sdk: 'unknown', retryMode: 'unknown' }] });
  const html = page(diagnosis({ backoff: { verdict: 'found', callers: [answer] } }));
  expect(words(html)).toContain(`${userAgent.slice(0, 160)}… (10005 characters) ${userAgent}`);
});

import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { otherService, readFileForTest, record } from '../../support/log-records.ts';

const json = JSON.stringify;
/** Typed: Jest's own matcher is `any`. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const lines = (...values: unknown[]): string => values.map((value) => json(value)).join('\n');
const lookupEvent = (id: string) => ({
  EventId: id,
  EventName: 'GetRole',
  ReadOnly: 'true',
  EventTime: '2026-11-20T11:00:00+01:00',
  EventSource: 'iam.amazonaws.com',
  Resources: [{ ResourceName: 'deploy' }],
  CloudTrailEvent: json(record(id)),
});
const bridgeEvent = (id: string) => ({
  version: '0',
  id: 'x',
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.iam',
  resources: [],
  detail: record(id),
});
const nested = json(record('a', { userAgent: 'quote " brace } bracket ] backslash \\ {"Records":[' }));

const utf16 = (text: string, { bigEndian }: { readonly bigEndian: boolean }): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};
const notice = (inner: unknown) => ({ Type: 'Notification', MessageId: 'x', TopicArn: 'y', Message: json(inner) });
const inQueue = (inner: unknown) => ({ MessageId: 'x', ReceiptHandle: 'y', MD5OfBody: 'z', Body: json(inner) });
const forLambda = (inner: unknown) => ({
  messageId: 'x',
  body: json(inner),
  eventSource: 'aws:sqs',
  awsRegion: 'eu-west-1',
});
const topicForLambda = (inner: unknown) => ({ EventSource: 'aws:sns', EventVersion: '1.0', Sns: notice(inner) });

/** Each holds the records a and b, and perhaps one of another service. */
const shapes: Record<string, string | Buffer> = {
  'a log file in UTF-16': utf16(json({ Records: [record('a'), otherService('x'), record('b')] }), { bigEndian: false }),
  'records on lines in UTF-16 with the high byte first': utf16(
    lines(record('a', { userAgent: 'grün 😀' }), record('b')).replaceAll('\n', '\r\n'),
    { bigEndian: true },
  ),
  'messages of SQS with EventBridge events': json(
    {
      Messages: [
        inQueue(bridgeEvent('a')),
        inQueue({ ...bridgeEvent('x'), detail: otherService('x') }),
        inQueue(bridgeEvent('b')),
      ],
    },
    null,
    2,
  ),
  'messages of SQS with messages of SNS with EventBridge events': json({
    Messages: [inQueue(notice(bridgeEvent('a'))), inQueue(notice(bridgeEvent('b')))],
  }),
  'a message of SQS with a log file': json({ Messages: [inQueue({ Records: [record('a'), record('b')] })] }),
  'messages of SNS on lines': lines(notice(record('a')), notice(bridgeEvent('b'))),
  'messages of SQS for Lambda': json({ Records: [forLambda(bridgeEvent('a')), forLambda(record('b'))] }),
  'messages of SNS for Lambda': json({ Records: [topicForLambda(bridgeEvent('a')), topicForLambda(record('b'))] }),
  'a log file': json({ Records: [record('a'), otherService('x'), record('b')] }),
  'a log file with spaces': json({ Records: [record('a'), record('b')] }, null, 2),
  'a log file that is compressed twice': gzipSync(gzipSync(json({ Records: [record('a'), record('b')] }))),
  'a log file with a byte order mark': `\ufeff${json({ Records: [record('a'), record('b')] })}`,
  'output of lookup-events': json({ Events: [lookupEvent('a'), lookupEvent('b')], NextToken: 'x' }, null, 4),
  'output of lookup-events with the token first': json({
    NextToken: 'x',
    Events: [lookupEvent('a'), lookupEvent('b')],
  }),
  'records as text in a list': json([json(record('a')), json(record('b'))]),
  'records as text in lists in a list': json([[json(record('a'))], [json(record('b'))]]),
  'text output of lookup-events': `${json(record('a'))}\t${json(record('b'))}\n`,
  'a list of records': json([record('a'), record('b')], null, 1),
  'a list of EventBridge events': json([bridgeEvent('a'), bridgeEvent('b')]),
  'EventBridge events on lines': lines(bridgeEvent('a'), bridgeEvent('b')),
  'records on lines': lines(record('a'), otherService('x'), record('b')),
  'records on lines with CRLF': lines(record('a'), record('b')).replaceAll('\n', '\r\n'),
  'log files on lines': lines({ Records: [record('a')] }, { Records: [record('b')] }),
  'log files one after the other': json({ Records: [record('a')] }) + json({ Records: [record('b')] }, null, 2),
  'pages of lookup-events one after the other': `${json({ Events: [lookupEvent('a')] }, null, 4)}\n${json({ Events: [lookupEvent('b')] }, null, 4)}\n`,
  'a list of log files': json([{ Records: [record('a')] }, { Records: [record('b')] }]),
  'CloudWatch Logs': json({
    logEvents: [
      { id: '1', message: json(record('a')) },
      { id: '2', message: json(record('b')) },
    ],
  }),
  'one record after another with a comma': `${json(record('a'))},\n${json(record('b'))}`,
  'strings with brackets and escapes': `{"Records":[${nested},${json(record('b'))}]}`,
  'a field name with an escape': `{"\\u0052ecords":[${nested},${json(record('b'))}]}`,
};

describe.each(Object.entries(shapes))('%s', (_name, content) => {
  const bytes = Buffer.from(content);
  test.each([
    ['as it is', bytes],
    ['compressed', gzipSync(bytes)],
  ])('%s gives both records', async (_form, form) => {
    const { ids, complete, leftOut, rows } = await readFileForTest(form, { name: 'a.txt' });
    expect({ ids, complete, leftOut, rows }).toEqual({ ids: ['a', 'b'], complete: true, leftOut: [], rows: 2 });
  });

  test('in chunks of any size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 20 }), async (sizes) => {
        const chunks: Buffer[] = [];
        for (let at = 0, n = 0; at < bytes.length; n += 1) {
          const size = sizes[n % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        const { ids, complete } = await readFileForTest(chunks);
        expect([ids, complete]).toEqual([['a', 'b'], true]);
      }),
      { numRuns: 15 },
    );
  });
});

test('a single record, and a single EventBridge event', async () => {
  expect((await readFileForTest(json(record('a')))).ids).toEqual(['a']);
  expect((await readFileForTest(json(bridgeEvent('a')))).ids).toEqual(['a']);
});

test('gzip data in several members', async () => {
  const members = ['a', 'b'].map((id) => gzipSync(json({ Records: [record(id)] })));
  expect((await readFileForTest(Buffer.concat(members))).ids).toEqual(['a', 'b']);
});

test('any JSON in the records gives the same records in any chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue({ maxDepth: 4 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(3),
      async (values, chunkBytes, spaces) => {
        const records = values.map((extra, n) => record(`r${n}`, { extra, userAgent: json(extra) }));
        const { ids, events, complete } = await readFileForTest(json({ Records: records }, null, spaces), {
          chunkBytes,
        });
        expect({ ids, events, complete }).toEqual({
          ids: records.map(({ eventID }) => eventID),
          events: records.length,
          complete: true,
        });
      },
    ),
    { numRuns: 60 },
  );
});

describe('records that are not parsed', () => {
  test('count as events', async () => {
    expect(await readFileForTest(json({ Records: [otherService('x'), otherService('y')] }))).toMatchObject({
      events: 2,
      rows: 0,
      complete: true,
      leftOut: [],
    });
  });

  test.each([
    ['a letter', '"\\u0069am.amazonaws.com"'],
    ['the period', '"iam\\u002eamazonaws\\u002Ecom"'],
    [
      'every letter',
      `"${Array.from('sts.amazonaws.com')
        .map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join('')}"`,
    ],
  ])('are not calls to IAM or STS, also if an escape spells %s', async (_name, source) => {
    const text = json(otherService('a')).replace('"ec2.amazonaws.com"', source);
    expect((await readFileForTest(`{"Records":[${text}]}`)).ids).toEqual(['a']);
    // Within text: its escapes are escaped again, in two ways.
    expect((await readFileForTest(json({ Events: [{ CloudTrailEvent: text }] }))).ids).toEqual(['a']);
    const other = json({ Events: [{ CloudTrailEvent: text }] }).replaceAll('\\\\u', '\\u005cu');
    expect((await readFileForTest(other)).ids).toEqual(['a']);
  });

  test('data events of other services are named', async () => {
    const data = { ...otherService('x'), eventCategory: 'Data' };
    const { leftOut, events, complete } = await readFileForTest(json({ Records: [data, data] }, null, 1));
    expect({ leftOut, events, complete }).toMatchObject({
      leftOut: [{ what: 'records', count: 2, reason: matching(/category Data/) }],
      events: 2,
      complete: true,
    });
  });
});

const s3Event = {
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  eventName: 'ObjectCreated:Put',
  s3: { object: { key: 'k' } },
};

test.each([
  ['messages of S3', json({ Records: [s3Event, s3Event] })],
  ['messages of S3 in SQS', json({ Messages: [inQueue({ Records: [s3Event] }), inQueue({ Records: [s3Event] })] })],
  ['messages of CloudTrail', lines(...['1', '2'].map((key) => notice({ s3Bucket: 'b', s3ObjectKey: [key] })))],
])('%s are left out, and the reason says what to read instead', async (_name, content) => {
  expect(await readFileForTest(content)).toMatchObject({
    rows: 0,
    events: 0,
    complete: false,
    leftOut: [{ what: 'records', count: 2, reason: matching(/^Messages about log files.*--cloudtrail s3:\/\//) }],
  });
});

test.each([
  [
    'of the event history',
    'Event name,Event time,User name,Event source\r\nGetRole,"November 20, 2026, 10:00:00 (UTC)",ann,iam.amazonaws.com\r\n',
    /^CSV of the event history.*JSON/,
  ],
  ['with quotes', '"Event name";"Event time"\n"GetRole";"x"\n', /^CSV of the event history/],
  [
    'of Athena',
    `"eventversion","useridentity","eventtime","eventname"\n"1.11","{type=IAMUser}","2026-11-20T10:00:00Z","GetRole"\n`,
    /^CSV: only JSON/,
  ],
])('CSV %s is left out, and the reason says what to do', async (_name, content, reason) => {
  for (const bytes of [Buffer.from(content), utf16(content, { bigEndian: false }), gzipSync(content)]) {
    expect(await readFileForTest(bytes, { name: 'event_history.csv' })).toMatchObject({
      rows: 0,
      complete: false,
      leftOut: [{ what: 'files', count: 1, reason: matching(reason) }],
    });
  }
});

test('messages in messages without end are no records', async () => {
  const deep = Array.from({ length: 12 }).reduce<unknown>((inner) => ({ Message: json(inner) }), record('a'));
  expect(await readFileForTest(json(deep))).toMatchObject({ rows: 0, events: 0 });
});

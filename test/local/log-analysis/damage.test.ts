import { deflateRawSync, gzipSync } from 'node:zlib';
import { seededRandom } from '../../../local/seeded-random.ts';
import { MemoryLogFiles, otherService, readFileForTest, readForTest, record } from '../../support/log-records.ts';

const json = JSON.stringify;
/** Typed: Jest's own matcher is `any`. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const random = seededRandom(1);
const noise = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)));
const log = (...ids: string[]): string => json({ Records: ids.map((id) => record(id)) });
const lines = (...ids: string[]): string => ids.map((id) => json(record(id))).join('\n');
/** Records that gzip can't make much smaller, so that a cut loses only some. */
const many = json({
  Records: Array.from({ length: 400 }, (_, n) => record(`r${n}`, { requestID: noise(400).toString('base64') })),
});

describe('a damaged file', () => {
  test.each([
    ['cut off in its gzip data', gzipSync(many).subarray(0, -1_000), /^The gzip data is cut off/],
    [
      'damaged in its gzip data',
      ((bytes) => bytes.fill(0xff, bytes.length - 9_000, bytes.length - 8_000))(gzipSync(many)),
      /^The gzip data is damaged/,
    ],
    ['cut off in its JSON', Buffer.from(many).subarray(0, -1_000), /^The JSON is cut off/],
    [
      'compressed twice, and cut off in the inner gzip data',
      gzipSync(gzipSync(many).subarray(0, -1_000)),
      /^The gzip data is cut off/,
    ],
    [
      'compressed twice, and cut off in the outer gzip data',
      gzipSync(gzipSync(many)).subarray(0, -1_000),
      /^The gzip data is cut off/,
    ],
    ['cut off before compression', gzipSync(Buffer.from(many).subarray(0, -1_000)), /^The JSON is cut off/],
  ])('%s: the records before are read', async (_name, content, reason) => {
    const { rows, complete, leftOut } = await readFileForTest(content, { name: 'x.json.gz' });
    expect(rows).toBeGreaterThan(250);
    expect(rows).toBeLessThan(400);
    expect({ complete, leftOut }).toEqual({
      complete: false,
      leftOut: [{ what: 'files', count: 1, reason: matching(reason) }],
    });
    expect(leftOut[0]?.reason).toContain('x.json.gz');
  });

  test.each([
    ['without bytes', '', 'x.json.gz', /^Empty/],
    ['with only the start of gzip data', Buffer.from([0x1f, 0x8b, 8]), 'x.json.gz', /^The gzip data is cut off/],
    ['with one byte', Buffer.from([0x1f]), 'x.json.gz', /^Neither gzip data nor JSON/],
    ['compressed in another way', deflateRawSync(many), 'x.json.gz', /^Neither gzip data nor JSON/],
    ['compressed four times', [1, 2, 3].reduce((bytes) => gzipSync(bytes), gzipSync(many)), 'x.json.gz', /^Neither/],
    [
      'compressed twice, and too large',
      gzipSync(gzipSync(Buffer.alloc(65 << 20), { level: 0 }), { level: 1 }),
      'x.json.gz',
      /^Compressed twice, and larger than 64 MiB: not read\./,
    ],
    ['with text', 'hello\nworld', 'x.json', /^Not JSON/],
    ['with half a record', '{"Records":[{"eventVersion":"1.1', 'x.json', /^The JSON is cut off/],
    ['without its end', '{"Records":[', 'x.json', /^The JSON is cut off/],
  ])('%s is named', async (_name, content, name, reason) => {
    const { rows, complete, leftOut } = await readFileForTest(content, { name });
    expect({ rows, complete, leftOut }).toEqual({
      rows: 0,
      complete: false,
      leftOut: [{ what: 'files', count: 1, reason: matching(reason) }],
    });
  });

  test('that can no longer be downloaded is named, and its first records are read', async () => {
    const content = Buffer.from(log('a', 'b'));
    const { ids, complete, leftOut } = await readFileForTest([
      content.subarray(0, -5),
      new Error("Can't be downloaded: reset"),
    ]);
    expect({ ids, complete, leftOut }).toEqual({
      ids: ['a', 'b'].slice(0, 1),
      complete: false,
      leftOut: [{ what: 'files', count: 1, reason: matching(/^Can't be downloaded: reset/) }],
    });
  });

  test('does not stop the others; three are named', async () => {
    const cut = log('z').slice(0, -10);
    const files = { '1': log('a'), '2': cut, '3': cut, '4': cut, '5': cut, '6': gzipSync(log('b')) };
    const { ids, files: count, leftOut } = await readForTest(new MemoryLogFiles(files));
    expect({ ids, count }).toEqual({ ids: ['a', 'b'], count: 6 });
    expect(leftOut).toEqual([
      {
        what: 'files',
        count: 4,
        reason: 'The JSON is cut off: only the records before the cut were read. In 2, 3, 4 and others.',
      },
    ]);
  });
});

describe('damaged lines', () => {
  const b = json(record('b'));
  test.each([
    ['within a string', b.slice(0, b.indexOf('GetRole') + 3)],
    ['after a value', b.slice(0, b.indexOf(',"eventTime"'))],
    ['after a comma', b.slice(0, b.indexOf('"eventTime"'))],
    ['at its start', '{'],
  ])('a record cut %s does not take the next lines with it', async (_name, cut) => {
    const { ids, complete, leftOut } = await readFileForTest(`${lines('a')}\n${cut}\n${lines('c', 'd')}`, {
      chunkBytes: 11,
    });
    expect({ ids, complete, leftOut }).toMatchObject({
      ids: ['a', 'c', 'd'],
      complete: false,
      leftOut: [{ what: 'records', count: 1, reason: matching(/^Cut off/) }],
    });
  });

  test('lines that are not JSON are counted', async () => {
    const { ids, complete, leftOut } = await readFileForTest(`# log\n${lines('a')}\nERROR}\n\n${lines('b')}`, {
      name: 'x.log',
    });
    expect({ ids, complete, leftOut }).toMatchObject({
      ids: ['a', 'b'],
      complete: false,
      leftOut: [{ what: 'lines', count: 2 }],
    });
  });

  test('JSON values that contain no record are not called damage, and text is not called JSON', async () => {
    const junk = ['null', '7', '-1.5e3', 'true', '"x"', '[]', '[1, 2]', '{"a":1}', 'nullable', '7 lines', '2026-11-20'];
    const text = junk.flatMap((line, n) => [lines(`r${n}`), line]).join('\n');
    const { ids, leftOut, complete } = await readFileForTest(text, { name: 'x.ndjson' });
    expect(ids).toHaveLength(junk.length);
    expect(complete).toBe(false);
    expect(leftOut).toHaveLength(2);
    expect(leftOut).toContainEqual({
      what: 'records',
      count: 8,
      reason: matching(/^JSON, but not CloudTrail records/),
    });
    expect(leftOut).toContainEqual({ what: 'lines', count: 3, reason: matching(/^Not JSON/) });
  });

  test('JSON values in a list of records are not called lines', async () => {
    const text = `{"Records":[${json(record('a'))},null,7,${json(record('b'))},false]}`;
    expect(await readFileForTest(text)).toMatchObject({
      ids: ['a', 'b'],
      complete: true,
      leftOut: [{ what: 'records', count: 3, reason: matching(/^JSON, but not CloudTrail records/) }],
    });
  });

  test('a number at the end of a file is a JSON value', async () => {
    expect((await readFileForTest(`${lines('a')}\n12`, { name: 'x.ndjson' })).leftOut).toMatchObject([
      { what: 'records', count: 1, reason: matching(/^JSON, but not CloudTrail records/) },
    ]);
  });

  test('a log file per line, one of them cut', async () => {
    const text = `${log('a', 'b').slice(0, -40)}\n${log('c')}\n${log('d')}`;
    expect(await readFileForTest(text)).toMatchObject({ ids: ['a', 'c', 'd'], complete: false });
  });

  test('a record that is not valid JSON is counted', async () => {
    const text = `{"Records":[${json(record('a'))},{"eventSource":"iam.amazonaws.com",,},${json(record('b'))}]}`;
    expect(await readFileForTest(text)).toMatchObject({
      ids: ['a', 'b'],
      complete: false,
      leftOut: [{ what: 'records', count: 1 }],
    });
  });
});

describe('what is no log of calls', () => {
  test.each([
    [
      'a digest',
      json({
        awsAccountId: '1',
        digestS3Bucket: 'b',
        logFiles: [{ s3Object: 'AWSLogs/1/CloudTrail/x.json.gz', newestEventTime: 'x' }],
      }),
      'files',
      /^Digests/,
    ],
    [
      'an Insight',
      json({
        Records: [
          {
            eventVersion: '1.09',
            eventID: 'i',
            eventCategory: 'Insight',
            insightDetails: { eventSource: 'iam.amazonaws.com' },
          },
        ],
      }),
      'records',
      /category Insight/,
    ],
    [
      'an aggregated event',
      json({
        Records: [{ eventVersion: '1.09', eventId: 'i', eventCategory: 'Aggregated', summary: 'sts.amazonaws.com' }],
      }),
      'records',
      /category Aggregated/,
    ],
    ['a data event', json(record('d', { eventCategory: 'Data' })), 'records', /category Data/],
    [
      'a category that CloudTrail does not have',
      json(record('d', { eventCategory: '\u001b[31m' })),
      'records',
      /category unknown/,
    ],
    ['other JSON', json({ name: 'x', dependencies: {} }), 'files', /^Not CloudTrail logs/],
    ['a picture', noise(5_000), 'files', /^Not CloudTrail logs/],
    [
      'an EC2 event of EventBridge',
      json({ 'detail-type': 'EC2 Instance State-change', detail: { state: 'x' } }),
      'files',
      /^Not CloudTrail logs/,
    ],
  ])('%s is named and loses nothing', async (_name, content, what, reason) => {
    const { rows, complete, leftOut } = await readFileForTest(content, { name: 'x' });
    expect({ rows, complete, leftOut }).toEqual({
      rows: 0,
      complete: true,
      leftOut: [{ what, count: 1, reason: matching(reason) }],
    });
  });

  test('a large file of another kind is not read to its end', async () => {
    let taken = 0;
    const source = new MemoryLogFiles({});
    source.open = async function* () {
      for (; taken < 200; taken += 1) yield Buffer.alloc(1 << 16, 'x');
    };
    source.list = async function* () {
      yield { kind: 'file' as const, path: 'x', bytes: 200 << 16 };
    };
    expect((await readForTest(source)).leftOut).toHaveLength(1);
    expect(taken).toBeLessThan(30);
  });

  test('a log file without records is no damage', async () => {
    expect(await readFileForTest('{"Records":[]}')).toMatchObject({ events: 0, complete: true, leftOut: [] });
  });
});

test('records with a wrong field are grouped by the field', async () => {
  const wrong = [
    record('a', { userIdentity: 5 }),
    record('b', { userIdentity: 6 }),
    record('c', { eventTime: 'now' }),
    otherService('x'),
    record('d'),
  ];
  const { ids, events, complete, leftOut } = await readFileForTest(json({ Records: wrong }));
  expect({ ids, events, complete }).toEqual({ ids: ['d'], events: 5, complete: false });
  expect(leftOut.map(({ what, count, reason }) => [what, count, reason])).toEqual([
    ['records', 2, 'Invalid field: userIdentity must be an object, but is a number. In log.json.'],
    ['records', 1, matching(/^Invalid field: eventTime must be an ISO 8601 time/)],
  ]);
});

test('calls outside of the period are counted', async () => {
  const at = (id: string, eventTime: string) => record(id, { eventTime });
  const content = json({
    Records: [
      at('a', '2026-11-20T09:59:59Z'),
      at('b', '2026-11-20T10:00:00Z'),
      at('c', '2026-11-20T11:00:00Z'),
      at('d', '2026-11-20T11:00:01Z'),
    ],
  });
  const since = Date.UTC(2026, 10, 20, 10) / 1000;
  expect(await readForTest(new MemoryLogFiles({ x: content }), { since, until: since + 3600 })).toMatchObject({
    ids: ['b', 'c'],
    events: 4,
    rows: 2,
    from: since,
    to: since + 3600,
    complete: true,
    leftOut: [{ what: 'records', count: 2 }],
  });
});

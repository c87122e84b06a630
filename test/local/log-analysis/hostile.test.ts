import { join } from 'node:path';
import { defaultThresholds } from '../../../core/doctor/thresholds.ts';
import { DuckDbQueries } from '../../../local/log-analysis/duckdb-queries.ts';
import { readLogs } from '../../../local/log-analysis/read-logs.ts';
import { MemoryLogFiles, readFileForTest, record } from '../../support/log-records.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const json = JSON.stringify;
/** Typed: Jest's own matcher is `any`. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

test('a field __proto__ changes nothing', async () => {
  const own = '"__proto__":{"polluted":true,"eventSource":"iam.amazonaws.com"}';
  const text = json(record('a')).replace('{', `{${own},`).replace('"userIdentity":{', `"userIdentity":{${own},`);
  const { ids, read } = await readFileForTest(`{${own},"Records":[${text},{${own}}]}`);
  expect(ids).toEqual(['a']);
  expect(read[0]).not.toHaveProperty('polluted');
  expect({}).not.toHaveProperty('polluted');
});

test('a record of 200 MB is left out without holding it, and the others are read', async () => {
  const piece = Buffer.alloc(1 << 20, 'x');
  const source = new MemoryLogFiles({ x: '' });
  source.open = async function* () {
    yield Buffer.from(`{"Records":[${json(record('a'))},{"eventSource":"iam.amazonaws.com","eventName":"`);
    for (let n = 0; n < 200; n += 1) yield piece;
    yield Buffer.from(`"},${json(record('b'))}]}`);
  };
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 1);
  const rowsFolder = join(temporaryFolder('rows'), 'rows');
  const { rows, leftOut, complete } = await readLogs({
    source,
    rowsFolder,
    since: null,
    until: null,
    workers: 0,
  }).finally(() => {
    clearInterval(timer);
  });
  expect({ rows, leftOut, complete }).toMatchObject({
    rows: 2,
    complete: false,
    leftOut: [{ what: 'records', count: 1, reason: matching(/^Larger than 8 MiB/) }],
  });
  expect(most).toBeLessThan(64 << 20);
});

test.each([
  ['lists', '['.repeat(200_000), ']'.repeat(200_000)],
  ['objects', '{"a":'.repeat(200_000), '}'.repeat(200_000)],
])('deeply nested %s do not overflow the stack', async (_name, open, close) => {
  const value = `${open}${open.startsWith('{') ? '1' : ''}${close}`;
  const deep = json(record('x')).replace('{"roleName":"deploy"}', `{"a":${value}}`);
  const { ids, leftOut } = await readFileForTest(`{"Records":[${deep},${json(record('b'))}]}`);
  expect([ids, leftOut]).toMatchObject([
    ['b'],
    [{ what: 'records', count: 1, reason: matching(/^Nested too deeply/) }],
  ]);
  // Within text, only the parser sees the nesting.
  const inText = await readFileForTest(
    json({ Events: [{ CloudTrailEvent: deep }, { CloudTrailEvent: json(record('b')) }] }),
  );
  expect([inText.ids, inText.leftOut]).toMatchObject([
    ['b'],
    [{ what: 'records', count: 1, reason: matching(/nested too deeply/) }],
  ]);
  expect(await readFileForTest(open)).toMatchObject({ rows: 0, complete: false });
});

test('hostile text is loaded by DuckDB as it is', async () => {
  const half = record('a', {
    userAgent: 'x\ud83d',
    eventName: '\\ud83d',
    errorMessage: `${'m'.repeat(199)}😀`,
    errorCode: "'); DROP TABLE calls; --",
    sourceIPAddress: '\u0000\u001b[31m<b>',
  });
  const long = record('b', {
    requestParameters: { roleArn: 'r'.repeat(2_000_000), roleSessionName: 's'.repeat(2_000_000) },
  });
  const folder = temporaryFolder('rows');
  const rowsFolder = join(folder, "ro'ws");
  const source = new MemoryLogFiles({
    x: json({ Records: [half, long] }),
    y: json({ Records: [{ ...long, eventID: 'c' }] }),
  });
  expect(await readLogs({ source, rowsFolder, since: null, until: null, workers: 0 })).toMatchObject({
    rows: 3,
    complete: true,
  });
  const queries = await DuckDbQueries.load({ rowsFolder, thresholds: defaultThresholds, memoryMegabytes: 200 });
  expect(await queries.ask('totals')).toMatchObject([{ calls: 3 }]);
  queries.close();
});

test('logs without rows can be loaded', async () => {
  const folder = temporaryFolder('rows');
  const rowsFolder = join(folder, 'rows');
  await readLogs({ source: new MemoryLogFiles({}), rowsFolder, since: null, until: null, workers: 0 });
  const queries = await DuckDbQueries.load({ rowsFolder, thresholds: defaultThresholds, memoryMegabytes: 200 });
  expect(await queries.ask('totals')).toMatchObject([{ calls: 0 }]);
  queries.close();
});

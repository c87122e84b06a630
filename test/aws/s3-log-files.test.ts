import { S3Client } from '@aws-sdk/client-s3';
import { S3LogFiles, s3LocationOf } from '../../aws/s3-log-files.ts';
import type { LogListing, LogPeriod } from '../../core/ports/log-files.ts';
import { startEmulatedS3, type EmulatedS3, type EmulatedS3Settings } from '../../local/emulated-aws/s3/server.ts';
import { ServiceError } from '../../local/emulated-aws/service-error.ts';
import { readForTest, record } from '../support/log-records.ts';

const BUCKET = 'trail';
let s3: EmulatedS3;
let client: S3Client;
const listedPrefixes: string[] = [];

async function start(settings: Partial<EmulatedS3Settings> = {}): Promise<void> {
  s3 = await startEmulatedS3({ buckets: [BUCKET], now: () => 0, largestPage: 2, ...settings });
  client = new S3Client({
    region: 'us-east-1',
    endpoint: s3.url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
  });
  client.middlewareStack.add(
    (next) => (args) => {
      const { input } = args as { input: { Delimiter?: string; Prefix?: string } };
      if (input.Delimiter !== undefined) listedPrefixes.push(input.Prefix ?? '');
      return next(args);
    },
    { step: 'initialize' },
  );
}
test('an address has a bucket and perhaps a prefix', () => {
  expect(s3LocationOf('s3://my-trail/AWSLogs/1')).toEqual({ bucket: 'my-trail', prefix: 'AWSLogs/1' });
  expect(s3LocationOf('s3://my-trail')).toEqual({ bucket: 'my-trail', prefix: '' });
  expect(s3LocationOf('s3://')).toBeNull();
  expect(s3LocationOf('logs/s3')).toBeNull();
});

const put = (key: string, text = JSON.stringify({ Records: [record(key)] })): void => {
  s3.buckets.get(BUCKET)?.put(key, Buffer.from(text), 'application/json', { ifMatch: null, ifNoneMatch: null });
};
const source = (prefix: string): S3LogFiles => new S3LogFiles(client, { bucket: BUCKET, prefix }, 1);
async function listed(prefix: string, period: Partial<LogPeriod> = {}): Promise<string[]> {
  const found: LogListing[] = [];
  for await (const entry of source(prefix).list({ since: null, until: null, ...period })) found.push(entry);
  return found.filter(({ kind }) => kind === 'file').map(({ path }) => path);
}

describe('the files', () => {
  afterEach(async () => {
    client.destroy();
    await s3.close();
    listedPrefixes.length = 0;
  });
  test('trails of an account and of an organization are read by day, without digests', async () => {
    await start();
    const trails = [
      'AWSLogs/1/CloudTrail/us-east-1',
      'AWSLogs/1/CloudTrail/eu-west-1',
      'AWSLogs/o-x/2/CloudTrail/us-east-1',
    ];
    for (const trail of trails) {
      for (const day of ['2025/01/01', '2026/10/31', '2026/11/19', '2026/11/20', '2026/11/21', '2026/11/22'])
        put(`${trail}/${day}/a.json`);
      put(trail.replace('CloudTrail', 'CloudTrail-Digest') + '/2026/11/20/d.json');
    }
    const day = Date.UTC(2026, 10, 20) / 1000;
    const period = { since: day, until: day + 12 * 3600 };
    const wanted = trails.flatMap((trail) => ['2026/11/20', '2026/11/21'].map((date) => `${trail}/${date}/a.json`));
    expect((await listed('', period)).sort()).toEqual(wanted.sort());
    expect(listedPrefixes.filter((prefix) => /Digest|2025\/|2026\/10\//.test(prefix))).toEqual([]);
    const { ids, complete, leftOut } = await readForTest(source('AWSLogs'), period);
    expect(ids).toEqual([...wanted].sort((a, b) => a.localeCompare(b)));
    expect(complete).toBe(true);
    expect(leftOut.map(({ reason }) => reason.replace(/ In .*/, ''))).toContain(
      'Folders of digests, which contain no records.',
    );
  });

  test('a prefix is an object or a folder, not the start of other names', async () => {
    await start();
    for (const key of ['logs/a', 'logs/b/c', 'logs-old/x', 'other']) put(key);
    expect(await listed('logs')).toEqual(['logs/a', 'logs/b/c']);
    expect(await listed('logs/')).toEqual(['logs/a', 'logs/b/c']);
    expect(await listed('logs/a')).toEqual(['logs/a']);
    expect(await listed('')).toEqual(['other', 'logs-old/x', 'logs/a', 'logs/b/c']);
  });

  test('an object that can not be downloaded is named, and the others are read', async () => {
    await start({
      onRequest: (_method, key) => {
        if (key === 'b') throw new ServiceError(403, 'AccessDenied', 'Access Denied');
      },
    });
    for (const key of ['a', 'b', 'c']) put(key);
    const { ids, complete, leftOut } = await readForTest(source(''));
    expect({ ids, complete }).toEqual({ ids: ['a', 'c'], complete: false });
    expect(leftOut).toEqual([
      { what: 'files', count: 1, reason: "Can't be downloaded: AccessDenied: Access Denied. In b." },
    ]);
  });

  test('a download that breaks off continues where it ended', async () => {
    await start();
    const text = JSON.stringify({ Records: Array.from({ length: 2_000 }, (_, n) => record(`r${n}`)) });
    put('a', text);
    let breaks = 2;
    const ranges: unknown[] = [];
    client.middlewareStack.add(
      (next) => async (args) => {
        const { input } = args as { input: { Key?: string; Range?: string } };
        const result = await next(args);
        if (input.Key === undefined) return result;
        ranges.push(input.Range);
        const body = (result.output as { Body?: AsyncIterable<Uint8Array> & { destroy(error: Error): void } }).Body;
        if (breaks-- > 0)
          setImmediate(() => body?.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })));
        return result;
      },
      { step: 'initialize' },
    );
    expect(await readForTest(source(''))).toMatchObject({ rows: 2_000, complete: true });
    expect(ranges).toHaveLength(3);
  });

  test('a bucket that does not exist is an error', async () => {
    await start();
    const read = readForTest(new S3LogFiles(client, { bucket: 'none', prefix: '' }, 1));
    await expect(read).rejects.toThrow("Can't be listed: NoSuchBucket");
  });
});

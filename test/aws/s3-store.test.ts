import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { S3Store } from '../../aws/s3-store.ts';
import { ServiceError } from '../../local/emulated-aws/service-error.ts';
import { startEmulatedS3, type EmulatedS3, type EmulatedS3Settings } from '../../local/emulated-aws/s3/server.ts';
import { CountedStore } from '../../core/ports/store-requests.ts';
import { MULTIPART_BYTES } from '../../core/ports/store.ts';
import { allLines, objectStoreSuite } from '../support/object-store-suite.ts';

const BUCKET = 'results';
let s3: EmulatedS3;
let client: S3Client;
let store: S3Store;

async function start(settings: Partial<EmulatedS3Settings> = {}): Promise<void> {
  s3 = await startEmulatedS3({ buckets: [BUCKET], now: () => 0, largestPage: 2, ...settings });
  client = new S3Client({
    region: 'eu-west-1',
    endpoint: s3.url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
  });
  store = new S3Store({ client, bucket: BUCKET });
}
const stop = async (): Promise<void> => {
  client.destroy();
  await s3.close();
};

/** Another implementation of S3, such as moto's server, to check the store against it. */
const OTHER_ENDPOINT = process.env.IAM_AUDIT_TEST_S3_ENDPOINT;

describe('as any store', () => {
  beforeEach(async () => {
    await start();
    if (OTHER_ENDPOINT === undefined) return;
    client = new S3Client({
      region: 'us-east-1',
      endpoint: OTHER_ENDPOINT,
      forcePathStyle: true,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
    });
    const bucket = `results-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    store = new S3Store({ client, bucket });
  });
  afterEach(stop);
  objectStoreSuite(() => store);
});

describe('as S3', () => {
  afterEach(stop);

  test('an interrupted upload leaves no parts that would be billed', async () => {
    await start();
    const broken = async function* () {
      for (let n = 0; n < 60_000; n += 1) yield 'x'.repeat(300);
      throw new Error('broke off');
    };
    await expect(store.writeLines('x.jsonl', broken())).rejects.toThrow('broke off');
    expect(s3.buckets.get(BUCKET)?.openUploads).toBe(0);
  });

  test('objects have a content type', async () => {
    await start();
    await store.write('report.html', '<p>');
    await store.writeLines('a.jsonl', ['{}']);
    const bucket = s3.buckets.get(BUCKET);
    expect([bucket?.get('report.html')?.contentType, bucket?.get('a.jsonl')?.contentType]).toEqual([
      'text/html; charset=utf-8',
      'application/x-ndjson',
    ]);
  });

  test.each([
    ['a small object', 1_000],
    ['one of three parts', 2.4 * MULTIPART_BYTES],
  ])('requests are counted as S3 bills them: %s', async (_name, bytes) => {
    const asked = { puts: 0, gets: 0 };
    await start({
      largestPage: 1_000,
      onRequest: (method, key) => {
        if (method === 'PUT' || method === 'POST' || key === '') asked.puts += 1;
        else asked.gets += 1;
      },
    });
    const counted = new CountedStore(store);
    const line = 'ä'.repeat(499);
    await counted.writeLines(
      'a.jsonl',
      Array.from({ length: Math.ceil(bytes / 999) }, () => line),
    );
    await counted.write('b', '1');
    await counted.read('b');
    await counted.exists('c');
    expect((await allLines(counted.readLines('a.jsonl'))).length).toBeGreaterThan(0);
    expect(await allLines(counted.list(''))).toEqual(['a.jsonl', 'b']);
    await allLines(counted.list('none/'));
    expect(counted.requests).toEqual(asked);
  });

  test('a missing bucket is an error that names the bucket, not an empty result', async () => {
    await start();
    const lost = new S3Store({ client, bucket: 'gone' });
    await expect(lost.read('a')).rejects.toThrow("Can't read s3://gone/a: NoSuchBucket");
    await expect(lost.write('a', '')).rejects.toThrow("Can't write s3://gone/a: NoSuchBucket");
    await expect(lost.list('').next()).rejects.toThrow("Can't list s3://gone/: NoSuchBucket");
  });

  test('without ListBucket a missing key is reported as denied, not as missing', async () => {
    await start({ mayList: false });
    await expect(store.read('a')).rejects.toThrow("Can't read s3://results/a: AccessDenied");
  });

  test('transient errors are retried; a permanent error is reported', async () => {
    let faults = 2;
    await start({
      onRequest: () => {
        if (faults > 0) {
          faults -= 1;
          throw new ServiceError(503, 'SlowDown', 'Please reduce your request rate.');
        }
      },
    });
    await store.write('a', '1');
    expect((await store.read('a'))?.text).toBe('1');
    faults = 100;
    await expect(store.read('a')).rejects.toThrow("Can't read s3://results/a: SlowDown");
  });

  test('of two simultaneous conditional writes, the one that S3 rejects fails with PreconditionFailed', async () => {
    await start({
      onRequest: (method) => {
        if (method === 'PUT') throw new ServiceError(409, 'ConditionalRequestConflict', 'Conflict.');
      },
    });
    await expect(store.write('a', '1', { ifNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });
});

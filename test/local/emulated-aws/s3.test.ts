import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startEmulatedS3, type EmulatedS3 } from '../../../local/emulated-aws/s3/server.ts';

const Bucket = 'results';
let s3: EmulatedS3;
let client: S3Client;

beforeEach(async () => {
  s3 = await startEmulatedS3({ buckets: [Bucket], now: () => 0 });
  client = new S3Client({
    region: 'eu-west-1',
    endpoint: s3.url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
  });
  for (const Key of ['a', 'b/1', 'b/2', 'c', 'd/1'])
    await client.send(new PutObjectCommand({ Bucket, Key, Body: '0123456789' }));
});
afterEach(async () => {
  client.destroy();
  await s3.close();
});

test.each([
  ['bytes=2-4', '234', 'bytes 2-4/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=-30', '0123456789', 'bytes 0-9/10'],
  ['bytes=8-30', '89', 'bytes 8-9/10'],
  // S3 answers these with the whole object.
  ['bytes=4-2', '0123456789', undefined],
  ['bytes=0-1,3-4', '0123456789', undefined],
  ['bytes=x', '0123456789', undefined],
])('the range %s is %s', async (Range, text, range) => {
  const { Body, ContentRange } = await client.send(new GetObjectCommand({ Bucket, Key: 'a', Range }));
  expect([await Body?.transformToString(), ContentRange]).toEqual([text, range]);
});

test.each(['bytes=10-', 'bytes=-0'])('the range %s cannot be satisfied', async (Range) => {
  await expect(client.send(new GetObjectCommand({ Bucket, Key: 'a', Range }))).rejects.toMatchObject({
    name: 'InvalidRange',
  });
});

test('Delimiter and StartAfter, over several pages', async () => {
  const seen: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Delimiter: '/', StartAfter: 'a', MaxKeys: 1, ContinuationToken }),
    );
    seen.push(...(page.Contents ?? []).map(({ Key }) => Key), ...(page.CommonPrefixes ?? []).map((one) => one.Prefix));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(seen).toEqual(['b/', 'c', 'd/']);
});

test('a listed object has its time, its ETag and its size; a parameter that is not emulated is refused', async () => {
  const { Contents, Name, KeyCount } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'a' }));
  expect({ Contents, Name, KeyCount }).toEqual({
    Contents: [
      {
        ...{ Key: 'a', Size: 10, ETag: '"781e5e245d69b566979b86e28d23f2c7"' },
        ...{ LastModified: new Date(0), StorageClass: 'STANDARD' },
      },
    ],
    ...{ Name: Bucket, KeyCount: 1 },
  });
  await expect(client.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }))).rejects.toMatchObject({
    name: 'NotImplemented',
  });
});

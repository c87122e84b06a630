import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { THROTTLED, type RecordedCall } from '../../../../local/emulated-aws/cloudtrail/recorded-call.ts';
import { TrailFiles } from '../../../../local/emulated-aws/cloudtrail/trail-files.ts';
import { seededRandom } from '../../../../local/seeded-random.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const ACCOUNT = '111122223333';

const call = (second: number): RecordedCall => ({
  atMs: START + 1_000 * second,
  service: 'iam',
  operation: 'ListRoles',
  parameters: { maxItems: 100 },
  caller: {
    kind: 'user',
    accountId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:user/a`,
    principalId: 'AIDA',
    accessKeyId: 'AKIA',
  },
  error: second % 2 === 0 ? null : THROTTLED,
  region: 'us-east-1',
  endpoint: 'regional',
  userAgent: 'x',
  ip: '203.0.113.7',
  hostHeader: 'iam.amazonaws.com',
});

let folder = '';
beforeEach(() => {
  folder = temporaryFolder('trail');
});

const read = async (key: string): Promise<{ Records?: unknown[]; logFiles?: { s3Object: string }[] }> =>
  JSON.parse(gunzipSync(await readFile(join(folder, key))).toString()) as { Records?: unknown[] };

test.each([
  [undefined, 'AWSLogs'],
  ['o-exampleorg', 'AWSLogs/o-exampleorg'],
])('log files of five minutes have the layout of a trail, organization %s', async (organizationId, root) => {
  const trail = new TrailFiles({ random: seededRandom(1), organizationId });
  for (let second = 0; second < 600; second += 60) trail.add(call(second + (second % 120) / 60));
  const keys = await trail.write(folder);
  expect(keys.map((key) => key.replace(/_[A-Z0-9]{16}\./, '.'))).toEqual([
    `${root}/${ACCOUNT}/CloudTrail/us-east-1/2026/11/23/${ACCOUNT}_CloudTrail_us-east-1_20261123T0400Z.json.gz`,
    `${root}/${ACCOUNT}/CloudTrail/us-east-1/2026/11/23/${ACCOUNT}_CloudTrail_us-east-1_20261123T0405Z.json.gz`,
  ]);
  expect((await read(keys[0]!)).Records).toHaveLength(5);
  const all = await readdir(folder, { recursive: true });
  const digest = all.filter((name) => name.includes('CloudTrail-Digest') && name.endsWith('.gz'));
  expect(digest).toHaveLength(1);
  expect((await read(digest[0]!)).logFiles?.map(({ s3Object }) => s3Object)).toEqual(keys);
});

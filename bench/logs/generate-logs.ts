import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Random } from '../../core/ports/clock.ts';
import { seededRandom } from '../../local/seeded-random.ts';

const EVENTS_PER_FILE = 950;
const ACCOUNT = '111122223333';
const START_MS = Date.UTC(2026, 10, 20);
const FAST_GZIP = 6;

/** Operations with the share of a trail's events that they have: a quarter are calls to IAM and STS. */
const operations = [
  { share: 0.12, source: 'iam', names: ['GetRole', 'ListAttachedRolePolicies', 'GetPolicyVersion', 'ListRoles'] },
  { share: 0.13, source: 'sts', names: ['AssumeRole'] },
  { share: 0.3, source: 'ec2', names: ['DescribeInstances', 'DescribeNetworkInterfaces', 'DescribeVolumes'] },
  { share: 0.15, source: 'kms', names: ['Decrypt', 'GenerateDataKey'] },
  { share: 0.2, source: 's3', names: ['GetBucketAcl', 'ListBuckets', 'GetBucketPolicy'] },
  { share: 0.1, source: 'logs', names: ['CreateLogStream', 'DescribeLogGroups'] },
] as const;

const agents = [
  'aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython cfg/retry-mode#standard md/command#iam.get-role',
  'aws-sdk-js/3.893.0 ua/2.1 os/linux#5.10.0 lang/js#22.19.0 md/nodejs#22.19.0 api/iam#3.893.0 m/E,i exec-env/AWS_Lambda_nodejs22.x',
  'Boto3/1.40.39 md/Botocore#1.40.39 ua/2.1 os/linux#6.8.0 md/arch#aarch64 lang/python#3.12.3 m/D,b cfg/retry-mode#legacy Botocore/1.40.39',
  'APN/1.0 HashiCorp/1.0 Terraform/1.13.3 terraform-provider-aws/6.14.1 aws-sdk-go-v2/1.39.1 ua/2.1 os/linux lang/go#1.24.7 m/E',
];

/** Writes log files in CloudTrail's layout, the same for the same seed. @returns the bytes of JSON and on disk */
export async function generateLogs(
  folder: string,
  events: number,
  seed: number,
): Promise<{ json: number; gzip: number }> {
  const random = seededRandom(seed);
  const sum = { json: 0, gzip: 0 };
  for (let first = 0; first < events; first += EVENTS_PER_FILE) {
    const count = Math.min(EVENTS_PER_FILE, events - first);
    const records = Array.from({ length: count }, (_, n) => record(random, START_MS + (first + n) * 80));
    const json = Buffer.from(`{"Records":[${records.join(',')}]}`);
    const gzip = gzipSync(json, { level: FAST_GZIP });
    const [date = ''] = new Date(START_MS + first * 80).toISOString().split('T');
    const path = join(folder, 'AWSLogs', ACCOUNT, 'CloudTrail', 'us-east-1', ...date.split('-'));
    await mkdir(path, { recursive: true });
    await writeFile(join(path, `${ACCOUNT}_CloudTrail_us-east-1_${first}.json.gz`), gzip);
    sum.json += json.length;
    sum.gzip += gzip.length;
  }
  return sum;
}

function record(random: Random, ms: number): string {
  const number = (below: number): number => Math.floor(random() * below);
  const pick = <T>(items: readonly [T, ...T[]] | readonly T[], otherwise: T): T =>
    items[number(items.length)] ?? otherwise;
  const hex = (digits: number): string => Array.from({ length: digits }, () => number(16).toString(16)).join('');
  let rest = random();
  const operation = operations.find(({ share }) => (rest -= share) < 0) ?? operations[0];
  const caller = number(150);
  const role = `app-${caller}`;
  const session = `${role}-${number(4)}`;
  const time = new Date(ms).toISOString().replace(/\.\d+Z/, 'Z');
  const key = `ASIA${caller.toString().padStart(4, '0')}${number(6)}EXAMPLEKEYS`;
  const refused = operation.source === 'iam' && random() < 0.03;
  const name = pick(operation.names, operation.names[0]);
  const parameters =
    operation.source === 'sts'
      ? {
          roleArn: `arn:aws:iam::${ACCOUNT}:role/target-${number(40)}`,
          roleSessionName: `job-${hex(12)}`,
          durationSeconds: 3600,
        }
      : operation.source === 'iam'
        ? { roleName: `service-role-${number(500)}` }
        : {
            bucketName: `bucket-${number(90)}`,
            Host: `bucket-${number(90)}.s3.us-east-1.amazonaws.com`,
            acl: '',
            maxItems: number(500),
            filterSet: { items: [{ name: 'vpc-id', valueSet: { items: [{ value: `vpc-${hex(17)}` }] } }] },
          };
  return JSON.stringify({
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROA${caller.toString().padStart(4, '0')}EXAMPLEROLE:${session}`,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
      accountId: ACCOUNT,
      accessKeyId: key,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: `AROA${caller.toString().padStart(4, '0')}EXAMPLEROLE`,
          arn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
          accountId: ACCOUNT,
          userName: role,
        },
        attributes: { creationDate: time, mfaAuthenticated: 'false' },
      },
    },
    eventTime: time,
    eventSource: `${operation.source}.amazonaws.com`,
    eventName: name,
    awsRegion: 'us-east-1',
    sourceIPAddress: `10.${number(4)}.${number(20)}.${caller}`,
    userAgent: agents[caller % agents.length],
    ...(refused ? { errorCode: 'ThrottlingException', errorMessage: 'Rate exceeded' } : {}),
    requestParameters: refused ? null : parameters,
    responseElements: null,
    requestID: `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
    eventID: `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `${operation.source}.us-east-1.amazonaws.com`,
    },
  });
}

import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { Diagnosis, questionIds } from '../../core/contract/doctor/diagnosis.ts';
import { TrailFiles } from '../../local/emulated-aws/cloudtrail/trail-files.ts';
import { bystanderCalls } from '../../local/emulated-aws/cloudtrail/bystander-calls.ts';
import { currentRecords, trailRecords } from '../../local/emulated-aws/cloudtrail/records.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';

jest.setTimeout(60_000);

const ACCOUNT = '111122223333';
const USER = `arn:aws:iam::${ACCOUNT}:user/inventory-bot`;

let folder = '';
let server: Server | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
});
afterEach(async () => {
  server?.close();
  server = null;
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const doctor = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND_LINE, 'doctor', ...args], {
      cwd: join(__dirname, '../..'),
      env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...env },
    });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (data: Buffer) => (text.stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (text.stderr += data.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, ...text });
    });
  });

/** Calls of an application that requests a session for each call, from `from` on, two a second. */
const calls = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    accountId: ACCOUNT,
    operation: 'iam:GetRole',
    atMs: from + 500 * n,
    served: n % 3 !== 0,
  })).flatMap(bystanderCalls);

async function writeLogs(): Promise<string> {
  const trail = new TrailFiles({ random: seededRandom(1) });
  calls(Date.parse('2026-11-20T10:00:00Z'), 400).forEach(trail.add);
  await trail.write(join(folder, 'logs'));
  return join(folder, 'logs');
}

/** Answers LookupEvents, 50 events a page, and denies other Regions than us-east-1. */
async function startCloudTrail(): Promise<{ url: string; requests: string[] }> {
  const random = seededRandom(2);
  const records = calls(Date.now() - 600_000, 60)
    .flatMap((call) => trailRecords(call, currentRecords, random))
    .map(({ record }) => record)
    .reverse();
  const requests: string[] = [];
  const listening = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      const { LookupAttributes, NextToken } = JSON.parse(body) as {
        LookupAttributes: { AttributeValue: string }[];
        NextToken?: string;
      };
      const source = LookupAttributes[0]!.AttributeValue;
      const region = /\/\d{8}\/([a-z0-9-]+)\/cloudtrail\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
      requests.push(`${region} ${source}`);
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (region !== 'us-east-1') {
        response.statusCode = 400;
        response.end(JSON.stringify({ __type: 'AccessDeniedException', message: 'cloudtrail:LookupEvents is denied' }));
        return;
      }
      const own = records.filter((record) => record.eventSource === source);
      const from = Number(NextToken ?? 0);
      const Events = own.slice(from, from + 50).map((record) => ({ CloudTrailEvent: JSON.stringify(record) }));
      response.end(JSON.stringify({ Events, ...(from + 50 < own.length ? { NextToken: String(from + 50) } : {}) }));
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, requests };
}

const aws = (url: string) => ({
  AWS_ENDPOINT_URL_CLOUDTRAIL: url,
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
});

test('log files: the diagnosis as JSON fits the contract, and exit code 4 says that something was found', async () => {
  const page = join(folder, 'page.html');
  const { code, stdout, stderr } = await doctor(['--cloudtrail', await writeLogs(), '--json', '--html', page]);
  const diagnosis = v.parse(Diagnosis, JSON.parse(stdout));
  expect(diagnosis.questions.map(({ id }) => id)).toEqual(questionIds);
  expect(diagnosis.source).toMatchObject({ kind: 'cloudtrail', audited: 800, complete: true });
  expect(diagnosis.questions[2]).toMatchObject({ verdict: 'found', callers: [{ caller: USER }] });
  expect(code).toBe(4);
  expect(await readFile(page, 'utf8')).toContain('inventory-bot');
  expect(stderr).toContain(`The page is in ${page}.`);
});

test('a damaged file is named, and the others are analysed', async () => {
  const logs = await writeLogs();
  await writeFile(join(logs, 'broken.json.gz'), 'neither gzip nor JSON');
  const { code, stdout } = await doctor(['--cloudtrail', logs]);
  expect(stdout).toMatch(/Left out: 1 file\. .*broken\.json\.gz/);
  expect(stdout).toContain(USER);
  expect(code).toBe(4);
});

test('a period without calls: nothing is found, and each question says what it needs', async () => {
  const { code, stdout } = await doctor([
    '--cloudtrail',
    await writeLogs(),
    '--since',
    '2026-11-20T11:00:00Z',
    '--json',
  ]);
  const { questions } = v.parse(Diagnosis, JSON.parse(stdout));
  expect(questions.every(({ verdict, reason }) => verdict === 'unknown' && reason !== null)).toBe(true);
  expect(code).toBe(0);
});

test('a Region does not select logs of a folder, and the error says so', async () => {
  const { code, stderr } = await doctor(['--cloudtrail', await writeLogs(), '--region', 'eu-west-1']);
  expect(code).toBe(2);
  expect(stderr).toContain('--region does not select logs of a folder');
});

test('a day without log files is an error that says which folders were left out', async () => {
  const { code, stderr } = await doctor(['--cloudtrail', await writeLogs(), '--since', '2026-11-22']);
  expect(stderr).toMatch(
    /There are no log files of this period in .*\. Left out: Folders of days outside of the period\./,
  );
  expect(code).toBe(1);
});

test('the event history: IAM and STS of us-east-1; a Region that is denied is left out by name', async () => {
  const { url, requests } = await startCloudTrail();
  const { code, stdout } = await doctor(['--lookup', '--region', 'eu-west-1', '--json'], aws(url));
  const { source, questions } = v.parse(Diagnosis, JSON.parse(stdout));
  expect(source).toMatchObject({ kind: 'lookup', events: 120, audited: 120, complete: false });
  expect(source.leftOut).toEqual([
    expect.objectContaining({ what: expect.stringContaining('STS calls in eu-west-1') as unknown }),
  ]);
  expect([...new Set(requests)].sort()).toEqual([
    'eu-west-1 sts.amazonaws.com',
    'us-east-1 iam.amazonaws.com',
    'us-east-1 sts.amazonaws.com',
  ]);
  expect(questions[2]).toMatchObject({ verdict: 'found', callers: [{ caller: USER }] });
  expect(code).toBe(4);
});

test.each([
  [['--cloudtrail', '/nonexistent/logs'], 1, "Can't read /nonexistent/logs"],
  [['--cloudtrail', 's3://x'], 1, 's3://x is not an address of logs in S3'],
  [['--cloudtrail', 'logs', '--athena'], 2, "'--cloudtrail <where>' cannot be used with option '--athena'"],
  [['--cloudtrail', ''], 2, 'It must be a folder or an address such as s3://bucket/prefix.'],
  [['--cloudtrail', '/', '--since', '1h', '--until', '2h'], 2, '--since must be before --until.'],
  [['--html', '/nonexistent/page.html'], 2, '--html: the folder /nonexistent does not exist or is not writable.'],
  [['--since', 'yesterday'], 2, 'It must be a time such as 2026-11-26T22:00:00Z, or a duration before now'],
  [['--threshold', 'policyWrites'], 2, 'It must be a name and a number such as policyWrites=50.'],
  [['--threshold', 'policyWrite=5'], 2, 'There is no threshold policyWrite.'],
  [['--athena', '--threshold', 'burstCalls=5'], 1, 'The queries of the stack have fixed values for burstCalls'],
  [['--explain', 'backof'], 2, 'Allowed choices are callers, backoff'],
  [['--region', 'europe'], 2, 'It must be a Region such as eu-west-1.'],
  [[], 1, 'No AWS credentials were found.'],
])('%j ends with %i and a message', async (args, code, message) => {
  const ended = await doctor(args);
  expect(ended.stderr).toContain(message);
  expect(ended.code).toBe(code);
});

test('a question is explained with its thresholds, without logs', async () => {
  const { code, stdout } = await doctor(['--explain', 'policy-writes', '--threshold', 'policyWrites=50']);
  expect(stdout).toMatch(/^policy-writes: Which callers change IAM policies/);
  expect(stdout).toContain('policyWrites = 50:');
  expect(code).toBe(0);
});

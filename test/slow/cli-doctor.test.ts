import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { Diagnosis, questionIds } from '../../core/contract/doctor/diagnosis.ts';
import { TrailFiles } from '../../local/emulated-aws/cloudtrail/trail-files.ts';
import { bystanderCalls } from '../../local/emulated-aws/cloudtrail/bystander-calls.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { emulatedAwsEnvironment, runDoctor } from '../support/run-doctor.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(60_000);

const ACCOUNT = '111122223333';
const USER = `arn:aws:iam::${ACCOUNT}:user/inventory-bot`;

let folder = '';
beforeEach(() => {
  folder = temporaryFolder('doctor');
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

test('log files: the diagnosis as JSON fits the contract, and exit code 4 says that something was found', async () => {
  const page = join(folder, 'page.html');
  const { code, stdout, stderr } = await runDoctor(['--cloudtrail', await writeLogs(), '--json', '--html', page]);
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
  const { code, stdout } = await runDoctor(['--cloudtrail', logs]);
  expect(stdout).toMatch(/Left out: 1 file\. .*broken\.json\.gz/);
  expect(stdout).toContain(USER);
  expect(code).toBe(4);
});

test('a period without calls: nothing is found, and each question says what it needs', async () => {
  const { code, stdout } = await runDoctor([
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
  const { code, stderr } = await runDoctor(['--cloudtrail', await writeLogs(), '--region', 'eu-west-1']);
  expect(code).toBe(2);
  expect(stderr).toContain('--region does not select logs of a folder');
});

test('a day without log files is an error that says which folders were left out', async () => {
  const { code, stderr } = await runDoctor(['--cloudtrail', await writeLogs(), '--since', '2026-11-22']);
  expect(stderr).toMatch(
    /There are no log files of this period in .*\. Left out: Folders of days outside of the period\./,
  );
  expect(code).toBe(1);
});

test.each([
  ['a folder of digests', 'CloudTrail-Digest', 'There are no log files in'],
  ['files of digests in another folder', 'copied', 'The files in'],
])('logs that are only %s are an error, which says where log files are', async (_, name, start) => {
  const logs = await writeLogs();
  const account = join(logs, 'AWSLogs/111122223333');
  await rm(join(account, 'CloudTrail'), { recursive: true });
  await rename(join(account, 'CloudTrail-Digest'), join(account, name));
  const { code, stdout, stderr } = await runDoctor(['--cloudtrail', logs]);
  expect(stderr).toContain(start);
  expect(stderr).toContain('The log files are in the folder CloudTrail, which is beside the folder CloudTrail-Digest.');
  expect([code, stdout]).toEqual([1, '']);
});

test.each([
  [['--cloudtrail', '/nonexistent/logs'], 1, "Can't read /nonexistent/logs"],
  [['--cloudtrail', 's3://x'], 1, 's3://x is not an address of logs in S3'],
  [['--cloudtrail', 'logs', '--athena'], 2, "'--cloudtrail <where>' cannot be used with option '--athena'"],
  [['--cloudtrail', ''], 2, 'It must be a folder or an address such as s3://bucket/prefix.'],
  [['--cloudtrail', '/', '--since', '1h', '--until', '2h'], 2, '--since must be before --until.'],
  [['--cloudtrail', '/', '--since', '2100-01-01'], 2, '--since must be before now, '],
  [['--since', '2100-01-01', '--until', '2101-01-01'], 2, 'but is 2100-01-01T00:00:00Z. Use an earlier time'],
  [
    ['--since', '2026-02-30'],
    2,
    "option '--since <time>' argument '2026-02-30' is invalid. 2026-02 has no day 30. It must be a date from 2026-02-01 to 2026-02-28.",
  ],
  [['--until', '2026-13-01T00:00:00Z'], 2, 'There is no month 13.'],
  [['--html', ''], 2, 'It must be the name of a file such as doctor.html.'],
  [
    ['--cloudtrail', 'logs', '--stack', 'audit'],
    2,
    "--stack names the stack whose queries --athena runs. It can't be used with --cloudtrail logs",
  ],
  [['--stack', 'audit'], 2, "It can't be used with --lookup, the default"],
  [['--cloudtrail', 'logs', '--max-events', '50'], 2, '--max-events limits what --lookup reads.'],
  [['--athena', '--max-events', '50'], 2, "It can't be used with --athena"],
  [['--cloudtrail', 'logs', '--profile', 'x'], 2, '--profile is not used for files in a folder'],
  [['--athena', '--region', 'eu-west-1', '--region', 'us-east-1'], 2, '--region names the one Region of the stack'],
  [
    ['--cloudtrail', 's3://bucket/x', '--region', 'eu-west-1', '--region', 'us-east-1'],
    2,
    '--region names the one Region of the bucket',
  ],
  [['--html', '/nonexistent/page.html'], 2, '--html: the folder /nonexistent does not exist or is not writable.'],
  [['--since', '100d', '--until', '95d'], 1, "CloudTrail's event history has only the last 90 days."],
  [['--since', 'yesterday'], 2, 'It must be a time such as 2026-11-26T22:00:00Z, or a duration before now'],
  [['--threshold', 'policyWrites'], 2, 'It must be a name and a number such as policyWrites=50.'],
  [['--threshold', 'policyWrite=5'], 2, 'There is no threshold policyWrite.'],
  [
    ['--athena', '--threshold', 'burstCalls=5'],
    1,
    "The queries of the stack have fixed values for burstCalls, so --threshold can't change it with --athena",
  ],
  [['--explain', 'backof'], 2, 'Allowed choices are callers, backoff'],
  [['--region', 'europe'], 2, 'It must be a Region such as eu-west-1.'],
  [[], 1, 'No AWS credentials were found.'],
])('%j ends with %i and a message', async (args, code, message) => {
  const ended = await runDoctor(args);
  expect(ended.stderr).toContain(message);
  expect(ended.code).toBe(code);
});

test('a page is written over an earlier page, and over no other file', async () => {
  const logs = await writeLogs();
  const page = join(logs, 'page.html');
  const log = join(logs, 'log.json');
  await writeFile(log, '{"Records":[]}');
  for (const file of [page, page]) expect((await runDoctor(['--cloudtrail', logs, '--html', file])).code).toBe(4);
  const { code, stderr } = await runDoctor(['--cloudtrail', logs, '--html', log]);
  expect([code, stderr]).toEqual([
    2,
    `--html: ${log} exists and is not an HTML page, so it is not overwritten. Name another file.\n`,
  ]);
  expect(await readFile(log, 'utf8')).toBe('{"Records":[]}');
});

test('a page that cannot be written is an error before the logs are read', async () => {
  const page = join(folder, `${'x'.repeat(300)}.html`);
  const { code, stderr } = await runDoctor(['--cloudtrail', '/nonexistent', '--html', page]);
  expect(stderr).toContain("can't be written: ENAMETOOLONG");
  expect(code).toBe(2);
});

test('calls years before the others do not belong to the period, and are named', async () => {
  const logs = join(folder, 'logs');
  await mkdir(logs);
  const record = (n: number, eventTime: string) => ({
    eventID: `e${n}`,
    eventTime,
    eventSource: 'iam.amazonaws.com',
    eventName: 'GetRole',
    awsRegion: 'us-east-1',
    userIdentity: { type: 'IAMUser', arn: USER, accountId: ACCOUNT },
  });
  const times = Array.from({ length: 1_500 }, (_, n) => new Date(Date.UTC(2026, 10, 20, 10) + 1_000 * n).toISOString());
  const Records = [...times, '2016-01-01T00:00:00Z'].map((time, n) => record(n, time));
  await writeFile(join(logs, 'log.json'), JSON.stringify({ Records }));
  const { stdout } = await runDoctor(['--cloudtrail', logs, '--json']);
  expect(v.parse(Diagnosis, JSON.parse(stdout)).source).toMatchObject({
    from: '2026-11-20T10:00:00Z',
    to: '2026-11-20T10:24:59Z',
    leftOut: [{ what: 'calls with a wrong time', count: 1 }],
  });
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s removes the temporary folder, which has calls of the logs',
  async (signal) => {
    const asked: string[] = [];
    const silent = createServer((request) => asked.push(request.url ?? ''));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silent.address() as AddressInfo;
      const ended = runDoctor(
        [],
        {
          TMPDIR: folder,
          AWS_REGION: 'eu-west-1',
          ...emulatedAwsEnvironment(`http://127.0.0.1:${port}`, { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' }),
        },
        async (child) => {
          while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
          expect((await readdir(folder)).some((name) => name.startsWith('iam-audit-doctor-'))).toBe(true);
          child.kill(signal);
        },
      );
      expect(await ended).toMatchObject({ code: null, signal });
      expect((await readdir(folder)).filter((name) => name.startsWith('iam-audit-doctor-'))).toEqual([]);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  },
);

test('a question is explained with its thresholds, without logs', async () => {
  const { code, stdout } = await runDoctor(['--explain', 'policy-writes', '--threshold', 'policyWrites=50']);
  expect(stdout).toMatch(/^policy-writes: Which callers change IAM policies/);
  expect(stdout).toContain('policyWrites = 50:');
  expect(code).toBe(0);
});

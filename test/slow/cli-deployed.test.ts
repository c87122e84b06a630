import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand, type StartExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SdkAccountAccess } from '../../aws/account-access.ts';
import { S3Store } from '../../aws/s3-store.ts';
import type { Estimate } from '../../core/contract/answers/estimate.ts';
import type { QueryAnswer } from '../../core/contract/answers/query.ts';
import type { StartedRun } from '../../core/contract/answers/started-run.ts';
import { defaultSettings } from '../../core/contract/environment.ts';
import type { ExecutionInput } from '../../core/contract/execution-input.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { runIdOf } from '../../core/run/run-id.ts';
import { localAccounts, type Services } from '../../core/ports/services.ts';
import { workflowDefinition } from '../../local/synthesised-definition.ts';
import {
  startControlPlane,
  type ControlPlane,
  type ControlPlaneSettings,
} from '../../local/emulated-aws/control-plane.ts';
import { generateAccount, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { startEmulatedS3, type EmulatedS3 } from '../../local/emulated-aws/s3/server.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import { systemClock } from '../../local/system-clock.ts';
import { runWorkflow } from '../../local/run-workflow.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { expectSchema } from '../support/json-schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(120_000);

/** A folder without results: those of this machine would be used instead of the deployed audit. */
const empty = temporaryFolder('deployed');
const ACCOUNT = '111122223333';
const MACHINE = `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:IamAudit`;
const BUCKET = 'results';
const outputs = { StateMachineArn: MACHINE, ResultsBucketName: BUCKET };
const description = 'Audits IAM users and roles every day (iam-audit).';
const stack = { name: 'IamAudit', description, outputs };

let aws: EmulatedAws;
let s3: EmulatedS3;
let plane: ControlPlane;
let client: S3Client;

/** The deployed audit: the real definition and handlers with an emulated S3, started with the API of Step Functions. */
async function deploy(settings: Partial<ControlPlaneSettings> = {}): Promise<void> {
  const now = systemClock.now();
  const account = generateAccount({ seed: 1, accountId: ACCOUNT, users: 2, roles: 2, now });
  aws = await startEmulatedAws({ accounts: [account], clock: systemClock, random: seededRandom(1), limit: null });
  s3 = await startEmulatedS3({ buckets: [BUCKET], now: () => systemClock.now() });
  client = new S3Client({
    region: 'us-east-1',
    endpoint: s3.url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'workflow', secretAccessKey: 'workflow' },
  });
  process.env.AWS_ENDPOINT_URL = aws.url;
  const credentials = aws.emulation.issueUser(ACCOUNT, OPERATOR);
  const services: Services = {
    store: new S3Store({ client, bucket: BUCKET }),
    access: new SdkAccountAccess(
      { credentials: () => Promise.resolve(credentials), memberRole: null, region: 'us-east-1' },
      systemClock,
    ),
    executions: { isRunning: () => Promise.resolve(true) },
    clock: systemClock,
    random: Math.random,
    settings: { ...defaultSettings, ...localAccounts },
    warn: () => undefined,
  };
  const { definition } = await workflowDefinition();
  const parsed = JSON.parse(definition) as { States: { Accounts: { ItemReader: { Arguments: { Bucket: string } } } } };
  parsed.States.Accounts.ItemReader.Arguments.Bucket = BUCKET;
  plane = await startControlPlane({
    stacks: [stack],
    stateMachineArn: MACHINE,
    definition: JSON.stringify(parsed),
    now: () => systemClock.now(),
    run: ({ name, arn, input, startedAt }) =>
      runWorkflow({ name, id: arn, input: input as ExecutionInput, startedAt, services }),
    accounts: () => ({ total: 1, running: 1, succeeded: 0, failed: 0 }),
    ...settings,
  });
}
afterEach(async () => {
  await plane.settled();
  client.destroy();
  await plane.close();
  await s3.close();
  await aws.close();
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function iamAudit(
  args: readonly string[],
  onOutput?: (child: ChildProcessWithoutNullStreams, stderr: string) => void,
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND_LINE, ...args], {
    cwd: empty,
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: plane.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ACCESS_KEY_ID: 'AKIAOPERATOR',
      AWS_SECRET_ACCESS_KEY: 'secret',
      ...environment,
    },
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => (text.stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => {
    text.stderr += part.toString();
    onOutput?.(child, text.stderr);
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({ code, ...text });
    });
  });
}

test('a run is started, followed to its end, and its results are read from the bucket', async () => {
  await deploy();
  const started = await iamAudit(['start', '--wait', '--json', '--principal', 'arn:aws:iam::*:user/*']);
  expect(started.stderr).toContain('0 of 1 accounts done · 1 running');
  expect(started.stderr).toContain('COMPLETE: 2 principals in 1 account audited');
  const run = JSON.parse(started.stdout) as RunSummary;
  expectSchema('run', run);
  expect(run).toMatchObject({ status: 'COMPLETE', scope: { principals: ['arn:aws:iam::*:user/*'] } });
  expect(started.stderr).toContain(
    `Started run ${run.runId}: arn:aws:states:eu-west-1:${ACCOUNT}:execution:IamAudit:manual-`,
  );
  expect(started.code).toBe(0);

  const status = await iamAudit(['status', '--stack', 'IamAudit', '--json']);
  expect([JSON.parse(status.stdout), status.code]).toEqual([run, 0]);

  const report = await iamAudit(['report', '--state-machine-arn', MACHINE, '--run', run.runId]);
  expect(report.stdout).toBe(s3.buckets.get(BUCKET)?.get(objects.report(run.runId))?.body.toString());
  expect(report.stdout).toContain('<title>IAM audit');
});

test('the tables of a run are queried from the bucket, and a damaged one is named', async () => {
  await deploy();
  await iamAudit(['start', '--wait']);
  const answer = await iamAudit(['query', 'daily-trend', '--json']);
  expect(answer.code).toBe(0);
  const { rows, unreadable } = JSON.parse(answer.stdout) as QueryAnswer;
  expect([rows.length, rows[0]?.principals, unreadable]).toEqual([1, 4, []]);
  const sql = await iamAudit(['query', 'SELECT count(*) AS n FROM principals', '--format', 'csv']);
  expect([sql.stdout, sql.code]).toEqual(['n\n4\n', 0]);
  expect(sql.stderr).toMatch(/Days from \S+ are read/);

  const bucket = s3.buckets.get(BUCKET)!;
  const [key = ''] = bucket.keys('tables/principals/');
  bucket.put(key, bucket.get(key)!.body.subarray(0, 100), '', { ifMatch: null, ifNoneMatch: null });
  const damaged = await iamAudit(['query', 'SELECT count(*) AS n FROM principals', '--format', 'csv']);
  expect([damaged.stdout, damaged.code]).toEqual(['n\n0\n', 3]);
  expect(damaged.stderr).toContain(`${key} can't be read: it is cut off`);
});

test('estimate uses the results of the deployed audit, and writes nothing to its bucket', async () => {
  await deploy();
  await iamAudit(['start', '--wait']);
  const before = [...s3.buckets.get(BUCKET)!.keys('')];
  const { accessKeyId, secretAccessKey } = aws.emulation.issueUser(ACCOUNT, OPERATOR);
  const environment = {
    ...{ AWS_ENDPOINT_URL_IAM: aws.url, AWS_ENDPOINT_URL_STS: aws.url },
    ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  };
  const carried = async (...args: string[]): Promise<number> => {
    const { stdout, stderr, code } = await iamAudit(['estimate', '--json', ...args], undefined, environment);
    if (code !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as Estimate).total.principals.carried;
  };
  expect(await carried('--stack', 'IamAudit')).toBeGreaterThan(0);
  expect(await carried('--state-machine-arn', MACHINE)).toBeGreaterThan(0);
  expect(await carried()).toBe(0);
  expect([...s3.buckets.get(BUCKET)!.keys('')]).toEqual(before);
  const typical = await iamAudit(['estimate', '--principals', '5', '--stack', 'IamAudit']);
  expect([typical.code, typical.stderr]).toEqual([2, expect.stringContaining('so --stack must be omitted')]);
});

test('start --json prints the started run, without waiting for its end', async () => {
  await deploy();
  const { stdout, stderr, code } = await iamAudit(['start', '--json']);
  const started = JSON.parse(stdout) as StartedRun;
  expectSchema('start', started);
  expect(stderr).toContain(`Started run ${started.runId}: ${started.execution}`);
  expect(code).toBe(0);
});

test('after Ctrl-C the run continues; the message says how to follow and stop it; a second start is refused', async () => {
  await deploy();
  let interrupted = false;
  const followed = await iamAudit(['start', '--wait'], (child, stderr) => {
    if (interrupted || !stderr.includes('Started run')) return;
    interrupted = true;
    setTimeout(() => child.kill('SIGINT'), 500);
  });
  const runId = /Started run (\S+):/.exec(followed.stderr)?.[1];
  expect(followed.stderr).toContain(`Follow it: iam-audit status --run ${runId!}`);
  expect(followed.stderr).toContain('aws stepfunctions stop-execution --execution-arn arn:aws:states:');
  expect(followed.code).toBe(130);

  const again = await iamAudit(['start']);
  expect(again.stderr).toMatch(/^A run is already in progress: manual-.*, since .*stop-execution/);
  expect(again.code).toBe(1);

  const running = await iamAudit(['status']);
  expect(running.stdout).toContain(`Run ${runId!} has been in progress since`);
  await plane.settled();
  const done = await iamAudit(['status', '--run', runId!]);
  expect(done.stdout).toContain('COMPLETE: 4 principals');
});

test('for a run with a stopped execution, status says that it was interrupted and how to continue it', async () => {
  await deploy();
  const runId = '20260401T040000Z-abcdef';
  const bucket = s3.buckets.get(BUCKET)!;
  const put = (key: string, value: unknown): string =>
    bucket.put(key, Buffer.from(JSON.stringify(value)), 'application/json', { ifMatch: null, ifNoneMatch: null });
  put(objects.claim, {
    execution: `${MACHINE.replace(':stateMachine:', ':execution:')}:gone`,
    runId,
    scheduledDay: null,
    lastScheduledDay: null,
    released: false,
    interrupted: null,
  });
  const none = { total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 };
  put(objects.run(runId), {
    schemaVersion: 1,
    runId,
    startedAt: '2026-04-01T04:00:00Z',
    finishedAt: null,
    status: 'RUNNING',
    scope: { accounts: 'all', principals: 'all' },
    accounts: [],
    principals: none,
    calls: {},
    cost: { stepFunctions: 0, lambda: 0, total: 0 },
  });
  const { code, stdout } = await iamAudit(['status']);
  expect(stdout).toContain(
    `Run ${runId} was interrupted (FORGOTTEN). Its results are kept. Continue it with --resume ${runId}`,
  );
  expect(code).toBe(1);
});

test('the Region of the profile is used, as cdk uses it', async () => {
  await deploy({ stacks: [] });
  const folder = temporaryFolder('config');
  const file = join(folder, 'config');
  writeFileSync(
    file,
    '[default]\nregion = eu-central-1\n[profile other]\nregion = eu-west-3\naws_access_key_id = A\naws_secret_access_key = b\n',
  );
  const environment = { AWS_REGION: undefined, AWS_CONFIG_FILE: file };
  const byDefault = await iamAudit(['status'], undefined, environment);
  expect(byDefault.stderr).toContain('No stack of iam-audit is deployed in eu-central-1');
  const keyless = { ...environment, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  const named = await iamAudit(['status', '--profile', 'other'], undefined, keyless);
  expect(named.stderr).toContain('No stack of iam-audit is deployed in eu-west-3');
  const none = await iamAudit(['status'], undefined, { AWS_REGION: undefined });
  expect(none.stderr).toContain('Set one with --region, with AWS_REGION or in ~/.aws/config.');
});

test('for a refused input, start prints the reason', async () => {
  await deploy();
  const { code, stderr } = await iamAudit(['start', '--wait', '--resume', '20261123T040000Z-abcdef']);
  expect(stderr).toContain('The run was refused: resume:');
  expect(stderr).toContain('there is no run 20261123T040000Z-abcdef');
  expect(code).toBe(2);
});

test('a refused start is reported even without --wait, and status shows the reason', async () => {
  await deploy();
  const { code, stderr } = await iamAudit(['start', '--resume', '20261123T040000Z-abcdef']);
  expect(stderr).toContain('The run was refused: resume: there is no run 20261123T040000Z-abcdef');
  expect(code).toBe(2);
  const runId = /Started run (\S+):/.exec(stderr)![1]!;
  const status = await iamAudit(['status', '--run', runId]);
  expect(status.stderr).toContain(`Run ${runId} was refused: resume: there is no run`);
  expect(status.code).toBe(1);
});

test.each([
  ['an error of a function', JSON.stringify({ errorMessage: 'no bucket' }), ' before it was planned: no bucket\n'],
  [
    'an error of the workflow',
    'The state has no transition.',
    ' before it was planned: The state has no transition.\n',
  ],
  ['no cause', '', ' before it was planned.\n'],
])('for a run whose execution failed before it was planned, status gives the reason: %s', async (_name, cause, end) => {
  await deploy({
    run: () =>
      Promise.resolve({
        ...{ status: 'FAILED', error: 'States.TaskFailed', transitions: 1 },
        // An execution without a cause is described without this field.
        ...({ cause: cause === '' ? undefined : cause } as { cause: string }),
      }),
  });
  const { stderr } = await iamAudit(['start']);
  const runId = /Started run (\S+):/.exec(stderr)![1]!;
  const status = await iamAudit(['status', '--run', runId]);
  expect([status.code, status.stdout]).toEqual([1, '']);
  expect(status.stderr).toBe(`Run ${runId} ended with status FAILED${end}`);
});

test('a start names the run in progress, not the scheduled execution that waits until this run ends', async () => {
  const ends: (() => void)[] = [];
  await deploy({
    run: () =>
      new Promise((resolve) => {
        ends.push(() => {
          resolve({ status: 'SUCCEEDED', output: {}, transitions: 0 });
        });
      }),
  });
  const sfn = new SFNClient({
    region: 'eu-west-1',
    endpoint: plane.url,
    credentials: { accessKeyId: 'scheduler', secretAccessKey: 'scheduler' },
  });
  const begin = async (name: string): Promise<StartExecutionCommandOutput> =>
    sfn.send(new StartExecutionCommand({ stateMachineArn: MACHINE, name, input: '{}' }));
  const execution = (await begin('manual-1')).executionArn!;
  const startedAt = (await begin('scheduled-1')).startDate!.toISOString();
  sfn.destroy();
  const claim = { runId: '20261123T030000Z-aaaaaa', execution, scheduledDay: null, lastScheduledDay: null };
  await new S3Store({ client, bucket: BUCKET }).write(
    objects.claim,
    JSON.stringify({ ...claim, released: false, interrupted: null }),
  );
  const { code, stderr } = await iamAudit(['start']);
  expect(stderr).toMatch(/A run is already in progress: manual-1, .*execution:IamAudit:manual-1\n/);
  expect(stderr).toMatch(/scheduled-1, started by the schedule at .*, waits until this run ends\.\n/);
  expect(code).toBe(1);
  const waiting = await iamAudit(['status', '--run', await runIdOf('scheduled-1', startedAt)]);
  expect(waiting.stderr).toContain('waits for the end of another run (scheduled-1, since ');
  for (const end of ends) end();
});

test.each<[string, Partial<ControlPlaneSettings>, string[], string]>([
  [
    'no such stack',
    {},
    ['status', '--stack', 'Other'],
    'There is no stack Other in eu-west-1. Stacks of iam-audit there: IamAudit.',
  ],
  [
    'a stack of another product',
    { stacks: [{ name: 'Web', description: 'Another', outputs }] },
    ['status', '--stack', 'Web'],
    'The stack Web is not a stack of iam-audit',
  ],
  [
    'none deployed',
    { stacks: [] },
    ['status'],
    'No stack of iam-audit is deployed in eu-west-1. Choose another Region',
  ],
  [
    'several',
    { stacks: [stack, { name: 'Staging', description, outputs }] },
    ['status'],
    'There are 2 stacks of iam-audit (IamAudit, Staging). Choose one with --stack.',
  ],
  [
    'the only one was rolled back',
    { stacks: [{ ...stack, status: 'ROLLBACK_COMPLETE' }] },
    ['start'],
    'or deploy the stack (docs/deploy.md). Ignored: IamAudit (ROLLBACK_COMPLETE: its creation failed and was rolled back: deploy again).',
  ],
  [
    'a named stack that is being deleted',
    { stacks: [{ ...stack, status: 'DELETE_IN_PROGRESS' }] },
    ['status', '--stack', 'IamAudit'],
    "The stack IamAudit can't be used (DELETE_IN_PROGRESS: it is being deleted).",
  ],
  [
    'one stack and another that is being deleted',
    { stacks: [stack, { name: 'Old', description, outputs, status: 'DELETE_IN_PROGRESS' }] },
    ['status'],
    'There is no run in results yet.',
  ],
  [
    'a state machine that is being deleted',
    { stateMachineStatus: 'DELETING' },
    ['status', '--state-machine-arn', MACHINE],
    `The state machine ${MACHINE} is being deleted.`,
  ],
  [
    'no permission to find it',
    { denied: ['cloudformation:DescribeStacks'] },
    ['status'],
    'is not authorized to perform: cloudformation:DescribeStacks); docs/deploy.md lists the permissions that an operator needs.',
  ],
  [
    'no permission to start it',
    { denied: ['states:StartExecution'] },
    ['start'],
    'is not authorized to perform: states:StartExecution); docs/deploy.md lists',
  ],
  [
    'no such state machine',
    {},
    ['start', '--state-machine-arn', `${MACHINE}x`],
    `There is no state machine ${MACHINE}x.`,
  ],
  ['no run yet', {}, ['status'], 'There is no run in results yet.'],
  [
    'no such run',
    {},
    ['report', '--run', '20261123T040000Z-abcdef'],
    'There is no run 20261123T040000Z-abcdef in results.',
  ],
])('%s: one line on standard error, exit code 1', async (_name, settings, args, sentence) => {
  await deploy(settings);
  const { code, stderr } = await iamAudit(args);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain(sentence);
  expect(code).toBe(1);
});

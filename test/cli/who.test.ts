import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WhoAnswer } from '../../core/contract/answers/who.ts';
import { objects } from '../../core/contract/objects.ts';
import type { PolicyLine } from '../../core/contract/policies.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { expectSchema } from '../support/json-schemas.ts';
import { principalRecord } from '../support/principal-record.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(30_000);

const root = join(__dirname, '../..');
const ACCOUNT = '111122223333';
const FAILED = '111122223334';
const RUN = '20261125T040000Z-abcdef';
const PASS = 'iam:PassRole';

let folder = '';
beforeEach(() => {
  folder = temporaryFolder('who');
});

const ask = (command: string, ...args: string[]) =>
  spawnSync(process.execPath, [COMMAND_LINE, command, '--out', folder, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' },
  });

const who = (...args: string[]) => ask('who', ...args);

const records = [
  principalRecord({
    name: 'deploy',
    allowed: [PASS],
    services: { iam: { last: '2026-11-20T00:00:00.000Z', actions: { GetRole: null } }, s3: '2026-11-19T00:00:00.000Z' },
  }),
  principalRecord({ name: 'quiet' }),
  principalRecord({
    name: 'gone',
    status: 'FAILED',
    permissionsStatus: 'FAILED',
    lastAccessedStatus: 'FAILED',
    problems: [{ step: 'permissions', code: 'NoSuchEntity', message: 'It is\u001b[2J\u009b gone.' }],
  }),
];

async function stored({ policies = true } = {}): Promise<void> {
  const store = new FolderStore({ folder });
  const counts = { total: 3, complete: 2, partial: 0, failed: 1, carriedForward: 0 };
  const none = { total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 };
  const run = {
    schemaVersion: 1,
    runId: RUN,
    startedAt: '2026-11-25T04:00:00.000Z',
    finishedAt: '2026-11-25T05:00:00.000Z',
    status: 'PARTIAL',
    scope: { accounts: 'all', principals: 'all' },
    accounts: [
      { accountId: ACCOUNT, status: 'PARTIAL', principals: counts },
      { accountId: FAILED, status: 'FAILED', principals: none, error: { code: 'AccessDenied', message: 'no' } },
    ],
    principals: counts,
    calls: {},
    cost: { stepFunctions: 0, lambda: 0, total: 0 },
  };
  await store.write(objects.run(RUN), JSON.stringify(run));
  await store.write(objects.latest, JSON.stringify({ runId: RUN }));
  const accounts = [ACCOUNT, FAILED].map((accountId) => JSON.stringify({ accountId, resumeFrom: null }));
  await store.writeLines(objects.accounts(RUN), accounts);
  await store.writeLines(
    objects.principals(RUN, ACCOUNT),
    records.map((record) => JSON.stringify(record)),
  );
  if (!policies) return;
  const Statement = [{ Sid: 'All', Effect: 'Allow', Action: ['iam:*', 's3:*'], Resource: '*' }];
  const lines = records.map(({ arn, name }): PolicyLine => ({
    kind: 'principal',
    arn,
    inline:
      name === 'deploy'
        ? [{ name: 'p\u001b[31m', document: JSON.stringify({ Version: '2012-10-17', Statement }) }]
        : [],
    attached: [],
    groups: [],
    boundary: null,
    trust: null,
    instanceProfiles: null,
  }));
  await store.writeLines(
    objects.policies(RUN, ACCOUNT),
    lines.map((line) => JSON.stringify(line)),
  );
}

test('the table shows principals, policies and last use; principals without an answer come last', async () => {
  await stored();
  const { stdout, stderr, status } = who('iam:passrole');
  expect(status).toBe(3);
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^PRINCIPAL +ALLOWED +BY +LAST USED$/),
    expect.stringMatching(
      /^arn:aws:iam::111122223333:role\/deploy +yes +inline policy p\\x1b\[31m \(All\) +not known$/,
    ),
    '1 principal can do iam:PassRole.',
    'Not known for 1 principal:',
    '  arn:aws:iam::111122223333:role/gone: NoSuchEntity: It is\\x1b[2J\\x9b gone.',
    'Accounts with incomplete evidence:',
    '  111122223334: AccessDenied: no',
    '',
  ]);
  expect(stderr.trim()).toBe(`Source: run ${RUN} (PARTIAL).`);
});

test('an action that is not simulated is answered by evaluating policies, and the output says so, also as JSON', async () => {
  await stored();
  const { stdout, stderr, status } = who(
    ...['s3:ListBucket', '--resource', 'arn:aws:s3:::b', '--resource-account', ACCOUNT, '--json'],
  );
  expect(status).toBe(3);
  expect(stdout).not.toMatch(/[\u001b\u009b]/);
  expectSchema('who', JSON.parse(stdout));
  expect(JSON.parse(stdout) as WhoAnswer).toEqual({
    schemaVersion: 1,
    runId: RUN,
    status: 'PARTIAL',
    action: 's3:ListBucket',
    resource: 'arn:aws:s3:::b',
    simulated: false,
    principals: [
      {
        accountId: ACCOUNT,
        principalArn: records[0]!.arn,
        how: 'allowed',
        basis: 'evaluation',
        resources: null,
        conditions: [],
        grounds: [{ policy: 'inline policy p\u001b[31m', statement: 'All' }],
        lastUsed: { kind: 'at', time: '2026-11-19T00:00:00.000Z', level: 'service' },
      },
    ],
    notKnown: [{ principalArn: records[2]!.arn, reason: 'NoSuchEntity: It is\u001b[2J\u009b gone.' }],
    accountsNotKnown: [{ accountId: FAILED, reason: 'AccessDenied: no' }],
    withoutPolicies: [],
    notes: [],
  });
  expect(stderr).toContain("s3:ListBucket is not answered by AWS's simulation");
});

test('who can do it only under conditions is counted, and what the answer leaves out is said', async () => {
  await stored();
  const { stdout } = who('s3:ListBucket', '--resource', 'arn:aws:s3:::b');
  expect(stdout).toContain('1 principal can do s3:ListBucket on arn:aws:s3:::b, 1 of them under conditions.\n');
  expect(who('kms:Decrypt').stderr).toContain('A key policy must also let IAM policies decide');
});

test('a damaged object names the run that cannot answer', async () => {
  await stored();
  await new FolderStore({ folder }).write(objects.run(RUN), '{"schemaVersion": 1');
  const { stderr, status } = who(PASS, '--run', RUN);
  expect([status, stderr]).toEqual([1, expect.stringContaining(`So run ${RUN} can't answer this.`)]);
});

test('records that are not there are not an empty account, and an answer without them is partial', async () => {
  await stored();
  rmSync(join(folder, objects.policies(RUN, ACCOUNT)));
  const without = who(PASS);
  expect([without.status, without.stderr]).toEqual([3, expect.stringContaining(objects.policies(RUN, ACCOUNT))]);
  rmSync(join(folder, objects.principals(RUN, ACCOUNT)));
  const missing = `${objects.principals(RUN, ACCOUNT)} is missing`;
  const all = who(PASS);
  expect([all.status, all.stdout]).toEqual([3, expect.stringContaining(`${ACCOUNT}: ${missing}.`)]);
  for (const command of ['can', 'path']) {
    const { status, stderr } = ask(command, 'deploy');
    expect([status, stderr]).toEqual([2, expect.stringContaining(`${missing}, so the principals of its account`)]);
  }
});

test('policies that were cut off between two lines answer nothing', async () => {
  await stored();
  const path = join(folder, objects.policies(RUN, ACCOUNT));
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  writeFileSync(path, `${lines.slice(0, -1).join('\n')}\n`);
  for (const [command, ...args] of [
    ['who', PASS],
    ['path', 'deploy', '--expect', 'none'],
    ['can', 'deploy'],
  ] as const) {
    const { status, stdout, stderr } = ask(command, ...args);
    expect([command, status]).not.toEqual([command, 0]);
    expect(`${stdout}${stderr}`).toContain(
      `${objects.policies(RUN, ACCOUNT)} can't be used: it has no policies of arn:`,
    );
  }
});

test('for a run without stored policies, the output says what is missing', async () => {
  await stored({ policies: false });
  const simulated = who(PASS);
  expect(simulated.stdout).toMatch(/role\/deploy +yes +not stored/);
  expect(simulated.stderr).toContain(
    `${objects.policies(RUN, ACCOUNT)} is missing: an earlier version wrote the run, or`,
  );
  const other = who('s3:ListBucket');
  expect(other.stdout).toContain('0 principals can do s3:ListBucket.\nNot known for 3 principals:');
});

test.each([
  ['iam:PasRole', 'AWS has no action iam:PasRole. Did you mean iam:PassRole?'],
  ['iamm:PassRole', 'AWS has no service with the prefix iamm, so no action iamm:PassRole. Did you mean iam:PassRole?'],
  ['constructor:foo', 'AWS has no service with the prefix constructor, so no action constructor:foo.'],
  ['sts:constructor', 'AWS has no action sts:constructor.'],
  ['s3:ListBuckets', 'AWS has no action s3:ListBuckets. Did you mean s3:ListBucket?'],
  ['sts:DoNothing', 'AWS has no action sts:DoNothing. Use --any'],
])('%s does not exist: nothing is answered, unless --any is given', async (action, message) => {
  await stored();
  const refused = who(action);
  expect([refused.status, refused.stdout, refused.stderr]).toEqual([2, '', expect.stringContaining(message)]);
  expect(who(action, '--any').status).toBe(3);
});

test.each([
  [['iam:Pass*'], 2, 'one action without wildcards, such as iam:PassRole'],
  [[PASS, '--resource', 'bucket'], 2, 'It must be the ARN of one resource'],
  [[PASS], 1, 'There is no run in'],
  [[PASS, '--run', '20261123T040000Z-abcdef'], 1, 'There is no run 20261123T040000Z-abcdef'],
])('%j ends with %i', (args, code, hint) => {
  const { stderr, status } = who(...args);
  expect([status, stderr]).toEqual([code, expect.stringContaining(hint)]);
});

import type { WhoAnswer } from '../../../core/contract/answers/who.ts';
import { whoCan } from '../../../core/who/who.ts';
import { allow, document, inline, trustIn } from '../../support/policy-documents.ts';
import { readCase } from '../../support/scanned-case.ts';
import { scannedRun, type ScannedRun } from '../../support/scanned-run.ts';

const ask = ({ store, run }: ScannedRun, action: string, resource: string | null = null, resourceAccount?: string) =>
  whoCan(store, run, { action, resource, resourceAccount: resourceAccount ?? null });

const names = ({ principals }: WhoAnswer): string[] =>
  principals.map(({ principalArn, how }) => `${principalArn.split('/').at(-1) ?? ''}${how === 'allowed' ? '' : '?'}`);

const A = '111122223301';
const B = '111122223302';
const hub = {
  id: A,
  users: [
    { name: 'both', inline: inline(allow('sts:AssumeRole')) },
    { name: 'plain' },
    { name: 'reader', inline: inline(allow('s3:GetObject'), allow('sqs:SendMessage'), allow('iam:GetUser')) },
    { name: 'guest', inline: inline(allow('sts:AssumeRole', 'arn:aws:iam::999988887777:role/x')) },
  ],
  roles: [{ name: 'inner', trust: trustIn(`arn:aws:iam::${A}:root`) }],
};
const member = {
  id: B,
  users: [{ name: 'local', inline: inline(allow('*')) }],
  roles: [
    { name: 'named', trust: trustIn(`arn:aws:iam::${A}:user/plain`) },
    { name: 'open', trust: trustIn(A), inline: inline(allow('*')) },
    {
      name: 'external',
      trust: trustIn(`arn:aws:iam::${A}:root`, { StringEquals: { 'sts:ExternalId': 'x' } }),
    },
  ],
};

describe('roles to assume', () => {
  test.each([
    ['who-assume-ignores-trust', 'target', ['trusted']],
    ['who-assume-trust-deny', 'closed', ['caller']],
    ['trust-names-principal', 'vault-keeper', ['worker', 'clerk']],
  ])('%s: only those whose way in is open', async (name, role, expected) => {
    const account = readCase(name) as { id: string };
    const answer = await ask(await scannedRun(account), 'sts:AssumeRole', `arn:aws:iam::${account.id}:role/${role}`);
    expect(names(answer)).toEqual(expected);
    expect(answer.principals[0]).toMatchObject({
      basis: 'evaluation',
      grounds: expect.arrayContaining([{ policy: 'trust policy', statement: 'statement 1' }]) as unknown,
    });
  });

  test('an account that trusts nobody of another account lets nobody of it in', async () => {
    const run = await scannedRun(readCase('who-over-accounts'), readCase('who-assume-ignores-trust'));
    expect(names(await ask(run, 'sts:AssumeRole', 'arn:aws:iam::111122223331:role/mine'))).toEqual(['boss']);
    expect(names(await ask(run, 'iam:PutRolePolicy', 'arn:aws:iam::111122223331:role/mine'))).toEqual(['boss']);
  });

  test('across accounts both sides are needed', async () => {
    const run = await scannedRun(hub, member);
    expect(names(await ask(run, 'sts:AssumeRole', `arn:aws:iam::${B}:role/named`))).toEqual([]);
    expect(names(await ask(run, 'sts:AssumeRole', `arn:aws:iam::${B}:role/open`))).toEqual(['both']);
    const external = await ask(run, 'sts:AssumeRole', `arn:aws:iam::${B}:role/external`);
    expect(names(external)).toEqual(['both?']);
    expect(external.principals[0]?.conditions).toEqual(['sts:externalid']);
  });

  test('without a role, each principal is listed with the roles that let it in', async () => {
    const { principals } = await ask(await scannedRun(hub, member), 'sts:AssumeRole');
    expect(principals.map(({ principalArn, resources, conditions }) => [principalArn, resources, conditions])).toEqual([
      [`arn:aws:iam::${A}:user/both`, [`arn:aws:iam::${A}:role/inner`, `arn:aws:iam::${B}:role/open`], []],
      [
        `arn:aws:iam::${A}:user/guest`,
        ['arn:aws:iam::999988887777:role/x'],
        ['the trust policy of arn:aws:iam::999988887777:role/x allows it (not read)'],
      ],
    ]);
  });

  test('the trust policy of a role outside the run is a condition; a role that does not exist lets nobody in', async () => {
    const run = await scannedRun(hub, member);
    const outside = await ask(run, 'sts:AssumeRole', 'arn:aws:iam::999988887777:role/x');
    expect(names(outside)).toEqual(['both?', 'guest?', 'open?', 'local?']);
    const missing = await ask(run, 'sts:AssumeRole', `arn:aws:iam::${B}:role/none`);
    expect([names(missing), missing.notes]).toEqual([[], [`Account ${B} has no role arn:aws:iam::${B}:role/none.`]]);
  });

  test('a note names whom else the role trusts', async () => {
    const statement = (Principal: object | string) => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });
    const principals = [{ Service: 'ec2.amazonaws.com' }, { AWS: '999988887777' }, { AWS: `arn:aws:iam::${A}:root` }];
    const roles = [{ name: 'shared', trust: document(...principals.map(statement)) }];
    const { notes } = await ask(await scannedRun({ ...hub, roles }), 'sts:AssumeRole', `arn:aws:iam::${A}:role/shared`);
    expect(notes).toEqual([
      'The role also trusts ec2.amazonaws.com and 999988887777: the answer has only users and roles of this run.',
    ]);
  });

  test('a service control policy of the caller’s account counts, also if the trust policy names the caller', async () => {
    const account = readCase('trust-names-principal') as { id: string };
    const deny = document({ Effect: 'Deny', Action: 'sts:AssumeRole', Resource: '*' }, allow('*'));
    const run = await scannedRun({ ...account, scps: [[deny]] });
    expect(names(await ask(run, 'sts:AssumeRole', `arn:aws:iam::${account.id}:role/vault-keeper`))).toEqual([]);
  });
});

describe('resources of accounts', () => {
  test.each<[string, string, string, string | undefined, string[]]>([
    ['IAM of another account is closed', 'iam:GetUser', `arn:aws:iam::${B}:user/local`, undefined, ['local', 'open']],
    ['IAM of an account outside the run', 'iam:GetUser', 'arn:aws:iam::999988887777:user/x', undefined, []],
    [
      'a queue of another account needs its policy too',
      'sqs:SendMessage',
      `arn:aws:sqs:eu-west-1:${B}:q`,
      undefined,
      ['reader?', 'open', 'local'],
    ],
    ['an instance can’t be shared', 'ec2:StopInstances', `arn:aws:ec2:eu-west-1:${A}:instance/i-1`, undefined, []],
    [
      'a subnet can be shared',
      'ec2:RunInstances',
      `arn:aws:ec2:eu-west-1:${A}:subnet/s-1`,
      undefined,
      ['open?', 'local?'],
    ],
    ['a bucket without an account', 's3:GetObject', 'arn:aws:s3:::b/x', undefined, ['reader?', 'open?', 'local?']],
    ['a bucket of a given account', 's3:GetObject', 'arn:aws:s3:::b/x', A, ['reader', 'open?', 'local?']],
  ])('%s', async (_name, action, resource, resourceAccount, expected) => {
    expect(names(await ask(await scannedRun(hub, member), action, resource, resourceAccount)).sort()).toEqual(
      [...expected].sort(),
    );
  });

  test('the condition names the account whose policy was not read', async () => {
    const answer = await ask(await scannedRun(hub, member), 'sqs:SendMessage', `arn:aws:sqs:eu-west-1:${B}:q`);
    expect(answer.principals[0]).toMatchObject({
      principalArn: `arn:aws:iam::${A}:user/reader`,
      how: 'conditional',
      conditions: [`a policy of the resource in account ${B} allows it (not read)`],
    });
  });
});

test('a service control policy that excepts a resource denies only the others', async () => {
  const fix = allow('iam:PutUserPolicy');
  const except = { Effect: 'Deny', Action: 'iam:PutUserPolicy', NotResource: `arn:aws:iam::${A}:user/ops` };
  const run = await scannedRun({
    id: A,
    users: ['ops', 'dev'].map((name) => ({ name, inline: inline(fix) })),
    scps: [[document(allow('*')), document(except)]],
  });
  expect(names(await ask(run, 'iam:PutUserPolicy', `arn:aws:iam::${A}:user/ops`))).toEqual(['dev', 'ops']);
  expect(names(await ask(run, 'iam:PutUserPolicy', `arn:aws:iam::${A}:user/dev`))).toEqual([]);
});

test('nobody of one partition can do anything in another', async () => {
  const run = await scannedRun(hub, member);
  expect(names(await ask(run, 's3:GetObject', 'arn:aws:s3:::data/x'))).toEqual(['reader?', 'open?', 'local?']);
  expect(names(await ask(run, 's3:GetObject', 'arn:aws-cn:s3:::data/x'))).toEqual([]);
});

test('the Region of a resource is that of its ARN, and a bucket’s is not known', async () => {
  const region = { Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } };
  const run = await scannedRun({
    id: A,
    users: [{ name: 'regional', inline: inline(allow(['sqs:SendMessage', 's3:PutObject'], '*', region)) }],
  });
  expect(names(await ask(run, 'sqs:SendMessage', `arn:aws:sqs:us-east-1:${A}:q`))).toEqual([]);
  expect(names(await ask(run, 'sqs:SendMessage', `arn:aws:sqs:eu-west-1:${A}:q`))).toEqual(['regional']);
  const bucket = await ask(run, 's3:PutObject', 'arn:aws:s3:::data/x', A);
  expect(bucket.principals).toMatchObject([{ conditions: ['aws:requestedregion'] }]);
  expect(names(await ask(run, 'sqs:SendMessage'))).toEqual(['regional']);
});

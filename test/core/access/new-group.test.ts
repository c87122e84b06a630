import {
  account,
  administratorPaths,
  iam,
  reads,
  roleOf,
  userOf,
  type Json,
} from '../../support/administrator-paths.ts';
import { allow, document, inline } from '../../support/policy-documents.ts';

const CREATE = 'iam:CreateGroup';
const PUT = 'iam:PutGroupPolicy';
const ATTACH = 'iam:AttachGroupPolicy';
const ADD = 'iam:AddUserToGroup';
const group = (name: string): string => `${iam}group/${name}`;
const deny = (Action: string, Resource: string): Json => ({ Effect: 'Deny', Action, Resource });
const user = (...statements: Json[]): Json => userOf('dev', { inline: inline(...statements) });

const paths = (statements: readonly Json[], more: Parameters<typeof administratorPaths>[0] = {}): Promise<string[]> =>
  administratorPaths({ ...more, users: [user(...statements), ...(more.users ?? [])] });

const BY_PUT = 'certain, create-group-put-policy user/dev';
const BY_ATTACH = 'certain, create-group-attach-policy user/dev';

test('a user creates a group with any policy and becomes a member', async () => {
  expect(await paths([allow([CREATE, PUT, ADD])])).toEqual([BY_PUT]);
  expect(await paths([allow([CREATE, ATTACH, ADD])])).toEqual([BY_ATTACH]);
  for (const two of [
    [CREATE, PUT],
    [CREATE, ADD],
    [PUT, ADD],
    [ATTACH, ADD],
  ])
    expect(await paths([allow(two)])).toEqual([]);
});

test.each<[string, Json[], string[]]>([
  ['one group', [allow([CREATE, PUT, ADD], group('own'))], [BY_PUT]],
  ['groups with a prefix', [allow([CREATE, PUT], group('app-*')), allow(ADD, group('app-x'))], [BY_PUT]],
  ['a prefix and a suffix', [allow(CREATE, group('app-*')), allow([PUT, ADD], group('*-x'))], [BY_PUT]],
  ['different groups', [allow(CREATE, group('a')), allow([PUT, ADD], group('b'))], []],
  ['all groups but those with a prefix', [allow([CREATE, PUT, ADD]), deny(PUT, group('admin-*'))], [BY_PUT]],
  ['no group', [allow([CREATE, PUT, ADD]), deny(ADD, group('*'))], []],
  ['another account', [allow([CREATE, PUT, ADD], 'arn:aws:iam::999999999999:group/x')], []],
  ['no IAM groups', [allow([CREATE, PUT, ADD], `${iam}user/*`)], []],
])('all the actions are allowed on the same new group: %s', async (_name, statements, expected) => {
  expect(await paths(statements)).toEqual(expected);
});

test('a name that is taken is no new group, whatever its path and case', async () => {
  const statements = [allow([CREATE, PUT, ADD], [group('App'), group('x/APP')])];
  expect(await paths(statements, { groups: [{ name: 'other', inline: reads }] })).toEqual([BY_PUT]);
  // The other techniques need a user that is a member already, or a group with permissions.
  expect(await paths(statements, { groups: [{ name: 'app', path: '/y/', inline: reads }] })).toEqual([]);
});

test('conditions on the policy and on the request count', async () => {
  const policies = [{ name: 'narrow', doc: document(allow('sqs:*')) }];
  const only = (arn: string): Json => allow(ATTACH, '*', { Condition: { ArnEquals: { 'iam:PolicyARN': arn } } });
  expect(await paths([allow([CREATE, ADD]), only(`${iam}policy/narrow`)], { policies })).toEqual([]);
  expect(await paths([allow([CREATE, ADD]), only('arn:aws:iam::aws:policy/AdministratorAccess')])).toEqual([BY_ATTACH]);
  const created = [allow('iam:CreatePolicy', `${iam}policy/new`), only(`${iam}policy/new`)];
  expect(await paths([allow([CREATE, ADD]), ...created])).toEqual([BY_ATTACH]);
  const vpc = { Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } };
  expect(await paths([allow([CREATE, PUT]), allow(ADD, '*', vpc)])).toEqual([
    'conditional, create-group-put-policy user/dev',
  ]);
  // IAM's groups have no tags.
  expect(
    await paths([allow([PUT, ADD]), allow(CREATE, '*', { Condition: { StringEquals: { 'aws:RequestTag/a': 'b' } } })]),
  ).toEqual([]);
});

test('a permissions boundary limits what the group gives', async () => {
  const policies = [{ name: 'limit', doc: document(allow(['sqs:*', CREATE, PUT, ADD])) }];
  const users = [userOf('dev', { inline: inline(allow([CREATE, PUT, ADD])), boundary: `${iam}policy/limit` })];
  expect(await administratorPaths({ users, policies })).toEqual([]);
});

test('a role is no member of a group, but gives policies to a user that it acts as', async () => {
  const statements = [allow([CREATE, PUT, ADD])];
  const users = [userOf('target')];
  expect(await administratorPaths({ dev: statements, users })).toEqual([]);
  const found = await administratorPaths({ dev: [...statements, allow('iam:CreateAccessKey')], users });
  expect(found).toEqual(['certain, create-group-put-policy user/target, iam-002 user/target']);
});

test('a role that the user assumes may create the group for it', async () => {
  const statements = [allow('sts:AssumeRole', `${iam}role/helper`)];
  const helper = (...actions: string[]): Json => roleOf('helper', account, { inline: inline(allow(actions)) });
  expect(await paths(statements, { roles: [helper(CREATE, PUT, ADD)] })).toEqual([
    'certain, sts-001 role/helper, create-group-put-policy user/dev',
  ]);
  expect(await paths(statements, { roles: [helper(CREATE, PUT)] })).toEqual([]);
});

test('CloudFormation may create the group for it', async () => {
  const byStack = { Condition: { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'cloudformation.amazonaws.com' } } };
  const stack = allow('cloudformation:CreateStack');
  expect(await paths([allow([CREATE, PUT, ADD], '*', byStack)])).toEqual([]);
  expect(await paths([allow([CREATE, PUT, ADD], '*', byStack), stack])).toEqual([BY_PUT]);
});

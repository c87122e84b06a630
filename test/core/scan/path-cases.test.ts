import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223333';
const awsPolicy = (name: string): string => `arn:aws:iam::aws:policy/${name}`;
const own = (rest: string): string => `arn:aws:iam::${ID}:${rest}`;

const doc = (...Statement: object[]): object => ({ Version: '2012-10-17', Statement });
const statement = (Effect: string, Action: unknown, Resource: unknown = '*', Condition?: object): object => ({
  ...{ Effect, Action, Resource },
  ...(Condition === undefined ? {} : { Condition }),
});
const allow = (action: unknown, resource?: unknown, condition?: object): object =>
  statement('Allow', action, resource, condition);
const deny = (action: unknown, resource?: unknown, condition?: object): object =>
  statement('Deny', action, resource, condition);

const trust = (Principal: unknown, Condition?: object): object =>
  doc({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...(Condition === undefined ? {} : { Condition }) });
const account = { AWS: own('root') };
const lambda = { Service: 'lambda.amazonaws.com' };

const everything = allow('*');
const named = (name: string, statements: object[], more: object = {}): object => ({
  name,
  inline: statements.length === 0 ? [] : [{ name: 'p', doc: doc(...statements) }],
  ...more,
});
const role = (name: string, trusts: object, statements: object[], more: object = {}): object =>
  named(name, statements, { trust: trusts, ...more });

/** The severity of the finding about each principal's paths. */
async function pathsIn(given: object): Promise<Record<string, string>> {
  const { findings } = await scanned({ id: ID, ...given });
  const paths = findings.filter(({ rule }) => rule === 'escalation-path');
  return Object.fromEntries(
    paths.map(({ principalArn, severity }) => [principalArn.split('/').at(-1) ?? '', severity]),
  );
}

test('a caller chooses a session name that its own variables ask for', async () => {
  const isOwnName = { StringEquals: { 'sts:RoleSessionName': '${aws:username}' } };
  const found = await pathsIn({
    users: [
      named('by-trust', [allow('sts:AssumeRole', own('role/named'))]),
      named('by-policy', [allow('sts:AssumeRole', own('role/plain'), isOwnName)]),
      named('by-absent-tag', [
        allow('sts:AssumeRole', own('role/plain'), {
          StringEquals: { 'sts:RoleSessionName': '${aws:PrincipalTag/alias}' },
        }),
      ]),
      named('by-short-session', [
        allow('sts:AssumeRole', own('role/plain'), { NumericLessThan: { 'sts:DurationSeconds': '3600' } }),
      ]),
    ],
    roles: [role('named', trust(account, isOwnName), [everything]), role('plain', trust(account), [everything])],
  });
  expect(found).toEqual({ 'by-trust': 'critical', 'by-policy': 'critical', 'by-short-session': 'critical' });
});

test('a caller tags what it creates as its own variables ask', async () => {
  const creates = (condition: object): object[] => [
    allow('lambda:CreateFunction', '*', condition),
    allow(['lambda:InvokeFunction', 'lambda:TagResource', 'iam:PassRole']),
  ];
  const ownTeam = { StringEquals: { 'aws:RequestTag/team': '${aws:PrincipalTag/team}' } };
  const found = await pathsIn({
    users: [
      named('of-team', creates(ownTeam), { tags: { team: 'shop' } }),
      named('of-no-team', creates(ownTeam)),
      named(
        'owner',
        creates({
          StringEquals: { 'aws:RequestTag/owner': '${aws:username}' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['owner'] },
        }),
      ),
    ],
    roles: [role('engine', trust(lambda), [everything])],
  });
  expect(found).toEqual({ 'of-team': 'critical', owner: 'critical' });
});

test('of the policies that give everything, any that a condition allows is attached to another principal', async () => {
  const which = (arn: string): object => ({ ArnEquals: { 'iam:PolicyARN': arn } });
  const assumes = allow('sts:AssumeRole', own('role/plain'));
  const found = await pathsIn({
    users: [
      named('own-admin-only', [
        allow('iam:AttachRolePolicy', own('role/plain'), which(own('policy/ops-admin'))),
        assumes,
      ]),
      named('not-the-known-one', [
        allow('iam:AttachRolePolicy', own('role/plain')),
        deny('iam:AttachRolePolicy', '*', which(awsPolicy('AdministratorAccess'))),
        assumes,
      ]),
      named('read-only', [
        allow('iam:AttachRolePolicy', own('role/plain'), which(awsPolicy('ReadOnlyAccess'))),
        assumes,
      ]),
    ],
    roles: [role('plain', trust(account), [allow('sqs:*')])],
    policies: [{ name: 'ops-admin', doc: doc(everything) }],
  });
  expect(found).toEqual({ 'own-admin-only': 'critical', 'not-the-known-one': 'critical' });
});

test('a new role may have any of the boundaries that a condition allows', async () => {
  const creates = (operator: string, boundary: unknown): object[] => [
    allow(['iam:CreateRole', 'iam:PutRolePolicy'], '*', { [operator]: { 'iam:PermissionsBoundary': boundary } }),
  ];
  const found = await pathsIn({
    users: [
      named('only-narrow', creates('StringEquals', own('policy/narrow'))),
      named('narrow-or-wide', creates('StringEquals', [own('policy/narrow'), own('policy/wide')])),
      named('pattern', creates('StringLike', own('policy/w*'))),
      named('administrator', creates('StringEquals', awsPolicy('AdministratorAccess'))),
      named('narrow-pattern', creates('StringLike', own('policy/n*'))),
    ],
    policies: [
      { name: 'narrow', doc: doc(allow('sqs:*')) },
      { name: 'wide', doc: doc(everything) },
    ],
  });
  expect(found).toEqual({ 'narrow-or-wide': 'critical', pattern: 'critical', administrator: 'critical' });
});

test('a policy that is only the boundary may be changed, and lifted', async () => {
  const boundary = (name: string): object => ({ boundary: own(`policy/${name}`) });
  const found = await pathsIn({
    users: [
      named('rewriter', [everything], boundary('rewritable')),
      named('restorer', [everything], boundary('restorable')),
      named('without-more', [allow(['sqs:*', 'iam:CreatePolicyVersion'])], boundary('rewritable')),
    ],
    policies: [
      { name: 'rewritable', doc: doc(allow(['sqs:*', 'iam:CreatePolicyVersion'])) },
      { name: 'restorable', doc: doc(allow('iam:SetDefaultPolicyVersion')), versions: [doc(everything)] },
    ],
  });
  expect(found).toEqual({ rewriter: 'critical', restorer: 'critical' });
});

test('a boundary that denies is lifted like one that does not allow', async () => {
  const most = ['iam:Put*', 'iam:Attach*', 'iam:Create*', 'iam:Add*', 'iam:Update*', 'iam:Set*', 'iam:Detach*'];
  const found = await pathsIn({
    users: [
      named('own', [everything], { boundary: own('policy/denies') }),
      named('other', [allow(['iam:DeleteRolePermissionsBoundary', 'sts:AssumeRole'], own('role/capped'))]),
      named('without-more', [allow(['sqs:*', 'iam:DeleteUserPermissionsBoundary'])], {
        boundary: own('policy/denies'),
      }),
    ],
    roles: [role('capped', trust(account), [everything], { boundary: own('policy/no-iam') })],
    policies: [
      { name: 'denies', doc: doc(everything, deny([...most, 'sts:*', 'iam:PassRole', 'iam:DeleteUserPolicy'])) },
      { name: 'no-iam', doc: doc(everything, deny('iam:*')) },
    ],
  });
  expect(found).toEqual({ own: 'critical', other: 'critical' });
});

test.each([
  ['its ARN', deny('iam:*', '*', { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/ops' } })],
  ['the resource', { Effect: 'Deny', Action: 'iam:PutUserPolicy', NotResource: own('user/ops') }],
])('a service control policy that excepts a principal by %s does not limit it', async (_name, denial) => {
  const found = await pathsIn({
    users: [named('ops', [allow('iam:PutUserPolicy')]), named('dev', [allow('iam:PutUserPolicy')])],
    scps: [[doc(everything)], [doc(everything), doc(denial)]],
  });
  expect(found).toEqual({ ops: 'critical' });
});

test('a policy whose content is not known accuses nobody; AdministratorAccess is known', async () => {
  const { findings, records } = await scanned({
    id: ID,
    users: [
      { name: 'reader', managed: [awsPolicy('ReadOnlyAccess')] },
      { name: 'lost', managed: [own('policy/not-in-the-file')] },
      { name: 'chief', managed: [awsPolicy('AdministratorAccess')] },
      named('with-mfa', [allow('iam:PutUserPolicy', '*', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } })], {
        managed: [awsPolicy('ReadOnlyAccess')],
      }),
    ],
  });
  expect(findings.map(({ rule, principalArn }) => [rule, principalArn])).toEqual([
    ['administrator', own('user/chief')],
    ['escalation-path', own('user/with-mfa')],
  ]);
  expect(records.map(({ permissions }) => permissions.status)).toEqual(['PARTIAL', 'PARTIAL', 'COMPLETE', 'PARTIAL']);
});

test('a variable in the resource of what is created means the creator', async () => {
  const functions = 'arn:aws:lambda:*:*:function:${aws:username}-*';
  const found = await pathsIn({
    users: [
      named('ann', [allow(['lambda:CreateFunction', 'lambda:InvokeFunction'], functions), allow('iam:PassRole')]),
      named('bob', [allow(['iam:CreateRole', 'iam:PutRolePolicy'], own('role/${aws:username}/*'))]),
      named('cat', [allow(['iam:CreateRole', 'iam:PutRolePolicy'], own('role/${aws:PrincipalTag/team}/*'))]),
    ],
    roles: [role('engine', trust(lambda), [everything])],
  });
  expect(found).toEqual({ ann: 'critical', bob: 'critical' });
});

test('a role may be passed only for resources of the service', async () => {
  const passes = (resource: string): object[] => [
    allow(['lambda:CreateFunction', 'lambda:InvokeFunction']),
    allow('iam:PassRole', '*', { ArnLike: { 'iam:AssociatedResourceArn': resource } }),
  ];
  const found = await pathsIn({
    users: [
      named('for-functions', passes(`arn:aws:lambda:*:${ID}:function:*`)),
      named('for-instances', passes(`arn:aws:ec2:*:${ID}:instance/*`)),
    ],
    roles: [role('engine', trust(lambda), [everything])],
  });
  expect(found).toEqual({ 'for-functions': 'critical' });
});

test('a principal that acts as a user gains nothing if the user may only manage its own credentials', async () => {
  const keys = ['iam:CreateAccessKey', 'iam:CreateLoginProfile', 'iam:UpdateLoginProfile'];
  const found = await pathsIn({
    users: [
      named('self-service', [allow(keys, own('user/${aws:username}'))]),
      named('helper', [allow('iam:CreateAccessKey', own('user/self-service'))]),
      named('assumer', [allow('sts:AssumeRole', own('role/help-desk'))]),
    ],
    roles: [role('help-desk', trust(account), [allow('iam:CreateAccessKey', own('user/self-service'))])],
  });
  expect(found).toEqual({ assumer: 'high' });
});

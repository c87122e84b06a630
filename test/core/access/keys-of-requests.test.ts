import { allow, document as policy, trustOf } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223393';
const arn = (rest: string): string => `arn:aws:iam::${ID}:${rest}`;

type Json = Readonly<Record<string, unknown>>;
const deny = (Action: unknown, Resource: unknown, Condition: Json): Json => ({
  ...{ Effect: 'Deny', Action, Resource, Condition },
});
const only = (Action: unknown, Condition: Json, Resource: unknown = '*'): Json =>
  allow(Action, Resource, { Condition });

/** How certain it is that a user who may pass the administrator role of a service becomes an administrator; null: it can't. */
async function certainty(service: string, ...statements: Json[]): Promise<unknown> {
  const { findings } = await scanned({
    id: ID,
    users: [
      {
        name: 'ann',
        inline: [{ name: 'own', doc: policy(allow('iam:PassRole', arn('role/boss')), ...statements) }],
        cred: { access_key_1_active: 'true', access_key_1_last_used_date: 1 },
      },
    ],
    roles: [
      {
        name: 'boss',
        trust: trustOf({ Service: `${service}.amazonaws.com` }),
        inline: [{ name: 'all', doc: policy(allow('*')) }],
        instanceProfiles: service === 'ec2' ? ['web'] : [],
      },
    ],
  });
  const found = findings.find(({ rule, principalArn }) => rule === 'escalation-path' && principalArn.endsWith('/ann'));
  return found === undefined ? null : found.evidence['certainty'];
}

const STACK = 'cloudformation:CreateStack';
const PROJECT = ['codebuild:CreateProject', 'codebuild:StartBuild'];
const RUN = 'ec2:RunInstances';
const INSTANCES = 'arn:aws:ec2:*:*:instance/*';

test.each<[string, string, Json[], unknown]>([
  [
    'a stack with this role',
    'cloudformation',
    [only(STACK, { ArnEquals: { 'cloudformation:RoleArn': arn('role/boss') } })],
    'certain',
  ],
  [
    'a stack with another role',
    'cloudformation',
    [only(STACK, { ArnEquals: { 'cloudformation:RoleArn': arn('role/other') } })],
    null,
  ],
  [
    'a stack without a role',
    'cloudformation',
    [allow(STACK), deny(STACK, '*', { Null: { 'cloudformation:RoleArn': 'false' } })],
    null,
  ],
  [
    'a project with this role',
    'codebuild',
    [only(PROJECT, { ArnLikeIfExists: { 'codebuild:serviceRole': arn('role/b*') } })],
    'certain',
  ],
  [
    'a project with another role, or a build of an existing project',
    'codebuild',
    [only(PROJECT, { ArnLikeIfExists: { 'codebuild:serviceRole': arn('role/x*') } })],
    'possible',
  ],
  [
    'an instance with this profile',
    'ec2',
    [allow(RUN), deny(RUN, INSTANCES, { ArnNotEquals: { 'ec2:InstanceProfile': arn('instance-profile/web') } })],
    'certain',
  ],
  [
    'an instance with this profile, which has a path',
    'ec2',
    [allow(RUN), deny(RUN, INSTANCES, { ArnNotEquals: { 'ec2:InstanceProfile': arn('instance-profile/a/web') } })],
    'certain',
  ],
  [
    'an instance with another profile',
    'ec2',
    [allow(RUN), deny(RUN, INSTANCES, { ArnNotEquals: { 'ec2:InstanceProfile': arn('instance-profile/db') } })],
    null,
  ],
  [
    'another profile, to which the role may be added',
    'ec2',
    [
      allow([RUN, 'iam:CreateInstanceProfile', 'iam:AddRoleToInstanceProfile']),
      deny(RUN, INSTANCES, { ArnNotEquals: { 'ec2:InstanceProfile': arn('instance-profile/db') } }),
    ],
    'conditional',
  ],
])('a condition on the role of the request is judged: %s', async (_name, service, statements, expected) => {
  expect(await certainty(service, ...statements)).toBe(expected);
});

test.each<[string, string, Json[], unknown]>([
  [
    'a small instance',
    'ec2',
    [allow(RUN), deny(RUN, INSTANCES, { StringNotEquals: { 'ec2:InstanceType': 't3.micro' } })],
    'certain',
  ],
  ['a subnet', 'ec2', [allow(RUN), deny(RUN, '*', { StringNotEquals: { 'ec2:Subnet': 'subnet-1' } })], 'conditional'],
])(
  'what a request creates is chosen by the caller, not what it uses: %s',
  async (_name, service, statements, expected) => {
    expect(await certainty(service, ...statements)).toBe(expected);
  },
);

const TAGGED = { StringEquals: { 'aws:RequestTag/team': 'a' } };

test.each<[string, string, Json[], unknown]>([
  [
    'instances, without ec2:CreateTags',
    'ec2',
    [only(RUN, TAGGED, INSTANCES), { Effect: 'Allow', Action: RUN, NotResource: INSTANCES }],
    null,
  ],
  [
    'instances',
    'ec2',
    [
      only(RUN, TAGGED, INSTANCES),
      { Effect: 'Allow', Action: RUN, NotResource: INSTANCES },
      only('ec2:CreateTags', { StringEquals: { 'ec2:CreateAction': 'RunInstances' } }),
    ],
    'certain',
  ],
  [
    'functions, without lambda:TagResource',
    'lambda',
    [only('lambda:CreateFunction', TAGGED), allow('lambda:InvokeFunction')],
    null,
  ],
  [
    'functions',
    'lambda',
    [only('lambda:CreateFunction', TAGGED), allow(['lambda:InvokeFunction', 'lambda:TagResource'])],
    'certain',
  ],
  [
    'functions with or without tags',
    'lambda',
    [
      only('lambda:CreateFunction', { StringEqualsIfExists: { 'aws:RequestTag/team': 'a' } }),
      allow('lambda:InvokeFunction'),
    ],
    'certain',
  ],
])('who must set tags on what it creates needs the permission to: %s', async (_name, service, statements, expected) => {
  expect(await certainty(service, ...statements)).toBe(expected);
});

const FUNCTION = ['lambda:CreateFunction', 'lambda:InvokeFunction', 'lambda:TagResource'];
const JOB = ['glue:CreateJob', 'glue:StartJobRun', 'glue:TagResource'];
const INVOCATION = ['lambda:InvokeFunction', 'lambda:TagResource'];

test.each<[string, string, Json[], unknown]>([
  ['an Allow needs a tag', 'lambda', [only(FUNCTION, TAGGED)], null],
  [
    'an Allow needs a tag key',
    'lambda',
    [only(FUNCTION, { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['team'] } })],
    null,
  ],
  ['an Allow needs a tag, of a job', 'glue', [only(JOB, TAGGED)], null],
  [
    'an Allow needs a tag where there is one',
    'lambda',
    [only(FUNCTION, { StringEqualsIfExists: { 'aws:RequestTag/team': 'a' } })],
    'certain',
  ],
  [
    'a Deny applies without a tag',
    'lambda',
    [allow(FUNCTION), deny('lambda:*', '*', { Null: { 'aws:RequestTag/team': 'true' } })],
    null,
  ],
  [
    'a Deny applies to the creation without a tag',
    'lambda',
    [allow(FUNCTION), deny('lambda:CreateFunction', '*', { Null: { 'aws:RequestTag/team': 'true' } })],
    'certain',
  ],
  [
    'a Deny of the invocation needs a tag',
    'lambda',
    [only('lambda:CreateFunction', TAGGED), allow(INVOCATION), deny(INVOCATION[0], '*', TAGGED)],
    'certain',
  ],
])('the invocation of what a caller created has no tags: %s', async (_name, service, statements, expected) => {
  expect(await certainty(service, ...statements)).toBe(expected);
});

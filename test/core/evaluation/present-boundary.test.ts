import { allow, document as policy, inline, trustIn } from '../../support/policy-documents.ts';
import { findingsAbout, scanned } from '../../support/scanned-case.ts';

const ID = '111122223398';
const arn = (rest: string): string => `arn:aws:iam::${ID}:${rest}`;
const only = (name: string) => ({ Condition: { StringEquals: { 'iam:PermissionsBoundary': arn(`policy/${name}`) } } });
const reads = inline(allow('s3:*'));
const policies = [
  { name: 'narrow', doc: policy(allow('s3:*')) },
  { name: 'wide', doc: policy(allow('*')) },
];

/** The escalation paths of a user with these statements: to the role `work`, which has a boundary or none. */
async function paths(boundary: string | null, ...statements: Parameters<typeof inline>): Promise<string[]> {
  const result = await scanned({
    id: ID,
    users: [{ name: 'mover', inline: inline(...statements, allow('s3:*')), la: {} }],
    roles: [
      {
        name: 'work',
        trust: trustIn(arn('root')),
        inline: reads,
        ...(boundary === null ? {} : { boundary: arn(`policy/${boundary}`) }),
      },
      { name: 'other', trust: trustIn(arn('root')), inline: reads },
    ],
    policies,
  });
  return findingsAbout(result, 'mover').filter((one) => one.includes('escalation-path'));
}

const roles = [arn('role/work'), arn('role/other')];
const assume = allow('sts:AssumeRole', roles);

test.each(['iam:PutRolePolicy', 'iam:AttachRolePolicy'])(
  '%s compares the boundary that the role has',
  async (action) => {
    expect(await paths('wide', allow(action, roles, only('wide')), assume)).toEqual([
      expect.stringMatching(/^critical escalation-path: User mover can become an administrator/),
    ]);
    expect(await paths(null, allow(action, roles, only('wide')), assume)).toEqual([]);
    expect(await paths('narrow', allow(action, roles, only('wide')), assume)).toEqual([]);
    expect(await paths('narrow', allow(action, roles, only('narrow')), assume)).toEqual([]);
  },
);

test('a Deny unless the role has a boundary counts for a role without one', async () => {
  const deny = { Effect: 'Deny', Action: 'iam:PutRolePolicy', Resource: '*' };
  const unless = { Condition: { StringNotEquals: { 'iam:PermissionsBoundary': arn('policy/wide') } } };
  expect(await paths(null, allow('iam:PutRolePolicy', roles), assume, { ...deny, ...unless })).toEqual([]);
  const has = { Condition: { StringEquals: { 'iam:PermissionsBoundary': arn('policy/wide') } } };
  expect(await paths(null, allow('iam:PutRolePolicy', roles), assume, { ...deny, ...has })).toHaveLength(1);
});

test('actions of one statement with a condition on the attached policy are not alike', async () => {
  const attached = (policyArn: string) => ({ Condition: { ArnEquals: { 'iam:PolicyARN': policyArn } } });
  const actions = ['iam:AttachRolePolicy', 'iam:PutRolePolicy'];
  const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  expect(await paths(null, allow(actions, roles, attached(readOnly)), assume)).toEqual([]);
  expect(await paths(null, allow(actions, roles, attached(arn('policy/wide'))), assume)).toEqual([
    expect.stringContaining('by attaching a policy to a role'),
  ]);
});

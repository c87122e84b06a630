import { iamReads } from '../../../core/contract/permissions.ts';
import { valueForms } from '../../../core/member-role/iam-values.ts';
import { cloudFormationTemplate } from '../../../core/member-role/cloudformation.ts';
import { trustPolicyWarning, type MemberRoleOptions } from '../../../core/member-role/member-role.ts';
import { MAX_SCP_CHARACTERS, protectionPolicy, protectionText } from '../../../core/member-role/protection.ts';
import { terraformConfiguration } from '../../../core/member-role/terraform.ts';
import { cloudFormationRole, terraformRole } from '../../support/member-role-policies.ts';

const HUB = '111122223333';
const MEMBER = '111122223334';
const minimal: MemberRoleOptions = { hubAccountId: HUB, hubRolePath: '/iam-audit/', roleName: 'iam-audit-member' };
const everything: MemberRoleOptions = {
  hubAccountId: HUB,
  hubRolePath: '/security/',
  hubRoleNamePrefix: 'corp-',
  organizationId: 'o-exampleorg',
  externalId: '0123',
  roleName: 'audit/readers/member',
  trustedPrincipals: ['role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Auditor_*', 'user/alice'],
  boundaryName: 'path/boundary',
  tags: { 'Kosten stelle': 'Straße 1/2 =+-@_.:', Team: 'a' },
};

/** References of CloudFormation and of Terraform. */
const referencesIn = (partition: string) => ({
  'AWS::Partition': partition,
  'AWS::AccountId': MEMBER,
  'aws_partition.current.partition': partition,
  'aws_caller_identity.current.account_id': MEMBER,
});

test.each(['aws', 'aws-us-gov', 'aws-cn'])('the whole role, in partition %s', (partition) => {
  expect(cloudFormationRole(cloudFormationTemplate(everything), referencesIn(partition))).toEqual({
    name: 'member',
    path: '/audit/readers/',
    description: expect.stringContaining('Read-only') as string,
    maxSessionDuration: 3_600,
    trust: {
      Version: '2012-10-17',
      Statement: {
        Sid: 'IamAuditAssumes',
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${HUB}:root` },
        Action: 'sts:AssumeRole',
        Condition: {
          ArnLike: {
            'aws:PrincipalArn': [
              `arn:${partition}:iam::${HUB}:role/security/corp-*`,
              `arn:${partition}:iam::${HUB}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Auditor_*`,
              `arn:${partition}:iam::${HUB}:user/alice`,
            ],
          },
          StringEquals: { 'aws:PrincipalOrgID': 'o-exampleorg', 'sts:ExternalId': '0123' },
        },
      },
    },
    policyName: 'iam-audit-reads',
    policy: {
      Version: '2012-10-17',
      Statement: { Sid: 'IamAuditReadsOnly', Effect: 'Allow', Action: [...iamReads], Resource: '*' },
    },
    boundary: `arn:${partition}:iam::${MEMBER}:policy/path/boundary`,
    tags: everything.tags,
  });
});

test('without an organization and an external ID, only the hub’s roles are required', () => {
  const { trust, boundary, tags, path } = cloudFormationRole(cloudFormationTemplate(minimal), referencesIn('aws'));
  expect(trust).toMatchObject({
    Statement: { Condition: { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${HUB}:role/iam-audit/*` } } },
  });
  expect(JSON.stringify(trust)).not.toContain('StringEquals');
  expect([boundary, tags, path]).toEqual([undefined, {}, '/']);
});

test('source identity and session tags are allowed in a statement of their own, without the external ID, and only if they are wanted', () => {
  const statements = (options: Partial<MemberRoleOptions>): unknown => {
    const template = cloudFormationTemplate({ ...everything, trustedPrincipals: [], ...options });
    return (cloudFormationRole(template, referencesIn('aws')).trust as { Statement: unknown }).Statement;
  };
  const assumes = statements({});
  const describes = (actions: unknown) => ({
    Sid: 'IamAuditDescribesSessions',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${HUB}:root` },
    Action: actions,
    Condition: {
      ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${HUB}:role/security/corp-*` },
      StringEquals: { 'aws:PrincipalOrgID': 'o-exampleorg' },
    },
  });
  expect(assumes).toMatchObject({ Action: 'sts:AssumeRole' });
  expect(statements({ allowsSourceIdentity: false, allowsSessionTags: false })).toEqual(assumes);
  expect(statements({ allowsSourceIdentity: true })).toEqual([assumes, describes('sts:SetSourceIdentity')]);
  expect(statements({ allowsSessionTags: true })).toEqual([assumes, describes('sts:TagSession')]);
  expect(statements({ allowsSourceIdentity: true, allowsSessionTags: true })).toEqual([
    assumes,
    describes(['sts:SetSourceIdentity', 'sts:TagSession']),
  ]);
});

test.each<[string, MemberRoleOptions]>([
  ['minimal', minimal],
  ['everything', everything],
  ['minimal, with session tags', { ...minimal, allowsSessionTags: true }],
  ['everything, with source identity and tags', { ...everything, allowsSourceIdentity: true, allowsSessionTags: true }],
])('Terraform and CloudFormation make the same role: %s', async (_name, options) => {
  for (const partition of ['aws', 'aws-us-gov']) {
    const references = referencesIn(partition);
    const made = await terraformRole(terraformConfiguration(options), references);
    expect(made).toEqual(cloudFormationRole(cloudFormationTemplate(options), references));
  }
});

test('the test notices a configuration that is not valid HCL', async () => {
  await expect(terraformRole('data "aws_partition" {', {})).rejects.toThrow();
});

test('no template names a partition', () => {
  const texts = [JSON.stringify(cloudFormationTemplate(everything)), terraformConfiguration(everything)];
  for (const text of texts) expect(text).not.toMatch(/arn:aws/);
});

test.each([
  ['role/Auditor', true],
  ['role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Auditor_*', true],
  ['user/alice', true],
  ['role/*', false],
  ['role/*/?*', false],
  ['*', false],
  ['root', false],
  ['group/x', false],
  ['arn:aws:iam::111122223333:role/x', false],
  ['role/a${b}', false],
])('the trusted principal %s: %s', (pattern, accepted) => {
  expect(valueForms.principalPattern.pattern.test(pattern)).toBe(accepted);
});

describe('the SCP', () => {
  const exempt = ['role/OrganizationAccountAccessRole'];

  test('denies every change of the role and of the exempt roles to all others', () => {
    const exemptArns = ['arn:*:iam::*:role/stacksets-exec-*', 'arn:*:iam::*:role/OrganizationAccountAccessRole'];
    const { Statement } = protectionPolicy({ roleName: 'audit/member', exempt });
    expect(Statement).toEqual([
      {
        Sid: 'ProtectIamAuditMemberRole',
        Effect: 'Deny',
        Action: expect.arrayContaining([
          'iam:CreateRole',
          'iam:PutRolePolicy',
          'iam:UpdateAssumeRolePolicy',
        ]) as string[],
        Resource: ['arn:*:iam::*:role/audit/member', ...exemptArns],
        Condition: { ArnNotLike: { 'aws:PrincipalArn': exemptArns } },
      },
    ]);
  });

  test('is within the size of an SCP, on one line if necessary, and is not made if it is too long', () => {
    const many = (count: number): string[] =>
      Array.from({ length: count }, (_, n) => `role/administrators/of-team-${n}`);
    expect(protectionText({ roleName: 'm', exempt })?.split('\n').length).toBeGreaterThan(10);
    const full = protectionText({ roleName: 'm', exempt: many(38) });
    expect(full?.length).toBeLessThanOrEqual(MAX_SCP_CHARACTERS);
    expect(full?.split('\n')).toHaveLength(1);
    expect(protectionText({ roleName: 'm', exempt: many(60) })).toBeNull();
  });
});

test('a trust policy that IAM accepts only with a higher quota is a warning', () => {
  expect(trustPolicyWarning({ ...everything, externalId: 'x'.repeat(1_000) })).toBeNull();
  const trustedPrincipals = Array.from({ length: 10 }, (_, n) => `role/${'a'.repeat(50)}${n}`);
  const sessions = { allowsSourceIdentity: true, allowsSessionTags: true };
  expect(trustPolicyWarning({ ...everything, trustedPrincipals })).toBeNull();
  expect(trustPolicyWarning({ ...everything, trustedPrincipals, ...sessions })).toMatch(
    /^The trust policy of the member role has 2\d{3} characters, and IAM accepts 2048 unless the quota/,
  );
});

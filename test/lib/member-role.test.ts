import { PERMISSIONS_BOUNDARY_CONTEXT_KEY, Validations } from 'aws-cdk-lib/core';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { iamReads } from '../../core/contract/permissions.ts';
import { STACK_MARK } from '../../core/contract/stack-outputs.ts';
import { cloudFormationTemplate } from '../../core/member-role/cloudformation.ts';
import { memberRole } from '../../core/member-role/member-role.ts';
import { auditApp } from '../../lib/audit-app.ts';
import { functionPermissions } from '../../lib/function-permissions.ts';
import { cloudFormationRole } from '../support/member-role-policies.ts';
import { BOUNDARY, resourcesOf, resourcesOfType, templateOf, type Json } from '../support/template.ts';

const HUB = '111122223333';
const organization = { deploy: true, organizationId: 'o-exampleorg', targets: ['r-exam'] };
const MEMBER_PREFIX = /^MemberRole/;

interface StackSet {
  readonly TemplateBody: string;
  readonly StackInstancesGroup: readonly { DeploymentTargets: Json; Regions: unknown }[];
  readonly [name: string]: unknown;
}

const stackSetOf = (of: Template): StackSet => {
  const [stackSet, ...others] = resourcesOfType('AWS::CloudFormation::StackSet', of);
  expect(others).toEqual([]);
  return stackSet!.Properties as unknown as StackSet;
};
/** The template that the StackSet deploys to each account. */
const bodyOf = (of: Template): Json => JSON.parse(stackSetOf(of).TemplateBody) as Json;
const referencesIn = (partition: string) => ({
  'AWS::Partition': partition,
  'AWS::AccountId': '111122223334',
  HubAccountId: HUB,
});

test('the member role allows exactly what the functions read in an audited account', () => {
  const role = memberRole({ hubAccountId: HUB, hubRolePath: '/', roleName: 'm' }, { partition: 'aws', accountId: HUB });
  const [{ Action }] = role.policy.Statement;
  const called = Object.values(functionPermissions)
    .flat()
    .filter(({ when }) => when === 'noMemberRole')
    .flatMap(({ actions }) => actions);
  expect([...Action].sort()).toEqual([...new Set(called)].sort());
  expect([...Action].sort()).toEqual([...iamReads].sort());
});

test.each<[string, Json | undefined]>([
  ['without the settings', undefined],
  ['with deploy false', { ...organization, deploy: false }],
])('%s the stack has neither the StackSet nor the role', (_name, group) => {
  const ids = resourcesOf(templateOf(group === undefined ? {} : { memberRole: group })).map(([id]) => id);
  expect(ids.filter((id) => MEMBER_PREFIX.test(id))).toEqual([]);
});

test('the StackSet deploys to the targets as the management account, to accounts that join later too, without the account of the hub’s own role', () => {
  const template = templateOf({ memberRole: { ...organization, targets: ['ou-exam-12345678', 'r-exam'] } });
  expect(stackSetOf(template)).toMatchObject({
    StackSetName: 'IamAudit-member-role',
    PermissionModel: 'SERVICE_MANAGED',
    CallAs: 'SELF',
    Capabilities: ['CAPABILITY_NAMED_IAM'],
    AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
    ManagedExecution: { Active: true },
    OperationPreferences: { FailureTolerancePercentage: 100, MaxConcurrentPercentage: 25 },
    Parameters: [{ ParameterKey: 'HubAccountId', ParameterValue: { Ref: 'AWS::AccountId' } }],
    StackInstancesGroup: [
      {
        DeploymentTargets: { OrganizationalUnitIds: ['ou-exam-12345678', 'r-exam'] },
        Regions: [{ Ref: 'AWS::Region' }],
      },
    ],
  });
  expect(stackSetOf(template).StackInstancesGroup[0]!.DeploymentTargets).not.toHaveProperty('AccountFilterType');
  expect(Object.keys(template.findOutputs('*'))).not.toContain('ManagementAccountWithoutRole');
});

test('a delegated administrator’s StackSet leaves out the hub, which has its own role, and an output names the account that stays without', () => {
  const settings = { memberRole: { ...organization, callAs: 'DELEGATED_ADMIN', excludedAccounts: ['111122223335'] } };
  const template = templateOf({ ...settings, stsRegion: 'us-east-1' });
  const { CallAs, StackInstancesGroup } = stackSetOf(template);
  expect([CallAs, StackInstancesGroup]).toEqual([
    'DELEGATED_ADMIN',
    [
      {
        DeploymentTargets: {
          AccountFilterType: 'DIFFERENCE',
          Accounts: [{ Ref: 'AWS::AccountId' }, '111122223335'],
          OrganizationalUnitIds: ['r-exam'],
        },
        Regions: ['us-east-1'],
      },
    ],
  ]);
  const output = JSON.stringify(template.findOutputs('ManagementAccountWithoutRole'));
  expect(output).toContain('It has no role iam-audit-member until you create it there');
});

const everything = {
  memberRoleName: 'audit/member',
  externalId: '0123',
  rolePath: '/security/',
  roleNamePrefix: 'corp-',
  memberRole: { ...organization, permissionsBoundaryName: 'boundary', trustedPrincipals: ['role/Auditor'] },
};

test.each<[string, Json, Parameters<typeof cloudFormationTemplate>[0]]>([
  [
    'defaults',
    { memberRole: organization },
    { hubAccountId: HUB, hubRolePath: '/iam-audit/', organizationId: 'o-exampleorg', roleName: 'iam-audit-member' },
  ],
  [
    'everything set',
    everything,
    {
      hubAccountId: HUB,
      hubRolePath: '/security/',
      hubRoleNamePrefix: 'corp-',
      organizationId: 'o-exampleorg',
      externalId: '0123',
      roleName: 'audit/member',
      trustedPrincipals: ['role/Auditor'],
      boundaryName: 'boundary',
    },
  ],
  [
    'source identity and session tags',
    { memberRole: organization, sourceIdentity: 'iam-audit', sessionTags: { team: 'security' } },
    {
      hubAccountId: HUB,
      hubRolePath: '/iam-audit/',
      organizationId: 'o-exampleorg',
      roleName: 'iam-audit-member',
      allowsSourceIdentity: true,
      allowsSessionTags: true,
    },
  ],
])('the role of the StackSet, of the hub and of member-template are the same: %s', (_name, settings, options) => {
  const template = templateOf(settings);
  for (const partition of ['aws', 'aws-us-gov', 'aws-cn']) {
    const printed = cloudFormationRole(cloudFormationTemplate(options), referencesIn(partition));
    expect(cloudFormationRole(bodyOf(template), referencesIn(partition))).toEqual(printed);
    const own = Object.fromEntries(resourcesOf(template).filter(([id]) => MEMBER_PREFIX.test(id)));
    const inHub = cloudFormationRole({ Resources: own }, { ...referencesIn(partition), 'AWS::AccountId': HUB });
    expect({ ...inHub, boundary: null }).toEqual({ ...printed, boundary: null });
  }
});

test('the deployed template has no rule about bootstrap, no metadata and not the mark of the hub’s stack', () => {
  const body = bodyOf(templateOf({ memberRole: organization }));
  expect(Object.keys(body).sort()).toEqual(['Description', 'Outputs', 'Parameters', 'Resources']);
  expect(Object.keys(body.Resources as Json)).toEqual(['MemberRole']);
  expect(Object.keys(body.Parameters as Json)).toEqual(['HubAccountId']);
  expect(JSON.stringify(body)).not.toContain(STACK_MARK);
});

test('the functions assume the role that the stack deploys', () => {
  for (const { Properties } of resourcesOfType('AWS::Lambda::Function', templateOf({ memberRole: organization }))) {
    expect(Properties.Environment).toMatchObject({ Variables: { MEMBER_ROLE_NAME: 'iam-audit-member' } });
  }
});

test('a boundary of the hub’s account is not the boundary of the roles in other accounts', () => {
  const context = { [PERMISSIONS_BOUNDARY_CONTEXT_KEY]: { arn: BOUNDARY } };
  const { stack } = auditApp({ bundle: false, validate: false, settings: { memberRole: organization }, context });
  const template = Template.fromStack(stack);
  expect(JSON.stringify(bodyOf(template))).not.toContain('PermissionsBoundary');
  const boundaries = resourcesOfType('AWS::IAM::Role', template).map(
    ({ Properties }) => Properties.PermissionsBoundary,
  );
  expect(new Set(boundaries)).toEqual(new Set([BOUNDARY]));
});

test('tags of the stack are on the roles of all accounts', () => {
  const template = templateOf({ memberRole: organization, tags: { Team: 'security' } });
  expect(stackSetOf(template).Tags).toEqual([{ Key: 'Team', Value: 'security' }]);
  const own = resourcesOf(template).find(([id]) => id.startsWith('MemberRoleHubRole'))!;
  expect(own[1].Properties.Tags).toEqual([{ Key: 'Team', Value: 'security' }]);
});

test('a command that names no stack selects only the hub’s stack', () => {
  const { app } = auditApp({ bundle: false, validate: false, settings: { memberRole: organization } });
  const assembly = app.synth();
  expect(assembly.stacks.map(({ stackName }) => stackName)).toEqual(['IamAudit']);
  expect(assembly.stacksRecursively.map(({ stackName }) => stackName).sort()).toEqual([
    'IamAudit',
    'IamAudit-member-role',
  ]);
});

test('cdk-nag has no findings that are not acknowledged, with the reason', () => {
  const { app } = auditApp({ bundle: false, validate: false, settings: everything });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
});

test.each([
  ['eu-central-1', 'aws'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['cn-north-1', 'aws-cn'],
])('what the settings memberRole add, in %s', (region, partition) => {
  const env = { account: HUB, region };
  const added = resourcesOf(templateOf(everything, env)).filter(([id]) => MEMBER_PREFIX.test(id));
  const partitions = [...JSON.stringify(added).matchAll(/arn:(aws[a-z-]*):/g)].map(([, found]) => found);
  expect(partitions.filter((found) => found !== partition)).toEqual([]);
  expect(Object.fromEntries(added)).toMatchSnapshot();
});

test('a trust policy that is longer than IAM accepts by default is a warning of the stack', () => {
  // CDK prints warnings.
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const warnings = (settings: Json) =>
    Annotations.fromStack(auditApp({ bundle: false, validate: false, settings }).stack).findWarning(
      '*',
      Match.stringLikeRegexp('The trust policy of the member role has'),
    );
  expect(warnings({ memberRole: organization })).toEqual([]);
  const trustedPrincipals = Array.from({ length: 10 }, (_, n) => `role/${'a'.repeat(200)}${n}`);
  expect(warnings({ memberRole: { ...organization, trustedPrincipals } })).toHaveLength(1);
});

import { PERMISSIONS_BOUNDARY_CONTEXT_KEY } from 'aws-cdk-lib/core';
import { Template } from 'aws-cdk-lib/assertions';
import { auditApp } from '../../lib/audit-app.ts';
import { BOUNDARY, resourcesOfType, templateOf, type Json } from '../support/template.ts';

const ROLE = 'AWS::IAM::Role';
/** Seven principals: five functions, the workflow, the schedule. */
const ROLES = 7;

/** Role names with this Region instead of the reference. */
const roleNames = (of: Template, region: string): string[] =>
  resourcesOfType(ROLE, of).map(({ Properties: { RoleName } }) => {
    const [separator, parts] = (RoleName as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
    return parts.map((part) => (typeof part === 'string' ? part : region)).join(separator);
  });

test.each<[string, Json, string]>([
  ['the default', {}, '/iam-audit/'],
  ['that of the settings', { rolePath: '/security/audit/' }, '/security/audit/'],
])('every role has the path that member accounts trust, %s, and no managed policies', (_name, settings, path) => {
  const roles = resourcesOfType(ROLE, templateOf(settings));
  expect(roles).toHaveLength(ROLES);
  for (const { Properties } of roles) {
    expect([Properties.Path, Properties.ManagedPolicyArns]).toEqual([path, undefined]);
  }
});

test.each<[string, Json, Json, unknown]>([
  ['the setting', { permissionsBoundaryArn: BOUNDARY }, {}, BOUNDARY],
  ['an object in the context, by ARN', {}, { [PERMISSIONS_BOUNDARY_CONTEXT_KEY]: { arn: BOUNDARY } }, BOUNDARY],
  [
    'an object in the context, by name',
    {},
    { [PERMISSIONS_BOUNDARY_CONTEXT_KEY]: { name: 'boundary' } },
    {
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':policy/boundary']],
    },
  ],
  ['neither', {}, {}, undefined],
])('the permissions boundary of every role is that of %s', (_name, settings, context, boundary) => {
  const { stack } = auditApp({ bundle: false, validate: false, settings, context });
  const roles = resourcesOfType(ROLE, Template.fromStack(stack));
  expect(roles).toHaveLength(ROLES);
  for (const { Properties } of roles) expect(Properties.PermissionsBoundary).toEqual(boundary);
});

test('without a prefix CloudFormation names the roles', () => {
  for (const { Properties } of resourcesOfType(ROLE, templateOf())) expect(Properties.RoleName).toBeUndefined();
});

test('with the longest prefix and the longest Region every role name is short enough', () => {
  const template = templateOf({ roleNamePrefix: 'p'.repeat(22), stackName: 'IamAudit' });
  const names = roleNames(template, 'us-isof-south-1');
  expect(Math.max(...names.map((name) => name.length))).toBe(64);
  for (const name of names) expect(name.startsWith('p'.repeat(22))).toBe(true);
});

test('role names of two stacks and of two Regions in one account are different', () => {
  const names = ['IamAudit', 'Staging'].flatMap((stackName) => {
    const template = templateOf({ roleNamePrefix: 'corp-', stackName });
    return ['eu-west-1', 'us-east-1'].flatMap((region) => roleNames(template, region));
  });
  expect(names).toHaveLength(4 * ROLES);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('corp-IamAudit-audit-batch-eu-west-1');
});

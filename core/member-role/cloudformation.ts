import { memberRole, type MemberRole, type MemberRoleOptions } from './member-role.ts';

/** The member role's template for CloudFormation. It can be deployed in every partition. */
export function cloudFormationTemplate(options: MemberRoleOptions) {
  const role = memberRole(options, { partition: '${AWS::Partition}', accountId: '${AWS::AccountId}' });
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: TEMPLATE_DESCRIPTION,
    Resources: { MemberRole: { Type: 'AWS::IAM::Role', Properties: withSubstitutions(propertiesOf(role)) } },
    Outputs: {
      MemberRoleArn: {
        Description: 'ARN of the role that iam-audit assumes',
        Value: { 'Fn::GetAtt': ['MemberRole', 'Arn'] },
      },
    },
  };
}

/**
 * It must not contain the mark of the hub's stack (`STACK_MARK`): commands find the deployed audit by this mark.
 */
export const TEMPLATE_DESCRIPTION = 'The role that iam-audit assumes to audit IAM users and roles of this account.';

/** The properties of AWS::IAM::Role. */
const propertiesOf = (role: MemberRole) => ({
  RoleName: role.name,
  Path: role.path,
  Description: role.description,
  MaxSessionDuration: role.maxSessionSeconds,
  AssumeRolePolicyDocument: role.trustPolicy,
  Policies: [{ PolicyName: role.policyName, PolicyDocument: role.policy }],
  ...(role.boundaryArn === undefined ? {} : { PermissionsBoundary: role.boundaryArn }),
  ...(Object.keys(role.tags).length === 0
    ? {}
    : { Tags: Object.entries(role.tags).map(([Key, Value]) => ({ Key, Value })) }),
});

/** Wraps each text with a reference in Fn::Sub. No other text of the role can contain `${`. */
function withSubstitutions(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('${') ? { 'Fn::Sub': value } : value;
  if (Array.isArray(value)) return value.map(withSubstitutions);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withSubstitutions(part)]));
}

import { Annotations, Aws } from 'aws-cdk-lib/core';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { DEFAULT_MEMBER_ROLE_NAME, memberRole, trustPolicyWarning } from '../core/member-role/member-role.ts';
import { acknowledge } from './acknowledgements.ts';
import type { Settings } from './settings.ts';

export interface MemberRoleProps {
  readonly settings: Settings;
  /** The account that runs the audit: its ID, or a reference to a parameter. */
  readonly hubAccountId: string;
}

/** The member role in the account of the stack. */
export function memberRoleIn(scope: Construct, id: string, { settings, hubAccountId }: MemberRoleProps): CfnRole {
  const { memberRole: group } = settings;
  const options = {
    hubRolePath: settings.rolePath,
    hubRoleNamePrefix: settings.roleNamePrefix,
    organizationId: group?.organizationId,
    externalId: settings.externalId,
    allowsSourceIdentity: settings.sourceIdentity !== undefined,
    allowsSessionTags: settings.sessionTags !== undefined,
    roleName: settings.memberRoleName ?? DEFAULT_MEMBER_ROLE_NAME,
    trustedPrincipals: group?.trustedPrincipals,
    boundaryName: group?.permissionsBoundaryName,
  };
  const role = memberRole({ ...options, hubAccountId }, { partition: Aws.PARTITION, accountId: Aws.ACCOUNT_ID });
  const resource = new CfnRole(scope, id, {
    roleName: role.name,
    path: role.path,
    description: role.description,
    maxSessionDuration: role.maxSessionSeconds,
    assumeRolePolicyDocument: role.trustPolicy,
    policies: [{ policyName: role.policyName, policyDocument: role.policy }],
    ...(role.boundaryArn === undefined ? {} : { permissionsBoundary: role.boundaryArn }),
  });
  const warning = trustPolicyWarning(options);
  if (warning !== null) Annotations.of(resource).addWarningV2('iam-audit:trustPolicyLength', warning);
  acknowledge(resource, {
    'AwsSolutions-IAM5[Resource::*]':
      'The audit reads every user and role of the account. Reports and the inventory have no narrower resource.',
  });
  return resource;
}

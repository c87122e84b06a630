/** The actions of IAM that change a role, what it may do, or who may assume it. */
const roleWrites = [
  'iam:AttachRolePolicy',
  'iam:CreateRole',
  'iam:DeleteRole',
  'iam:DeleteRolePermissionsBoundary',
  'iam:DeleteRolePolicy',
  'iam:DetachRolePolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
  'iam:TagRole',
  'iam:UntagRole',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateRole',
  'iam:UpdateRoleDescription',
] as const;

/** The roles with which service-managed StackSets deploy to an account. */
const STACKSETS_ROLES = 'role/stacksets-exec-*';

/** Organizations User Guide, "Quotas for AWS Organizations": the size of a service control policy. */
export const MAX_SCP_CHARACTERS = 5_120;

export interface Protection {
  /** Name of the member role, after its path if it has one. */
  readonly roleName: string;
  /** Roles that may still change the member role, such as `role/OrganizationAccountAccessRole`. */
  readonly exempt: readonly string[];
}

/**
 * An SCP that lets only StackSets and the exempt roles change the member role. It protects the exempt roles too.
 * Otherwise an administrator of a member account could create or change a role with such a name and use it.
 */
export function protectionPolicy({ roleName, exempt }: Protection) {
  const exemptArns = [...new Set([STACKSETS_ROLES, ...exempt])].map(inEveryAccount);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ProtectIamAuditMemberRole',
        Effect: 'Deny',
        Action: [...roleWrites],
        Resource: [inEveryAccount(`role/${roleName}`), ...exemptArns],
        Condition: { ArnNotLike: { 'aws:PrincipalArn': exemptArns } },
      },
    ],
  } as const;
}

/** In any partition: `arn:*:iam` has the same meaning in `aws`, `aws-cn` and `aws-us-gov`. */
const inEveryAccount = (resource: string): string => `arn:*:iam::*:${resource}`;

/** The policy as text: on several lines, or on one line if it would otherwise be too long. Null: it is too long. */
export function protectionText(protection: Protection): string | null {
  const policy = protectionPolicy(protection);
  const texts = [JSON.stringify(policy, null, 2), JSON.stringify(policy)];
  return texts.find((text) => text.length <= MAX_SCP_CHARACTERS) ?? null;
}

import { iamReadsStatement } from '../contract/permissions.ts';
import type { Tags } from './iam-values.ts';

/** The default of the setting `memberRoleName`, if the stack deploys the role, and of `member-template`. */
export const DEFAULT_MEMBER_ROLE_NAME = 'iam-audit-member';

/**
 * The maximum for a session that another role's session requests, as the functions' sessions are (AWS STS, role chaining).
 */
const MAX_SESSION_SECONDS = 3_600;

export interface MemberRoleOptions {
  /** The account that runs the audit: its ID, or a reference in the language of the template. */
  readonly hubAccountId: string;
  /** Path of the hub's roles: the setting `rolePath`. */
  readonly hubRolePath: string;
  /** Prefix of the names of the hub's roles: the setting `roleNamePrefix`. */
  readonly hubRoleNamePrefix?: string | undefined;
  /** If undefined, the caller need not be in the organization. */
  readonly organizationId?: string | undefined;
  readonly externalId?: string | undefined;
  /** Whether callers may set a source identity. A caller that has one already needs this too. */
  readonly allowsSourceIdentity?: boolean | undefined;
  /** Whether callers may set session tags. */
  readonly allowsSessionTags?: boolean | undefined;
  /** Name of the role, after its path if it has one. */
  readonly roleName: string;
  /** Other roles and users of the hub's account that may assume the role, such as `role/Auditor`. */
  readonly trustedPrincipals?: readonly string[] | undefined;
  /** Name of a managed policy in the role's account. */
  readonly boundaryName?: string | undefined;
  readonly tags?: Tags | undefined;
}

/** How a template refers to the partition and the account in which it is deployed. */
export interface TemplateReferences {
  readonly partition: string;
  readonly accountId: string;
}

type ConditionValues = Readonly<Record<string, string | readonly string[]>>;

export interface TrustStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: { readonly AWS: string };
  readonly Action: string | readonly string[];
  readonly Condition: Readonly<Record<string, ConditionValues>>;
}

export interface TrustPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly TrustStatement[];
}

export interface ReadPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly [typeof iamReadsStatement];
}

/** The member role, independent of the language of the template. */
export interface MemberRole {
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly maxSessionSeconds: number;
  readonly trustPolicy: TrustPolicy;
  readonly policyName: string;
  readonly policy: ReadPolicy;
  readonly boundaryArn: string | undefined;
  readonly tags: Tags;
}

export function memberRole(options: MemberRoleOptions, references: TemplateReferences): MemberRole {
  const { roleName, boundaryName, tags = {} } = options;
  const { partition, accountId } = references;
  const nameAt = roleName.lastIndexOf('/') + 1;
  return {
    name: roleName.slice(nameAt),
    path: `/${roleName.slice(0, nameAt)}`,
    description: 'Read-only role that iam-audit assumes to audit IAM users and roles of this account.',
    maxSessionSeconds: MAX_SESSION_SECONDS,
    trustPolicy: trustPolicy(options, partition),
    policyName: 'iam-audit-reads',
    policy: { Version: '2012-10-17', Statement: [iamReadsStatement] },
    boundaryArn: boundaryName === undefined ? undefined : `arn:${partition}:iam::${accountId}:policy/${boundaryName}`,
    tags,
  };
}

/** IAM User Guide, "IAM and AWS STS quotas": the default of the role trust policy length. */
const TRUST_POLICY_CHARACTERS = 2_048;

/**
 * Says that the trust policy is longer than IAM accepts by default; null if it is not. It is no error, because an account
 * can have a higher quota.
 */
export function trustPolicyWarning(options: Omit<MemberRoleOptions, 'hubAccountId'>): string | null {
  const accountId = '0'.repeat(12);
  const policy = memberRole({ ...options, hubAccountId: accountId }, { partition: 'aws', accountId }).trustPolicy;
  const { length } = JSON.stringify(policy);
  if (length <= TRUST_POLICY_CHARACTERS) return null;
  return `The trust policy of the member role has ${length} characters, and IAM accepts ${TRUST_POLICY_CHARACTERS} unless the quota "Role trust policy length" is raised in each account. Name fewer or shorter trusted principals, for example with wildcards, or use a shorter external ID.`;
}

/**
 * Trusts the hub's account and narrows the trust by conditions. A role's ARN as principal would stop working when that
 * role is deleted and created again, and each function has its own role.
 */
function trustPolicy(options: MemberRoleOptions, partition: string): TrustPolicy {
  const { hubAccountId, organizationId, externalId, allowsSourceIdentity, allowsSessionTags } = options;
  const account = `arn:${partition}:iam::${hubAccountId}`;
  const principals = principalPatterns(options).map((pattern) => `${account}:${pattern}`);
  const inOrganization: ConditionValues = organizationId === undefined ? {} : { 'aws:PrincipalOrgID': organizationId };
  const statement = (sid: string, action: TrustStatement['Action'], equal: ConditionValues): TrustStatement => ({
    Sid: sid,
    Effect: 'Allow',
    Principal: { AWS: `${account}:root` },
    Action: action,
    Condition: {
      ArnLike: { 'aws:PrincipalArn': principals },
      ...(Object.keys(equal).length === 0 ? {} : { StringEquals: equal }),
    },
  });
  const describing = [
    ...(allowsSourceIdentity === true ? ['sts:SetSourceIdentity'] : []),
    ...(allowsSessionTags === true ? ['sts:TagSession'] : []),
  ];
  return {
    Version: '2012-10-17',
    Statement: [
      statement('IamAuditAssumes', 'sts:AssumeRole', {
        ...inOrganization,
        ...(externalId === undefined ? {} : { 'sts:ExternalId': externalId }),
      }),
      // A statement of its own, because AWS lists the key sts:ExternalId only for sts:AssumeRole (Service Authorization
      // Reference, AWS STS). Without sts:AssumeRole these actions give no access.
      ...(describing.length === 0 ? [] : [statement('IamAuditDescribesSessions', describing, inOrganization)]),
    ],
  };
}

const principalPatterns = ({
  hubRolePath,
  hubRoleNamePrefix = '',
  trustedPrincipals = [],
}: MemberRoleOptions): string[] => [`role${hubRolePath}${hubRoleNamePrefix}*`, ...trustedPrincipals];

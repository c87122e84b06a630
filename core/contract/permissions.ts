/** All IAM actions that the audit calls in an audited account. They only read. */
export const iamReads = [
  'iam:GenerateCredentialReport',
  'iam:GenerateServiceLastAccessedDetails',
  'iam:GetAccountAuthorizationDetails',
  'iam:GetCredentialReport',
  'iam:GetServiceLastAccessedDetails',
  'iam:SimulatePrincipalPolicy',
] as const;

/**
 * Optional actions that the hub calls to read its organization. A run works without them. Roles in member accounts
 * don't have them.
 */
export const organizationReads = [
  'organizations:DescribeOrganization',
  'organizations:DescribePolicy',
  'organizations:ListAccounts',
  'organizations:ListChildren',
  'organizations:ListOrganizationalUnitsForParent',
  'organizations:ListPolicies',
  'organizations:ListRoots',
  'organizations:ListTargetsForPolicy',
] as const;

/** Optional actions, besides `organizationReads`, with which the hub reads which services the organization uses. */
const furtherUseReads = [
  'iam:GenerateOrganizationsAccessReport',
  'iam:GetOrganizationsAccessReport',
  'organizations:ListParents',
  'organizations:ListPoliciesForTarget',
] as const;

/**
 * All actions that reading the use of services needs. AWS checks the actions of Organizations when it makes a report
 * (Service Authorization Reference, GenerateOrganizationsAccessReport). Only the management account can use them, and a
 * run works without them.
 */
export const organizationUseReads = [
  ...furtherUseReads,
  'organizations:DescribePolicy',
  'organizations:ListChildren',
  'organizations:ListRoots',
  'organizations:ListTargetsForPolicy',
] as const;

/** The minimum policy for the audit's principal. It omits GetCallerIdentity, which AWS allows for every principal. */
export const minimumPolicy = {
  Version: '2012-10-17',
  Statement: [
    { Sid: 'IamAuditReadsOnly', Effect: 'Allow', Action: [...iamReads], Resource: '*' },
    { Sid: 'IamAuditReadsOrganization', Effect: 'Allow', Action: [...organizationReads], Resource: '*' },
    { Sid: 'IamAuditReadsOrganizationUse', Effect: 'Allow', Action: [...furtherUseReads], Resource: '*' },
  ],
} as const;

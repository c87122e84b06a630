import type { HandlerName } from './environment.ts';

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
 * The IAM actions that each state of an account calls. They are the permissions of the state's function, and the session
 * policy of the sessions that the state opens in member accounts.
 */
export const iamReadsByState = {
  'inventory-account': [
    'iam:GetAccountAuthorizationDetails',
    'iam:GenerateCredentialReport',
    'iam:GetCredentialReport',
  ],
  'audit-batch': [
    'iam:GenerateServiceLastAccessedDetails',
    'iam:GetServiceLastAccessedDetails',
    'iam:SimulatePrincipalPolicy',
  ],
  'summarise-account': ['iam:GetAccountAuthorizationDetails'],
} as const satisfies Partial<Record<HandlerName, readonly (typeof iamReads)[number][]>>;

/**
 * Optional actions that the hub calls to read its organization. A run works without them. Roles in member accounts
 * don't have them.
 */
export const organizationReads = [
  'organizations:DescribeOrganization',
  'organizations:DescribePolicy',
  'organizations:ListAccounts',
  'organizations:ListChildren',
  'organizations:ListPolicies',
  'organizations:ListRoots',
  'organizations:ListTargetsForPolicy',
] as const;

/** The minimum policy for the audit's principal. It omits GetCallerIdentity, which AWS allows for every principal. */
export const minimumPolicy = {
  Version: '2012-10-17',
  Statement: [
    { Sid: 'IamAuditReadsOnly', Effect: 'Allow', Action: [...iamReads], Resource: '*' },
    { Sid: 'IamAuditReadsOrganization', Effect: 'Allow', Action: [...organizationReads], Resource: '*' },
  ],
} as const;

import type { HandlerName } from './environment.ts';

/** All IAM actions that the audit calls in an audited account. They only read. */
export const iamReads = [
  'iam:GenerateCredentialReport',
  'iam:GenerateServiceLastAccessedDetails',
  'iam:GetAccountAuthorizationDetails',
  'iam:GetAccountPasswordPolicy',
  'iam:GetCredentialReport',
  'iam:GetServiceLastAccessedDetails',
  'iam:SimulatePrincipalPolicy',
] as const;

/** Why the audit calls each of them. Templates of the member role and docs/organization.md contain these texts. */
export const iamReadReasons: Readonly<Record<(typeof iamReads)[number], string>> = {
  'iam:GenerateCredentialReport': 'Starts the report on passwords, MFA devices and access keys of users.',
  'iam:GenerateServiceLastAccessedDetails': 'Starts the report on the services that a user or role used.',
  'iam:GetAccountAuthorizationDetails': 'Lists users, groups, roles and policies.',
  'iam:GetAccountPasswordPolicy': 'Reads the rules for passwords of users.',
  'iam:GetCredentialReport': 'Reads the report on passwords, MFA devices and access keys.',
  'iam:GetServiceLastAccessedDetails': 'Reads the report on the services that a user or role used.',
  'iam:SimulatePrincipalPolicy': 'Asks which sensitive actions the policies of a user or role allow.',
};

/** The only statement of the member role. */
export const iamReadsStatement = {
  Sid: 'IamAuditReadsOnly',
  Effect: 'Allow',
  Action: [...iamReads],
  Resource: '*',
} as const;

/**
 * The IAM actions that each state of an account calls. They are the permissions of the state's function, and the session
 * policy of the sessions that the state opens in member accounts.
 */
export const iamReadsByState = {
  'inventory-account': [
    'iam:GetAccountAuthorizationDetails',
    'iam:GetAccountPasswordPolicy',
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
    iamReadsStatement,
    { Sid: 'IamAuditReadsOrganization', Effect: 'Allow', Action: [...organizationReads], Resource: '*' },
    { Sid: 'IamAuditReadsOrganizationUse', Effect: 'Allow', Action: [...furtherUseReads], Resource: '*' },
  ],
} as const;

/** Every IAM action that the pipeline calls in an audited account: reads, and nothing else. */
export const iamReads = [
  'iam:GenerateCredentialReport',
  'iam:GenerateServiceLastAccessedDetails',
  'iam:GetAccountAuthorizationDetails',
  'iam:GetCredentialReport',
  'iam:GetServiceLastAccessedDetails',
  'iam:SimulatePrincipalPolicy',
] as const;

/** What the hub reads of its organization, where it may: no member account grants it, and no run needs it. */
export const organizationReads = [
  'organizations:DescribeOrganization',
  'organizations:DescribePolicy',
  'organizations:ListAccounts',
  'organizations:ListChildren',
  'organizations:ListPolicies',
  'organizations:ListRoots',
  'organizations:ListTargetsForPolicy',
] as const;

/** The least policy of an audit's identity. AWS allows GetCallerIdentity to everyone, so it is not in it. */
export const leastPolicy = {
  Version: '2012-10-17',
  Statement: [
    { Sid: 'IamAuditReadsOnly', Effect: 'Allow', Action: [...iamReads], Resource: '*' },
    { Sid: 'IamAuditReadsOrganization', Effect: 'Allow', Action: [...organizationReads], Resource: '*' },
  ],
} as const;

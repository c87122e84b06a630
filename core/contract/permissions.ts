/** Every IAM action that the pipeline calls in an audited account: reads, and nothing else. */
export const iamReads = [
  'iam:GenerateCredentialReport',
  'iam:GenerateServiceLastAccessedDetails',
  'iam:GetAccountAuthorizationDetails',
  'iam:GetCredentialReport',
  'iam:GetServiceLastAccessedDetails',
  'iam:SimulatePrincipalPolicy',
] as const;

/** The least policy of an audit's identity. AWS allows GetCallerIdentity to everyone, so it is not in it. */
export const leastPolicy = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'IamAuditReadsOnly', Effect: 'Allow', Action: [...iamReads], Resource: '*' }],
} as const;

/**
 * Services that are never proposed for a Deny, by the reason. They may be needed for the first time in an emergency, or
 * the account can't be operated without them. Namespaces are those of the Service Authorization Reference.
 */
const reasons: Readonly<Record<string, readonly string[]>> = {
  'Identities, sessions and the account itself: without them an error in a policy can’t be corrected.': [
    'account',
    'iam',
    'identitystore',
    'organizations',
    'signin',
    'sso',
    'sso-directory',
    'sts',
  ],
  'Contact with AWS.': ['health', 'support', 'supportplans', 'trustedadvisor'],
  'Billing: a bill must be readable and payable at any time.': [
    'aws-portal',
    'billing',
    'budgets',
    'ce',
    'consolidatedbilling',
    'cur',
    'freetier',
    'invoicing',
    'payments',
    'purchase-orders',
    'tax',
  ],
  'Incident response: finding, limiting and repairing damage, and keeping evidence.': [
    'access-analyzer',
    'athena',
    'backup',
    'cloudtrail',
    'cloudwatch',
    'config',
    'detective',
    'guardduty',
    'inspector2',
    'kms',
    'logs',
    'macie2',
    'security-ir',
    'securityhub',
    'ssm',
    'ssm-incidents',
    'wafv2',
  ],
};

const namespaces: ReadonlySet<string> = new Set(Object.values(reasons).flat());

export const isNeverProposed = (namespace: string): boolean => namespaces.has(namespace.toLowerCase());

/** For the documents and the caveats of a proposal: each reason, with its services. */
export const neverProposed: readonly (readonly [reason: string, services: readonly string[]])[] =
  Object.entries(reasons);

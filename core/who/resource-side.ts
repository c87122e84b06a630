import type { Question } from './question.ts';

/**
 * Services whose resources can have a policy that lets in principals of other accounts (IAM User Guide, "AWS services that
 * work with IAM"), or that can be shared with other accounts (AWS RAM User Guide, "Shareable AWS resources").
 */
const WITH_RESOURCE_POLICIES = new Set([
  ...['acm-pca', 'apigateway', 'aps', 'appconfig', 'appmesh', 'aoss', 'backup', 'backup-gateway', 'bedrock'],
  ...['bedrock-agentcore', 'cloudtrail', 'codeartifact', 'codebuild', 'datazone', 'dynamodb', 'ecr', 'ecr-public'],
  ...['elasticfilesystem', 'es', 'events', 'execute-api', 'glacier', 'glue', 'imagebuilder', 'kafka', 'kinesis', 'kms'],
  ...['lambda', 'lex', 'license-manager', 'logs', 'mediastore', 'memorydb', 'network-firewall', 'oam', 'organizations'],
  ...['payment-cryptography', 'ram', 'redshift', 'redshift-serverless', 'rekognition', 'resource-groups', 'route53'],
  ...['route53resolver', 's3', 's3-object-lambda', 's3-outposts', 's3express', 's3tables', 's3vectors', 'sagemaker'],
  ...['schemas', 'secretsmanager', 'serverlessrepo', 'servicecatalog', 'ses', 'signer', 'sns', 'sqs', 'ssm-contacts'],
  ...['ssm-incidents', 'verifiedpermissions', 'vpc-lattice', 'xray'],
]);

/** Services of which only some types of resources can be shared: the beginning of the ARN's last part. */
const SHARED_TYPES: Readonly<Record<string, RegExp>> = {
  ec2: /^(subnet|transit-gateway|prefix-list|capacity-reservation|image|snapshot|ipam|placement-group|security-group|dedicated-host|vpc-endpoint-service|verified-access|local-gateway|coip-pool|traffic-mirror-target)/,
  rds: /^(cluster|cluster-snapshot|snapshot):/,
  ssm: /^(parameter|document)\//,
};

const mayLetOthersIn = (service: string, resource: string): boolean =>
  WITH_RESOURCE_POLICIES.has(service) ||
  (Object.hasOwn(SHARED_TYPES, service) && SHARED_TYPES[service]?.test(resource) === true);

/** What a resource's own account means for a principal that is allowed the action by its own policies. */
export type ResourceSide =
  /** The principal's policies decide. */
  | { readonly kind: 'decided' }
  /** No principal of another account can do it. */
  | { readonly kind: 'otherAccount' }
  /** It also depends on this. */
  | { readonly kind: 'depends'; readonly on: string };

/** @param accountsInRun number of accounts that the run audits */
export function resourceSide(
  { resource, resourceAccount = null }: Question,
  principalAccount: string,
  accountsInRun: number,
): ResourceSide {
  if (resource === null) return { kind: 'decided' };
  const [, , service = '', , named = '', ...rest] = resource.split(':');
  const account = named === '' ? resourceAccount : named;
  if (account === principalAccount || account === 'aws') return { kind: 'decided' };
  if (account !== null) {
    return mayLetOthersIn(service, rest.join(':'))
      ? { kind: 'depends', on: `a policy of the resource in account ${account} allows it (not read)` }
      : { kind: 'otherAccount' };
  }
  // An ARN of S3 does not name an account. Most audited buckets belong to the only account of the run.
  if (accountsInRun < 2) return { kind: 'decided' };
  return { kind: 'depends', on: `the resource is in account ${principalAccount}, or its policy allows it (not read)` };
}

import { type Product, valueOf, versionIn } from './user-agent.ts';

export const tools = [
  'aws-cli',
  'powershell',
  'terraform',
  'opentofu',
  'pulumi',
  'cdk',
  'cloudformation',
  'console',
  'crossplane',
  'ack',
  'aws-nuke',
  'steampipe',
  'prowler',
  'iam-audit',
  'aws-service',
] as const;
export type Tool = (typeof tools)[number];

/** A program that uses an SDK, or an AWS service. `name` as it is shown. */
export interface FoundTool {
  readonly tool: Tool;
  readonly name: string;
  readonly version: string | null;
}

const SERVICE = /^[a-z0-9-]+(?:\.[a-z0-9-]+){0,4}\.amazonaws\.com(?:\.cn)?$/;
const CONSOLE = /^(?:[a-z0-9-]+\.)*(?:console|signin)(?:\.[a-z0-9-]+)*\.(?:amazonaws|aws\.amazon)\.com(?:\.cn)?$/;

/** The tools that put their name into the user agent, the more special ones first. */
const byProduct: readonly { readonly product: string; readonly tool: Tool; readonly name: string }[] = [
  { product: 'iam-audit', tool: 'iam-audit', name: 'iam-audit' },
  // Its provider is built on Terraform's, so both names may be there.
  { product: 'PulumiAws', tool: 'pulumi', name: 'Pulumi' },
  { product: 'PulumiAwsNative', tool: 'pulumi', name: 'Pulumi' },
  { product: 'Pulumi', tool: 'pulumi', name: 'Pulumi' },
  // The state backend names OpenTofu. The AWS provider is the same as Terraform's and names Terraform.
  { product: 'OpenTofu', tool: 'opentofu', name: 'OpenTofu' },
  { product: 'Terraform', tool: 'terraform', name: 'Terraform' },
  { product: 'terraform-provider-aws', tool: 'terraform', name: 'Terraform' },
  { product: 'terraform-provider-awscc', tool: 'terraform', name: 'Terraform' },
  // pkg clients of crossplane-contrib/provider-upjet-aws and of the older provider-aws.
  { product: 'upbound-provider-aws', tool: 'crossplane', name: 'Crossplane' },
  { product: 'crossplane-provider-aws', tool: 'crossplane', name: 'Crossplane' },
  // aws-controllers-k8s/runtime: its name is before that of the SDK.
  { product: 'aws-controllers-k8s', tool: 'ack', name: 'AWS Controllers for Kubernetes' },
  { product: 'aws-cdk', tool: 'cdk', name: 'AWS CDK' },
  { product: 'cdk-assets', tool: 'cdk', name: 'AWS CDK' },
  // Both name themselves only in some versions. Otherwise they look like any program with the SDK for Go.
  { product: 'aws-nuke', tool: 'aws-nuke', name: 'aws-nuke' },
  { product: 'steampipe', tool: 'steampipe', name: 'Steampipe' },
  { product: 'prowler', tool: 'prowler', name: 'Prowler' },
  { product: 'AWSPowerShell', tool: 'powershell', name: 'AWS Tools for PowerShell' },
  { product: 'AWSPowerShell.Common', tool: 'powershell', name: 'AWS Tools for PowerShell' },
];

/** prowler/providers/aws/config.py: the AWS Partner Network's number of Prowler. */
const PROWLER_PARTNER = 'APN_1826889';

const cli = (products: readonly Product[]): FoundTool | null => {
  const value = valueOf(products, 'aws-cli');
  if (value === null) return null;
  const version = versionIn(value);
  const major = /^[12](?=\.)/.exec(value)?.[0];
  return { tool: 'aws-cli', name: major === undefined ? 'AWS CLI' : `AWS CLI v${major}`, version };
};

/** An AWS service that calls, or calls on behalf of a caller. `name`: its service principal, or null if it is not told. */
export const serviceNamed = (name: string): FoundTool | null => {
  if (CONSOLE.test(name)) return { tool: 'console', name: 'AWS console', version: null };
  if (name === 'cloudformation.amazonaws.com') return { tool: 'cloudformation', name: 'CloudFormation', version: null };
  if (SERVICE.test(name)) return { tool: 'aws-service', name, version: null };
  return name === 'AWS Internal' ? { tool: 'aws-service', name: 'AWS service', version: null } : null;
};

/** The tool that a user agent names, or null. */
export const toolOf = (userAgent: string, products: readonly Product[]): FoundTool | null => {
  const service = serviceNamed(userAgent.trim());
  if (service !== null) return service;
  // The console's own servers call with the SDK for Java: it must not be taken for the caller's program.
  const first = products[0]?.name ?? '';
  if (first === 'Mozilla' || /Console$/.test(first)) return { tool: 'console', name: 'AWS console', version: null };
  if (first === 'aws-internal') return { tool: 'aws-service', name: 'AWS service', version: null };
  if (valueOf(products, 'app') === 'iam-audit') return { tool: 'iam-audit', name: 'iam-audit', version: null };
  for (const { product, tool, name } of byProduct) {
    const value = valueOf(products, product);
    if (value !== null) return { tool, name, version: versionIn(value) };
  }
  if (products.some(({ name }) => name === PROWLER_PARTNER)) return { tool: 'prowler', name: 'Prowler', version: null };
  return cli(products);
};

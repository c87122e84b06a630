import type { Remedy } from '../../../contract/doctor/diagnosis.ts';
import type { RemedyContext } from './context.ts';

/** What an example is written for. */
export const exampleTitles = {
  javascript: 'AWS SDK for JavaScript v3',
  'javascript-lambda': 'AWS SDK for JavaScript v3 in Lambda',
  'javascript-v2': 'AWS SDK for JavaScript v2',
  python: 'AWS SDK for Python (Boto3)',
  'python-lambda': 'AWS SDK for Python (Boto3) in Lambda',
  java: 'AWS SDK for Java v2',
  'java-v1': 'AWS SDK for Java v1',
  php: 'AWS SDK for PHP v3',
  kotlin: 'AWS SDK for Kotlin',
  go: 'AWS SDK for Go v2',
  'go-v1': 'AWS SDK for Go v1',
  cli: 'AWS CLI',
  ci: 'GitHub Actions',
  terraform: 'Terraform, OpenTofu',
  pulumi: 'Pulumi',
  crossplane: 'Crossplane',
  ack: 'Helm values of the ACK controller',
  environment: 'Environment variables',
  config: 'Shared file ~/.aws/config',
  audit: 'iam-audit',
} as const;
export type ExampleKind = keyof typeof exampleTitles;

/** The examples that a remedy has. */
export type Examples = Readonly<Partial<Record<ExampleKind, string>>>;

export type Client = RemedyContext['clients'][number];

/** Settings that need no change of code. */
const settings: readonly ExampleKind[][] = [['environment', 'config']];

const forUnknown: readonly ExampleKind[][] = [['javascript'], ['python'], ['cli'], ['environment'], ['config']];

export const isVersion = (client: Client, major: string): boolean => client.version?.startsWith(`${major}.`) === true;

const forLanguage = (client: Client): readonly ExampleKind[][] => {
  const inLambda = client.runtime === 'lambda';
  switch (client.language) {
    case 'javascript':
      if (isVersion(client, '2')) return [['javascript-v2', 'javascript'], ...settings];
      return [inLambda ? ['javascript-lambda', 'javascript'] : ['javascript'], ...settings];
    case 'python':
      return [inLambda ? ['python-lambda', 'python'] : ['python'], ...settings];
    case 'java':
      return [isVersion(client, '1') ? ['java-v1', 'java'] : ['java'], ...settings];
    case 'go':
      // Only version 1 has a retry mode that is known to be its own: see `onlyMode` in clients/retry-mode.ts.
      return [client.retryMode === 'legacy' ? ['go-v1', 'go'] : ['go'], ...settings];
    case 'php':
    case 'kotlin':
      return [[client.language], ['environment'], ['config', 'cli']];
    case 'dotnet':
    case 'ruby':
    case 'rust':
    case 'cpp':
    case 'swift':
      return [['environment'], ['config', 'cli']];
    case 'unknown':
      return forUnknown;
  }
};

/** In each group, the first example that the remedy has is shown. */
const groupsFor = (client: Client): readonly ExampleKind[][] => {
  switch (client.tool) {
    case 'aws-cli':
      return [['cli'], ['ci'], ['environment']];
    case 'terraform':
    case 'opentofu':
      // A profile would assume the role a second time.
      return [['terraform'], ['environment']];
    case 'iam-audit':
      return [['audit']];
    case 'pulumi':
      return [['pulumi'], ['environment'], ['config']];
    case 'crossplane':
    case 'ack':
      return [[client.tool], ['environment']];
    case 'powershell':
    case 'cdk':
    case 'aws-nuke':
    case 'steampipe':
    case 'prowler':
      return [['environment'], ['config', 'cli']];
    // Nobody outside AWS can change how its services and console call.
    case 'aws-service':
    case 'cloudformation':
    case 'console':
      return [];
    case null:
      return forLanguage(client);
  }
};

const unknownClient: Client = { retryMode: 'unknown', language: 'unknown', tool: null, runtime: null, version: null };

/**
 * The examples for the caller's clients; those for JavaScript, Python, the AWS CLI and settings if no client is known.
 * @param examples may differ between clients, because they run in different places
 */
export const selectExamples = (
  examples: Examples | ((client: Client) => Examples),
  clients: RemedyContext['clients'],
): Remedy['examples'] => {
  const known = clients.filter(({ tool, language }) => tool !== null || language !== 'unknown');
  const [first = unknownClient] = clients;
  const selected = new Map<ExampleKind, string>();
  for (const client of known.length === 0 ? [first] : known) {
    const own = typeof examples === 'function' ? examples(client) : examples;
    for (const group of known.length === 0 ? forUnknown : groupsFor(client)) {
      const kind = group.find((one) => own[one] !== undefined);
      const code = kind === undefined ? undefined : own[kind];
      if (kind !== undefined && code !== undefined && !selected.has(kind)) selected.set(kind, code);
    }
  }
  return [...selected].map(([kind, code]) => ({ for: exampleTitles[kind], code }));
};

/** A client that is part of AWS: a service or the console. */
export const isAws = (client: Client): boolean => groupsFor(client).length === 0;

import {
  DescribeStacksCommand,
  paginateListStackResources,
  type CloudFormationClient,
} from '@aws-sdk/client-cloudformation';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { ChildProcesses, Finished } from './child-processes.ts';
import { REGION } from './emulated-cloud.ts';
import { expect } from './steps.ts';

const Template = v.object({
  Resources: v.record(v.string(), v.looseObject({ Type: v.string(), Condition: v.optional(v.string()) })),
});

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
}

export interface OperatorOptions {
  readonly processes: ChildProcesses;
  readonly endpoint: string;
  /** The repository. */
  readonly project: string;
  /** Folder for logs and synthesised templates. */
  readonly folder: string;
}

/** A person who deploys and uses the stack: commands of `cdk` and `iam-audit`, as the documentation gives them. */
export class Operator {
  readonly #options: OperatorOptions;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  async bootstrap(): Promise<void> {
    await this.#cdk('bootstrap', [], {});
  }

  async deploy(settings: Settings): Promise<void> {
    await this.#cdk('deploy', ['--require-approval', 'never'], settings);
  }

  async destroy(settings: Settings): Promise<void> {
    await this.#cdk('destroy', ['--force'], settings);
  }

  iamAudit(...args: string[]): Promise<Finished> {
    return this.#npx('iam-audit', args);
  }

  /** The template that was deployed last with these settings. */
  template({ stackName }: Settings): unknown {
    const path = join(this.#outputOf(stackName), `${stackName ?? DEFAULT_STACK}.template.json`);
    const template: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return template;
  }

  /** Logical IDs of the resources without a condition. */
  expectedResources(settings: Settings): string[] {
    return Object.entries(v.parse(Template, this.template(settings)).Resources)
      .filter(([, { Condition }]) => Condition === undefined)
      .map(([logicalId]) => logicalId)
      .sort();
  }

  #outputOf(stackName: string | undefined): string {
    return join(this.#options.folder, `cdk.out-${stackName ?? DEFAULT_STACK}`);
  }

  async #cdk(command: string, args: readonly string[], settings: Settings): Promise<void> {
    // LocalStack's core has neither Athena nor AWS Glue.
    const context = ['--context', `iamAudit=${JSON.stringify({ ...settings, tables: { athena: false } })}`];
    const output = ['--output', this.#outputOf(settings.stackName)];
    const finished = await this.#npx('cdk', [command, ...args, ...context, ...output, '--no-notices', '--no-color']);
    expect(finished.code === 0, `cdk ${command} ended with ${finished.code}: ${lastLines(finished)}`);
  }

  #npx(program: string, args: readonly string[]): Promise<Finished> {
    const { processes, endpoint, project, folder } = this.#options;
    return processes.run('npx', ['--no-install', program, ...args], {
      cwd: project,
      log: join(folder, `${program}.log`),
      env: {
        ...withoutAws(process.env),
        HOME: folder,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_EC2_METADATA_DISABLED: 'true',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
      },
    });
  }
}

/** Settings of a deployment. The others have their defaults. */
export interface Settings {
  readonly stackName?: string;
  readonly accountIds?: readonly string[];
  readonly memberRoleName?: string;
  readonly unusedAfterDays?: number;
  readonly notify?: 'always';
  readonly resultsBucketName?: string;
}

export const DEFAULT_STACK = 'IamAudit';

/** The commands must not use the credentials and profiles of the person who runs the test. */
function withoutAws(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    value === undefined || name.startsWith('AWS_') || name.startsWith('CDK_') ? [] : [[name, value]],
  );
  return Object.fromEntries(kept);
}

export function lastLines({ stdout, stderr }: Finished): string {
  return `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
}

/** Status of a stack; null if there is no stack with this name. */
export async function stackStatus(client: CloudFormationClient, stackName: string): Promise<string | null> {
  const { Stacks } = await client.send(new DescribeStacksCommand({}));
  const stack = Stacks?.find(({ StackName }) => StackName === stackName);
  return stack?.StackStatus ?? null;
}

export async function stackResources(client: CloudFormationClient, stackName: string): Promise<StackResource[]> {
  const resources: StackResource[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: stackName })) {
    for (const resource of page.StackResourceSummaries ?? []) {
      resources.push({
        logicalId: resource.LogicalResourceId ?? '',
        physicalId: resource.PhysicalResourceId ?? '',
        type: resource.ResourceType ?? '',
        status: resource.ResourceStatus ?? '',
      });
    }
  }
  return resources;
}

/** An output of a stack. */
export async function stackOutput(client: CloudFormationClient, stackName: string, key: string): Promise<string> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
  const value = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  expect(value !== undefined, `The stack ${stackName} has no output ${key}.`);
  return value;
}

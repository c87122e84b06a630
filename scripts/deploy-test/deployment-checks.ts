import { GetFunctionConfigurationCommand, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { GetObjectCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, paginateGetExecutionHistory } from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { environmentNames } from '../../core/contract/environment.ts';
import { objects } from '../../core/contract/objects.ts';
import { RunSummary } from '../../core/contract/run.ts';
import { stackOutputs } from '../../core/contract/stack-outputs.ts';
import type { Finished } from './child-processes.ts';
import {
  DEFAULT_STACK,
  lastLines,
  stackOutput,
  stackResources,
  stackStatus,
  type Operator,
  type Settings,
} from './deployment.ts';
import type { EmulatedCloud, HUB, MEMBER } from './emulated-cloud.ts';
import { FunctionPolicies } from './function-policies.ts';
import { expect, expectEqual } from './steps.ts';

/** Checks after each command. They compare the emulated cloud with the template. */
export class DeploymentChecks {
  readonly #buckets = new Map<string, string>();
  #checkedRequests = 0;

  constructor(
    private readonly cloud: EmulatedCloud,
    private readonly operator: Operator,
  ) {}

  /** The results bucket of a stack, also after the stack was deleted. */
  bucketOf(stack: string): string {
    const bucket = this.#buckets.get(stack);
    expect(bucket !== undefined, `The bucket of ${stack} is not known.`);
    return bucket;
  }

  async deploy(settings: Settings): Promise<string> {
    const { cloudFormation } = this.cloud;
    const name = settings.stackName ?? DEFAULT_STACK;
    await this.operator.deploy(settings);
    expectEqual(`status of ${name}`, await stackStatus(cloudFormation, name), 'CREATE_COMPLETE');
    const resources = await stackResources(cloudFormation, name);
    const incomplete = resources.filter(({ status }) => status !== 'CREATE_COMPLETE');
    expectEqual('resources that are not CREATE_COMPLETE', incomplete, []);
    this.#expectAll(settings, resources);
    this.#buckets.set(name, await stackOutput(cloudFormation, name, stackOutputs.results));
    return resourcesOf(resources);
  }

  /** Deploys other settings. Every function must then have the environment of the new template. */
  async update(before: Settings, after: Settings): Promise<string> {
    const { cloudFormation } = this.cloud;
    const name = after.stackName ?? DEFAULT_STACK;
    const old = await this.#environments(before);
    await this.operator.deploy(after);
    expectEqual(`status of ${name}`, await stackStatus(cloudFormation, name), 'UPDATE_COMPLETE');
    const resources = await stackResources(cloudFormation, name);
    this.#expectAll(after, resources);
    const current = await this.#environments(after);
    expectEqual('functions after the update', [...current.keys()], [...old.keys()]);
    for (const [functionName, environment] of current) {
      const was = old.get(functionName);
      const { accounts, memberRoleName, unusedAfterDays, notify } = environmentNames;
      // Only PlanRun knows the accounts.
      const before = was?.[accounts];
      expectEqual(`accounts of ${functionName}`, environment[accounts], before === undefined ? before : 'listed');
      const shown = [memberRoleName, unusedAfterDays, notify];
      expectEqual(
        `environment of ${functionName} before and after`,
        shown.map((variable) => [was?.[variable], environment[variable]]),
        [
          [undefined, after.memberRoleName],
          ['90', String(after.unusedAfterDays)],
          ['news', after.notify],
        ],
      );
    }
    return `the environment of ${current.size} functions changed`;
  }

  /** Destroys a stack. Its results must be kept. */
  async destroy(settings: Settings, runId: string): Promise<string> {
    const name = settings.stackName ?? DEFAULT_STACK;
    const before = await stackResources(this.cloud.cloudFormation, name);
    await this.operator.destroy(settings);
    expectEqual(`status of ${name}`, await stackStatus(this.cloud.cloudFormation, name), null);
    for (const { type, physicalId } of before) {
      if (type !== 'AWS::Lambda::Function') continue;
      expect((await this.#environment(physicalId)) === null, `The function ${physicalId} is still there.`);
    }
    const bucket = this.bucketOf(name);
    await this.cloud.s3.send(new HeadBucketCommand({ Bucket: bucket }));
    const run = parseRun(await this.#read(bucket, objects.run(runId)));
    expectEqual('the run that is kept', [run.runId, run.status], [runId, 'COMPLETE']);
    return `bucket kept, with run ${runId}`;
  }

  async status(runId: string, ...options: string[]): Promise<string> {
    const run = parseRun(succeeded('status', await this.operator.iamAudit('status', '--json', ...options)));
    expectEqual('the run of status', [run.runId, run.status], [runId, 'COMPLETE']);
    return `run ${runId}`;
  }

  /** Starts a run of a stack. It must end COMPLETE and have a record of every principal of these accounts. */
  async completeRun(
    stack: string,
    accountIds: readonly (typeof HUB | typeof MEMBER)[],
    ...options: string[]
  ): Promise<RunSummary> {
    const started = await this.operator.iamAudit('start', '--wait', '--json', ...options);
    const run = parseRun(succeeded('start', started));
    expectEqual('status of the run', run.status, 'COMPLETE');
    expectEqual('accounts of the run', run.accounts.map(({ accountId }) => accountId).sort(), [...accountIds].sort());
    for (const accountId of accountIds) {
      const { users, roles } = this.cloud.accounts[accountId];
      const wanted = [...users.values(), ...roles.values()].map(({ arn }) => arn).sort();
      const text = await this.#read(this.bucketOf(stack), objects.principals(run.runId, accountId));
      const lines = text.split('\n').filter((line) => line !== '');
      const records = lines.map((line) => v.parse(PrincipalLine, JSON.parse(line)));
      expectEqual(`principals of ${accountId}`, records.map(({ arn }) => arn).sort(), wanted);
      expectEqual(
        `principals of ${accountId} that are not COMPLETE`,
        records.filter(({ status }) => status !== 'COMPLETE'),
        [],
      );
    }
    return run;
  }

  /** Checks that the last execution of a stack's state machine published a message about its run. */
  async published(stack: string): Promise<string> {
    const { cloudFormation, sfn } = this.cloud;
    const stateMachineArn = await stackOutput(cloudFormation, stack, stackOutputs.stateMachine);
    const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }));
    const executionArn = executions?.[0]?.executionArn;
    let published = 0;
    for await (const { events } of paginateGetExecutionHistory({ client: sfn }, { executionArn })) {
      for (const { taskSucceededEventDetails } of events ?? []) {
        if (taskSucceededEventDetails?.resourceType === 'sns') published += 1;
      }
    }
    expectEqual('messages that the execution has published', published, 1);
    return '1 message published';
  }

  /** Checks that the function's policy in the template allows every request since the last check. */
  async checkRequests(settings: Settings): Promise<string> {
    const resources = await stackResources(this.cloud.cloudFormation, settings.stackName ?? DEFAULT_STACK);
    const policies = new FunctionPolicies(
      this.operator.template(settings),
      new Map(resources.map(({ logicalId, physicalId }) => [logicalId, physicalId])),
    );
    const requests = this.cloud.requests.slice(this.#checkedRequests);
    this.#checkedRequests = this.cloud.requests.length;
    const asking = new Set(requests.map(({ functionName }) => functionName));
    expectEqual('functions that made requests', [...asking].sort(), [...policies.functions].sort());
    const denied = requests.filter((request) => !policies.allows(request));
    expectEqual('requests that the policies do not allow', denied, []);
    const s3 = requests.filter(({ action }) => action.startsWith('s3:')).length;
    return `${requests.length} permissions used, ${s3} of S3, by ${asking.size} functions; all are granted`;
  }

  #expectAll(settings: Settings, resources: readonly { readonly logicalId: string }[]): void {
    const there = new Set(resources.map(({ logicalId }) => logicalId));
    const missing = this.operator.expectedResources(settings).filter((logicalId) => !there.has(logicalId));
    expectEqual('resources of the template that are missing', missing, []);
  }

  async #environments(settings: Settings): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    const resources = await stackResources(this.cloud.cloudFormation, settings.stackName ?? DEFAULT_STACK);
    const functions = resources.filter(({ type }) => type === 'AWS::Lambda::Function');
    const environments = new Map<string, Readonly<Record<string, string>>>();
    for (const { physicalId } of functions) {
      const environment = await this.#environment(physicalId);
      expect(environment !== null, `There is no function ${physicalId}.`);
      environments.set(physicalId, environment);
    }
    return environments;
  }

  /** Null: there is no such function. */
  async #environment(functionName: string): Promise<Readonly<Record<string, string>> | null> {
    try {
      const command = new GetFunctionConfigurationCommand({ FunctionName: functionName });
      return (await this.cloud.lambda.send(command)).Environment?.Variables ?? {};
    } catch (error: unknown) {
      if (error instanceof ResourceNotFoundException) return null;
      throw error;
    }
  }

  async #read(bucket: string, key: string): Promise<string> {
    const { Body } = await this.cloud.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  }
}

const PrincipalLine = v.object({ arn: v.string(), status: v.string() });

export const parseRun = (text: string): RunSummary => v.parse(RunSummary, JSON.parse(text));

/** The standard output of a command, whose exit code must be 0. */
export function succeeded(command: string, finished: Finished): string {
  expect(finished.code === 0, `iam-audit ${command} ended with ${finished.code}: ${lastLines(finished)}`);
  return finished.stdout;
}

export const resourcesOf = (resources: readonly unknown[]): string => `${resources.length} resources CREATE_COMPLETE`;

export function figuresOf({ accounts, principals, calls }: RunSummary): string {
  const sent = Object.values(calls).reduce((sum, counts) => sum + counts.sent, 0);
  const counted = accounts.length === 1 ? '1 account' : `${accounts.length} accounts`;
  return `${counted}, ${principals.total} principals COMPLETE, ${principals.carriedForward} carried, ${sent} calls`;
}

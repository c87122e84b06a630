import { DescribeStacksCommand, type CloudFormationClient, type Stack } from '@aws-sdk/client-cloudformation';
import { DescribeStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { STACK_MARK, stackOutputs } from '../core/contract/stack-outputs.ts';
import { toAwsFault } from './sdk-fault.ts';

/** Where the deployed audit is. */
export interface Deployment {
  readonly stateMachineArn: string;
  readonly bucket: string;
}

/** What was looked for is not there, or is there more than once. */
export class DeploymentNotFound extends Error {
  override name = 'DeploymentNotFound';
}

interface Clients {
  readonly sfn: SFNClient;
  readonly cloudFormation: CloudFormationClient;
}

export interface DeploymentChoice {
  readonly stack?: string | undefined;
  readonly stateMachineArn?: string | undefined;
}

/** Finds the deployed audit by its machine, its stack, or as the only one in account and Region. @throws DeploymentNotFound, AwsFault */
export function findDeployment(clients: Clients, choice: DeploymentChoice): Promise<Deployment> {
  if (choice.stateMachineArn !== undefined) return ofStateMachine(clients.sfn, choice.stateMachineArn);
  return choice.stack === undefined ? onlyOne(clients.cloudFormation) : ofStack(clients.cloudFormation, choice.stack);
}

function deploymentOf({ Outputs, Description }: Stack): Deployment | null {
  if (Description?.includes(STACK_MARK) !== true) return null;
  const output = (key: string): string | undefined => Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  const stateMachineArn = output(stackOutputs.stateMachine);
  const bucket = output(stackOutputs.results);
  return stateMachineArn === undefined || bucket === undefined ? null : { stateMachineArn, bucket };
}

async function ofStack(client: CloudFormationClient, name: string): Promise<Deployment> {
  let stacks: Stack[];
  try {
    stacks = (await client.send(new DescribeStacksCommand({ StackName: name }))).Stacks ?? [];
  } catch (error: unknown) {
    const fault = toAwsFault(error);
    if (!fault.message.includes('does not exist')) throw fault;
    throw new DeploymentNotFound(await notThere(client, name), { cause: error });
  }
  const deployment = stacks[0] === undefined ? null : deploymentOf(stacks[0]);
  if (deployment !== null) return deployment;
  throw new DeploymentNotFound(`The stack ${name} is none of iam-audit: its description does not say ${STACK_MARK}.`);
}

async function onlyOne(client: CloudFormationClient): Promise<Deployment> {
  const found = await deployments(client);
  const [first, ...others] = found;
  if (first === undefined) {
    throw new DeploymentNotFound(
      `No stack of iam-audit is deployed in ${await client.config.region()}: choose another Region (--region), or deploy it (docs/deploy.md).`,
    );
  }
  if (others.length > 0) {
    throw new DeploymentNotFound(
      `There are ${found.length} stacks of iam-audit (${found.map(({ name }) => name).join(', ')}): name one with --stack.`,
    );
  }
  return first.deployment;
}

async function notThere(client: CloudFormationClient, name: string): Promise<string> {
  const others = await deployments(client).catch(() => []);
  const hint =
    others.length === 0 ? 'none of iam-audit is there' : `there is ${others.map((other) => other.name).join(', ')}`;
  return `There is no stack ${name} in ${await client.config.region()}; ${hint}. Another Region is chosen with --region.`;
}

async function deployments(client: CloudFormationClient): Promise<{ name: string; deployment: Deployment }[]> {
  const found: { name: string; deployment: Deployment }[] = [];
  try {
    let token: string | undefined;
    do {
      const page: { Stacks?: Stack[] | undefined; NextToken?: string | undefined } = await client.send(
        new DescribeStacksCommand({ NextToken: token }),
      );
      for (const stack of page.Stacks ?? []) {
        const deployment = deploymentOf(stack);
        if (deployment !== null) found.push({ name: stack.StackName ?? '', deployment });
      }
      token = page.NextToken;
    } while (token !== undefined);
  } catch (error: unknown) {
    throw toAwsFault(error);
  }
  return found;
}

const Definition = v.object({
  States: v.object({
    Accounts: v.object({ ItemReader: v.object({ Arguments: v.object({ Bucket: v.string() }) }) }),
  }),
});

/** The bucket is in the definition: the reader of the Accounts map reads from it. */
async function ofStateMachine(client: SFNClient, stateMachineArn: string): Promise<Deployment> {
  let definition: string | undefined;
  try {
    ({ definition } = await client.send(new DescribeStateMachineCommand({ stateMachineArn })));
  } catch (error: unknown) {
    const fault = toAwsFault(error);
    if (fault.code !== 'StateMachineDoesNotExist' && fault.code !== 'InvalidArn') throw fault;
    throw new DeploymentNotFound(`There is no state machine ${stateMachineArn}.`, { cause: error });
  }
  const parsed = v.safeParse(Definition, JSON.parse(definition ?? '{}'));
  if (!parsed.success) throw new DeploymentNotFound(`The state machine ${stateMachineArn} is none of iam-audit.`);
  return { stateMachineArn, bucket: parsed.output.States.Accounts.ItemReader.Arguments.Bucket };
}

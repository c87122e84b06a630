import { DescribeStacksCommand, type CloudFormationClient, type Stack } from '@aws-sdk/client-cloudformation';
import { DescribeStateMachineCommand, type SFNClient, type StateMachineStatus } from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { STACK_MARK, stackOutputs } from '../core/contract/stack-outputs.ts';
import { toAwsFault } from './sdk-fault.ts';
import { whyUnusable } from './stack-state.ts';

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

/** A stack of the audit: where it is, or why it can't be used. */
type Found = { readonly name: string } & ({ readonly deployment: Deployment } | { readonly ignored: string });
type Usable = Extract<Found, { deployment: Deployment }>;

/** Null: the stack is of something else. */
function foundIn({ StackName = '', StackStatus, Outputs, Description }: Stack): Found | null {
  if (Description?.includes(STACK_MARK) !== true) return null;
  const why = whyUnusable(StackStatus);
  if (why !== null) return { name: StackName, ignored: `${StackStatus ?? ''}: ${why}` };
  const output = (key: string): string | undefined => Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  const stateMachineArn = output(stackOutputs.stateMachine);
  const bucket = output(stackOutputs.results);
  return stateMachineArn === undefined || bucket === undefined
    ? { name: StackName, ignored: `it has no outputs ${stackOutputs.stateMachine} and ${stackOutputs.results}` }
    : { name: StackName, deployment: { stateMachineArn, bucket } };
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
  const found = stacks[0] === undefined ? null : foundIn(stacks[0]);
  if (found === null) {
    throw new DeploymentNotFound(`The stack ${name} is none of iam-audit: its description does not say ${STACK_MARK}.`);
  }
  if ('deployment' in found) return found.deployment;
  throw new DeploymentNotFound(`The stack ${name} holds no audit that can be used (${found.ignored}).`);
}

async function onlyOne(client: CloudFormationClient): Promise<Deployment> {
  const all = await auditStacks(client);
  const found = all.filter(isUsable);
  const [first, ...others] = found;
  if (first === undefined) {
    const ignored = all.flatMap((stack) => ('ignored' in stack ? [`${stack.name} (${stack.ignored})`] : []));
    throw new DeploymentNotFound(
      `No stack of iam-audit is deployed in ${await client.config.region()}: choose another Region (--region), or deploy it (docs/deploy.md).${
        ignored.length === 0 ? '' : ` Ignored: ${ignored.join('; ')}.`
      }`,
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
  const others = (await auditStacks(client).catch(() => [])).filter(isUsable);
  const hint =
    others.length === 0 ? 'none of iam-audit is there' : `there is ${others.map((other) => other.name).join(', ')}`;
  return `There is no stack ${name} in ${await client.config.region()}; ${hint}. Another Region is chosen with --region.`;
}

const isUsable = (stack: Found): stack is Usable => 'deployment' in stack;

async function auditStacks(client: CloudFormationClient): Promise<Found[]> {
  const stacks: Found[] = [];
  try {
    let token: string | undefined;
    do {
      const page: { Stacks?: Stack[] | undefined; NextToken?: string | undefined } = await client.send(
        new DescribeStacksCommand({ NextToken: token }),
      );
      for (const stack of page.Stacks ?? []) {
        const found = foundIn(stack);
        if (found !== null) stacks.push(found);
      }
      token = page.NextToken;
    } while (token !== undefined);
  } catch (error: unknown) {
    throw toAwsFault(error);
  }
  return stacks;
}

const Definition = v.object({
  States: v.object({
    Accounts: v.object({ ItemReader: v.object({ Arguments: v.object({ Bucket: v.string() }) }) }),
  }),
});

/** The bucket is in the definition: the reader of the Accounts map reads from it. */
async function ofStateMachine(client: SFNClient, stateMachineArn: string): Promise<Deployment> {
  let definition: string | undefined;
  let status: StateMachineStatus | undefined;
  try {
    ({ definition, status } = await client.send(new DescribeStateMachineCommand({ stateMachineArn })));
  } catch (error: unknown) {
    const fault = toAwsFault(error);
    if (fault.code !== 'StateMachineDoesNotExist' && fault.code !== 'InvalidArn') throw fault;
    throw new DeploymentNotFound(`There is no state machine ${stateMachineArn}.`, { cause: error });
  }
  if (status === 'DELETING') throw new DeploymentNotFound(`The state machine ${stateMachineArn} is being deleted.`);
  const parsed = v.safeParse(Definition, JSON.parse(definition ?? '{}'));
  if (!parsed.success) throw new DeploymentNotFound(`The state machine ${stateMachineArn} is none of iam-audit.`);
  return { stateMachineArn, bucket: parsed.output.States.Accounts.ItemReader.Arguments.Bucket };
}

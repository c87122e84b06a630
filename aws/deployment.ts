import { DescribeStacksCommand, type CloudFormationClient, type Stack } from '@aws-sdk/client-cloudformation';
import { DescribeStateMachineCommand, type SFNClient, type StateMachineStatus } from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { STACK_MARK, stackOutputs } from '../core/contract/stack-outputs.ts';
import { toAwsFault } from './sdk-fault.ts';
import { whyUnusable } from './stack-state.ts';
import { PageMarkers } from '../core/ports/pages.ts';

/** The resources of the deployed audit that commands use. */
export interface Deployment {
  readonly stateMachineArn: string;
  readonly bucket: string;
  /** Athena workgroup of the doctor. Null if the stack has none, or was found by its state machine. */
  readonly doctorWorkgroup: string | null;
}

/** No usable deployment matches, or more than one does. */
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

/**
 * Finds the deployed audit by its state machine or its stack. Without either, the account and Region must have one stack of it.
 * @throws DeploymentNotFound, AwsFault
 */
export function findDeployment(clients: Clients, choice: DeploymentChoice): Promise<Deployment> {
  if (choice.stateMachineArn !== undefined) return findByStateMachine(clients.sfn, choice.stateMachineArn);
  return choice.stack === undefined
    ? findOnlyStack(clients.cloudFormation)
    : findByStack(clients.cloudFormation, choice.stack);
}

/** A stack of iam-audit: its deployment, or the reason why it can't be used. */
type AuditStack = { readonly name: string } & ({ readonly deployment: Deployment } | { readonly ignored: string });
type UsableStack = Extract<AuditStack, { deployment: Deployment }>;

/** Null if the stack is not a stack of iam-audit. */
function toAuditStack({ StackName = '', StackStatus, Outputs, Description }: Stack): AuditStack | null {
  if (Description?.includes(STACK_MARK) !== true) return null;
  const why = whyUnusable(StackStatus);
  if (why !== null) return { name: StackName, ignored: `${StackStatus ?? ''}: ${why}` };
  const output = (key: string): string | undefined => Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  const stateMachineArn = output(stackOutputs.stateMachine);
  const bucket = output(stackOutputs.results);
  return stateMachineArn === undefined || bucket === undefined
    ? { name: StackName, ignored: `it has no outputs ${stackOutputs.stateMachine} and ${stackOutputs.results}` }
    : {
        name: StackName,
        deployment: { stateMachineArn, bucket, doctorWorkgroup: output(stackOutputs.doctorWorkgroup) ?? null },
      };
}

async function findByStack(client: CloudFormationClient, name: string): Promise<Deployment> {
  let stacks: Stack[];
  try {
    stacks = (await client.send(new DescribeStacksCommand({ StackName: name }))).Stacks ?? [];
  } catch (error: unknown) {
    const fault = toAwsFault(error);
    if (!fault.message.includes('does not exist')) throw fault;
    throw new DeploymentNotFound(await missingStackMessage(client, name), { cause: error });
  }
  const stack = stacks[0] === undefined ? null : toAuditStack(stacks[0]);
  if (stack === null) {
    throw new DeploymentNotFound(
      `The stack ${name} is not a stack of iam-audit: its description does not contain ${STACK_MARK}. Choose another with --stack.`,
    );
  }
  if ('deployment' in stack) return stack.deployment;
  throw new DeploymentNotFound(`The stack ${name} can't be used (${stack.ignored}).`);
}

async function findOnlyStack(client: CloudFormationClient): Promise<Deployment> {
  const all = await auditStacks(client);
  const usable = all.filter(isUsable);
  const [first, ...others] = usable;
  if (first === undefined) {
    const ignored = all.flatMap((stack) => ('ignored' in stack ? [`${stack.name} (${stack.ignored})`] : []));
    throw new DeploymentNotFound(
      `No stack of iam-audit is deployed in ${await client.config.region()}. Choose another Region (--region), read results on this machine (--out), or deploy the stack (docs/deploy.md).${
        ignored.length === 0 ? '' : ` Ignored: ${ignored.join('; ')}.`
      }`,
    );
  }
  if (others.length > 0) {
    throw new DeploymentNotFound(
      `There are ${usable.length} stacks of iam-audit (${usable.map(({ name }) => name).join(', ')}). Choose one with --stack.`,
    );
  }
  return first.deployment;
}

async function missingStackMessage(client: CloudFormationClient, name: string): Promise<string> {
  const others = (await auditStacks(client).catch(() => [])).filter(isUsable);
  const hint = others.length === 0 ? '(none)' : others.map((other) => other.name).join(', ');
  return `There is no stack ${name} in ${await client.config.region()}. Stacks of iam-audit there: ${hint}. Choose another Region with --region.`;
}

const isUsable = (stack: AuditStack): stack is UsableStack => 'deployment' in stack;

async function auditStacks(client: CloudFormationClient): Promise<AuditStack[]> {
  const stacks: AuditStack[] = [];
  try {
    const markers = new PageMarkers<string | undefined>('DescribeStacks');
    let token: string | undefined;
    do {
      const page: { Stacks?: Stack[] | undefined; NextToken?: string | undefined } = await client.send(
        new DescribeStacksCommand({ NextToken: token }),
      );
      for (const stack of page.Stacks ?? []) {
        const auditStack = toAuditStack(stack);
        if (auditStack !== null) stacks.push(auditStack);
      }
      token = markers.next(page.NextToken);
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

/** Takes the bucket from the definition, where the item reader of the Accounts map names it. */
async function findByStateMachine(client: SFNClient, stateMachineArn: string): Promise<Deployment> {
  let definition: string | undefined;
  let status: StateMachineStatus | undefined;
  try {
    ({ definition, status } = await client.send(new DescribeStateMachineCommand({ stateMachineArn })));
  } catch (error: unknown) {
    const fault = toAwsFault(error);
    if (fault.code !== 'StateMachineDoesNotExist' && fault.code !== 'InvalidArn') throw fault;
    throw new DeploymentNotFound(`There is no state machine ${stateMachineArn}. Check --state-machine-arn.`, {
      cause: error,
    });
  }
  if (status === 'DELETING') throw new DeploymentNotFound(`The state machine ${stateMachineArn} is being deleted.`);
  const parsed = v.safeParse(Definition, JSON.parse(definition ?? '{}'));
  if (!parsed.success)
    throw new DeploymentNotFound(
      `The state machine ${stateMachineArn} is not a state machine of iam-audit. Check --state-machine-arn.`,
    );
  const { Bucket: bucket } = parsed.output.States.Accounts.ItemReader.Arguments;
  return { stateMachineArn, bucket, doctorWorkgroup: null };
}

import { allOf, keysOf, weightOf, truthOfKeys } from '../../evaluation/truth.ts';
import type { KeyValue } from '../../evaluation/condition-context.ts';
import { everyPolicy } from '../../evaluation/permissions.ts';
import type { AccountAccess, RequestingService } from '../account-access.ts';
import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { escalationPaths } from '../paths/escalation-paths.ts';
import { policiesOf } from '../requests.ts';
import { TargetFinder, uniqueGrounds } from '../target-groups.ts';
import { mayDoTogether, type TogetherVerdict } from '../together.ts';
import { PASS } from '../ways/passed-roles.ts';
import type { WayContext } from '../ways/way-context.ts';
import { inWords, type Doubt, type Way } from '../ways/way.ts';

const CLOUDFORMATION = 'cloudformation.amazonaws.com';

/**
 * The keys of a request that CloudFormation sends for the principal that creates a stack (IAM User Guide, "Forward access
 * sessions").
 */
const keys: RequestingService['keys'] = new Map<string, KeyValue>([
  ['aws:calledvia', [CLOUDFORMATION]],
  ['aws:calledviafirst', [CLOUDFORMATION]],
  ['aws:calledvialast', [CLOUDFORMATION]],
  ['aws:viaawsservice', ['true']],
  // The addresses are those of the service.
  ['aws:sourceip', 'unknown'],
  ['aws:sourcevpc', 'absent'],
  ['aws:sourcevpce', 'absent'],
  ['aws:vpcsourceip', 'absent'],
]);

/** The IAM actions by which stacks create principals and change existing ones. A stack attaches the policies that it creates. */
const ofPrincipals: ReadonlyMap<string, string | null> = new Map([
  ...[
    'iam:AddUserToGroup',
    'iam:CreateAccessKey',
    'iam:CreateGroup',
    'iam:CreatePolicy',
    'iam:CreateRole',
    'iam:CreateUser',
    'iam:PutGroupPolicy',
    'iam:PutRolePolicy',
    'iam:PutUserPolicy',
  ].map((action): [string, null] => [action, null]),
  ...['iam:AttachGroupPolicy', 'iam:AttachRolePolicy', 'iam:AttachUserPolicy'].map((action): [string, string] => [
    action,
    'iam:CreatePolicy',
  ]),
]);

/** The actions by which stacks create resources that have a role. */
const ofResources = new Set([
  'amplify:CreateApp',
  'apprunner:CreateService',
  'autoscaling:CreateLaunchConfiguration',
  'batch:RegisterJobDefinition',
  'bedrock-agentcore:CreateAgentRuntime',
  'bedrock-agentcore:CreateBrowser',
  'bedrock-agentcore:CreateCodeInterpreter',
  'codebuild:CreateProject',
  'cognito-identity:SetIdentityPoolRoles',
  'ec2:RunInstances',
  'ecs:RegisterTaskDefinition',
  'eks:CreatePodIdentityAssociation',
  'elasticmapreduce:RunJobFlow',
  'gamelift:CreateFleet',
  'glue:CreateDevEndpoint',
  'glue:CreateJob',
  'imagebuilder:CreateInfrastructureConfiguration',
  'kinesisanalytics:CreateApplication',
  'lambda:CreateFunction',
  'rolesanywhere:CreateProfile',
  'sagemaker:CreateNotebookInstance',
  'scheduler:CreateSchedule',
  'states:CreateStateMachine',
]);

const changesPrincipals: RequestingService = { keys, sends: ofPrincipals };
const passesRoles: RequestingService = {
  keys,
  sends: new Map(
    [PASS, 'iam:AddRoleToInstanceProfile', 'iam:CreateInstanceProfile', ...ofResources].map((one) => [one, null]),
  ),
};

const passes = escalationPaths.filter(
  ({ kind, actions }) => kind === 'new-passrole' && actions.some((action) => ofResources.has(action)),
);
const changes = escalationPaths.filter(
  ({ kind, actions }) => !kind.endsWith('passrole') && actions.some((action) => ofPrincipals.has(action)),
);

/** An account in which principals may also send requests by a stack. */
export class RequestsByStacks {
  readonly #contexts = new Map<RequestingService, WayContext>();

  constructor(private readonly account: AccountAccess) {}

  context(service: RequestingService, context: WayContext): WayContext {
    const known = this.#contexts.get(service);
    if (known !== undefined) return known;
    const account = this.account.by(service);
    const created = { ...context, account, finder: new TargetFinder(account) };
    this.#contexts.set(service, created);
    return created;
  }
}

/**
 * The ways by requests that a principal may not send itself, but that CloudFormation may send for it: conditions on
 * `aws:CalledVia` and the like allow them.
 * @param ways that the principal has without a stack
 * @param find finds the ways in a context
 */
export function stackWays(
  node: PrincipalNode,
  ways: readonly Way[],
  context: WayContext,
  find: (node: PrincipalNode, context: WayContext, paths: readonly EscalationPath[]) => readonly Way[],
): Way[] {
  if (!dependsOnService(node, context)) return [];
  const stack = bestStack(node, context);
  if (stack === null) return [];
  const found = [
    ...find(node, context.stacks.context(changesPrincipals, context), changes),
    ...find(node, context.stacks.context(passesRoles, context), passes),
  ];
  return found.flatMap((way) => withoutKnown(way, ways).map((one) => byStack(one, stack)));
}

const SERVICE_KEYS = /^aws:(?:calledvia(?:first|last)?|viaawsservice)$/;

function dependsOnService(node: PrincipalNode, { account }: WayContext): boolean {
  for (const { statement } of account.evaluator.statementsOf(everyPolicy(policiesOf(account, node)))) {
    if (statement.conditions.some(({ key }) => SERVICE_KEYS.test(key))) return true;
  }
  return false;
}

interface Stack {
  readonly actions: readonly string[];
  readonly verdict: TogetherVerdict;
  readonly doubts: readonly Doubt[];
}

/** How the principal may have CloudFormation send requests; null: in no way. */
function bestStack(node: PrincipalNode, { account }: WayContext): Stack | null {
  const choices: readonly Pick<Stack, 'actions' | 'doubts'>[] = [
    { actions: ['cloudformation:CreateStack'], doubts: [] },
    { actions: ['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'], doubts: [] },
    { actions: ['cloudformation:UpdateStack'], doubts: ['running'] },
  ];
  const weight = ({ verdict, doubts }: Stack): number => weightOf(verdict.truth) + doubts.length * 10;
  return choices
    .map((choice): Stack => ({ ...choice, verdict: mayDoTogether(account, node, choice.actions) }))
    .filter(({ verdict }) => verdict.truth !== false)
    .reduce<Stack | null>((best, one) => (best === null || weight(one) < weight(best) ? one : best), null);
}

/** The way for the targets that no known way leads to as certainly; none if a known way gives as much. */
function withoutKnown(way: Way, ways: readonly Way[]): Way[] {
  const known = ways.filter(
    ({ path, keys: own, doubts }) =>
      path === way.path && own.length <= way.keys.length && doubts.length <= way.doubts.length,
  );
  if (way.targets.length === 0) return known.some(({ gain }) => givesAsMuch(gain, way.gain)) ? [] : [way];
  const reached = new Set(known.flatMap(({ targets }) => targets));
  const targets = way.targets.filter((target) => !reached.has(target));
  return targets.length === 0 ? [] : [{ ...way, targets }];
}

const givesAsMuch = (a: Way['gain'], b: Way['gain']): boolean =>
  a === 'own' || b === 'own' ? a === b : (b.everywhere & ~a.everywhere) === 0n && (b.somewhere & ~a.somewhere) === 0n;

function byStack(way: Way, { actions, verdict, doubts }: Stack): Way {
  return {
    ...way,
    by: `${inWords(way)}, by a CloudFormation stack`,
    also: [...(way.also ?? []), ...actions],
    keys: keysOf(allOf([truthOfKeys(way.keys), verdict.truth])),
    doubts: [...way.doubts, ...doubts],
    grounds: uniqueGrounds([...way.grounds, ...verdict.grounds]),
  };
}

import type { PrincipalNode } from '../node.ts';
import type { EscalationPath, StackUse } from '../paths/escalation-path.ts';
import type { RolesInStacks } from '../ways/way-context.ts';
import { actionsOf, type Way } from '../ways/way.ts';

/** Roles as CloudFormation uses them: it sends requests with their permissions, and nobody gets their sessions. */
export class StackRoles implements RolesInStacks {
  readonly #roles: Readonly<Record<StackUse, Map<PrincipalNode, PrincipalNode>>> = {
    stack: new Map(),
    'stack set': new Map(),
  };
  readonly #lists: Readonly<Record<StackUse, WeakMap<readonly PrincipalNode[], readonly PrincipalNode[]>>> = {
    stack: new WeakMap(),
    'stack set': new WeakMap(),
  };

  usedIn(use: StackUse, roles: readonly PrincipalNode[]): readonly PrincipalNode[] {
    const known = this.#lists[use].get(roles);
    if (known !== undefined) return known;
    const used = roles.map((role) => this.#used(use, role));
    this.#lists[use].set(roles, used);
    return used;
  }

  #used(use: StackUse, role: PrincipalNode): PrincipalNode {
    const known = this.#roles[use].get(role);
    if (known !== undefined) return known;
    const used: PrincipalNode = { ...role, ...(use === 'stack' ? {} : withoutPower), usedIn: { use, role } };
    this.#roles[use].set(role, used);
    return used;
  }
}

/** All that the role of a stack set does is assume execution roles. */
const withoutPower = { power: { everywhere: 0n, somewhere: 0n }, isAdministrator: false };

const ASSUME_ROLE = 'sts-001';

/**
 * What remains of a role's ways where CloudFormation uses it.
 * @param ways of the role itself
 */
export function waysInStacks(use: StackUse, ways: readonly Way[], roles: RolesInStacks): Way[] {
  if (use === 'stack') return ways.filter(mayBeInStack);
  return ways
    .filter(({ path, first, helper }) => path.id === ASSUME_ROLE && first === undefined && helper === undefined)
    .map((way) => ({ ...way, after: roles.usedIn('stack', way.targets) }));
}

/**
 * Actions that give permissions by their answer, or by a connection, to the principal that sends them. A stack passes
 * neither on. Nor does any type of resource set the default version of a policy or a password of a directory
 * (CloudFormation's resource type schemas, permissions of the handlers).
 */
const ofTheCallerAlone = new Set([
  'appstream:CreateAppBlockBuilderStreamingURL',
  'appstream:CreateImageBuilderStreamingURL',
  'appstream:CreateStreamingURL',
  'athena:StartCalculationExecution',
  'bedrock-agentcore:ConnectBrowserAutomationStream',
  'bedrock-agentcore:InvokeAgentRuntime',
  'bedrock-agentcore:InvokeAgentRuntimeCommand',
  'bedrock-agentcore:InvokeCodeInterpreter',
  'codebuild:StartCommandExecution',
  'codebuild:StartSandboxConnection',
  'cognito-identity:GetOpenIdTokenForDeveloperIdentity',
  'deadline:AssumeFleetRoleForWorker',
  'deadline:AssumeQueueRoleForUser',
  'ds:ResetUserPassword',
  'ec2-instance-connect:SendSSHPublicKey',
  'ecs:ExecuteCommand',
  'emr-serverless:AccessLivyEndpoints',
  'emr-serverless:GetSessionEndpoint',
  'gamelift:GetComputeAccess',
  'glue:RunStatement',
  'iam:SetDefaultPolicyVersion',
  'kinesisanalytics:CreateApplicationPresignedUrl',
  'lambda:CreateMicrovmShellAuthToken',
  'sagemaker:CreatePresignedDomainUrl',
  'sagemaker:CreatePresignedNotebookInstanceUrl',
  'sagemaker:StartSession',
  'ssm:StartSession',
  'sso-directory:AddMemberToGroup',
  'sso-directory:UpdatePassword',
  'states:StartSyncExecution',
  'states:TestState',
  'sts:AssumeRole',
  'sts:TagSession',
]);

/** How CloudFormation uses the role of a path. Undefined: one acts as the role. */
export const stackUseOf = (path: EscalationPath): StackUse | undefined => ('usedIn' in path ? path.usedIn : undefined);

/** Whether a stack can do what the caller does in a way. */
export const mayBeInStack = (way: Way): boolean =>
  [way, ...(way.first ?? []), ...(way.helper === undefined ? [] : [way.helper.way])].every(
    (one) => !actionsOf(one).some((action) => ofTheCallerAlone.has(action)),
  );

import { keysOf } from '../../evaluation/truth.ts';
import type { HeldPolicy, PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { mayDo, resourceKeys, type ExtraKeys } from '../requests.ts';
import { grantBy, type GrantedChange } from './attach-policy.ts';
import { bestOnly } from './best-ways.ts';
import type { WayContext } from './find-ways.ts';
import { denialWays } from './own-denials.ts';
import type { Way } from './way.ts';

type SelfEscalation = Extract<EscalationPath, { kind: 'self-escalation' }>;

/** The ways in which a principal changes its own permissions. */
export function ownPermissionWays(path: SelfEscalation, node: PrincipalNode, context: WayContext): Way[] {
  const [action = ''] = path.actions;
  switch (path.changes) {
    case 'user':
    case 'role':
      return node.type === path.changes
        ? wayOf(path, grantBy(action, node, node.arn, itself(node), context, resourceKeys(node)))
        : [];
    case 'group':
      return node.type === 'user' ? groupWays(path, action, node, context) : [];
    case 'policy':
      return policyWays(path, action, node, context);
    case 'userBoundary':
    case 'roleBoundary':
      return `${node.type}Boundary` === path.changes ? boundaryWays(path, action, node, context) : [];
    case 'userDenials':
    case 'roleDenials':
      return `${node.type}Denials` === path.changes ? denialWays(path, action, node, context) : [];
    case 'groupDenials':
      return node.type === 'user' ? denialWays(path, action, node, context) : [];
  }
}

const itself = (node: PrincipalNode) => ({ boundary: node.policies.boundary, node });

const wayOf = (path: EscalationPath, change: GrantedChange | null): Way[] =>
  change === null ? [] : [way(path, change.power, change.verdict)];

const way = (path: EscalationPath, gain: Way['gain'], { truth, grounds }: GrantedChange['verdict']): Way => ({
  path,
  targets: [],
  gain,
  keys: keysOf(truth),
  doubts: [],
  grounds,
});

/** Only the groups that the user is in, or for iam:AddUserToGroup those that it is not in. */
function groupWays(path: SelfEscalation, action: string, node: PrincipalNode, context: WayContext): Way[] {
  const { account, power } = context;
  const { boundary } = node.policies;
  const ways = [...account.groups.values()].flatMap((group): Way[] => {
    const isMember = node.groups.includes(group.name);
    if (action !== 'iam:AddUserToGroup') {
      return isMember ? wayOf(path, grantBy(action, node, group.arn, itself(node), context)) : [];
    }
    if (isMember) return [];
    const verdict = mayDo(account, node, action, group.arn);
    return verdict.truth === false ? [] : [way(path, power.ofDocuments(group.policies, boundary, node), verdict)];
  });
  return bestOnly(ways);
}

/** Only customer managed policies that the principal has itself, by a group, or as its boundary. */
function policyWays(path: SelfEscalation, action: string, node: PrincipalNode, context: WayContext): Way[] {
  const { account, power } = context;
  const { boundary } = node.policies;
  const isAttached = new Set(node.attached);
  const arns = new Set([...isAttached, ...(node.boundaryArn === null ? [] : [node.boundaryArn])]);
  const ways = [...arns].flatMap((arn): Way[] => {
    const policy = account.policies.get(arn);
    if (policy === undefined) return [];
    const verdict = mayDo(account, node, action, arn);
    if (verdict.truth === false) return [];
    const isBoundary = node.boundaryArn === arn;
    if (action === 'iam:CreatePolicyVersion') {
      // If the policy is also the boundary, the new version lifts the boundary too.
      const gain = isAttached.has(arn) ? power.everything(isBoundary ? null : boundary, node) : power.unbound(node);
      return [way(path, gain, verdict)];
    }
    return policy.otherVersions.map(({ id, document }) => {
      const version = { name: `${arn} ${id}`, document };
      const after = isAttached.has(arn) ? [version, ...othersThan(arn, node)] : node.policies.identity;
      return way(path, power.ofDocuments(after, isBoundary ? version : boundary, node), verdict);
    });
  });
  return bestOnly(ways);
}

const othersThan = (arn: string, { policies }: PrincipalNode): readonly HeldPolicy[] =>
  policies.identity.filter(({ kind, ownName }) => kind !== 'managed' || ownName !== arn);

/** Without an own boundary condition, any policy can be the new boundary. */
function boundaryWays(path: SelfEscalation, action: string, node: PrincipalNode, context: WayContext): Way[] {
  const { account, power } = context;
  if (node.policies.boundary === null) return [];
  const gain = power.unbound(node);
  const current = node.boundaryArn ?? '';
  const choices = action.startsWith('iam:Delete') ? [current] : power.administratorPolicies;
  const ways = choices.flatMap((arn): Way[] => {
    const key: ExtraKeys = (name) => (name === 'iam:permissionsboundary' ? [arn] : null);
    const verdict = mayDo(account, node, action, node.arn, resourceKeys(node, key));
    return verdict.truth === false ? [] : [way(path, gain, verdict)];
  });
  return bestOnly(ways);
}

import type { PrincipalNode } from '../node.ts';
import type { AccountAccess } from '../account-access.ts';
import { AssumableRoles } from '../assumable-roles.ts';
import { escalationPaths } from '../paths/escalation-paths.ts';
import { TargetFinder } from '../target-groups.ts';
import { ChangedPrincipals } from '../changed-principals.ts';
import { GrantedPower } from '../granted-power.ts';
import { RequestsByStacks, stackWays } from './by-stacks.ts';
import { helpedWays, Helpers } from './helped-ways.ts';
import { newPrincipalWays } from '../ways/new-principals.ts';
import { otherPrincipalWays } from '../ways/other-principals.ts';
import { ownPermissionWays } from '../ways/own-permissions.ts';
import { isSurelyAdministrator, preparedWays } from './prepared-ways.ts';
import { passedRoleWays, ServiceRoles } from '../ways/passed-roles.ts';
import { federatedRoles, federationWays } from '../ways/federation.ts';
import { TagConditions } from '../tag-conditions.ts';
import { StackRoles } from './stack-roles.ts';
import { rolesForServices } from './roles-for-services.ts';
import { underConditions, waysUnderConditions } from './under-conditions.ts';
import { taggedTargetWays } from './tagged-targets.ts';
import { contentOf } from '../../evaluation/policy-set.ts';
import type { WayContext } from '../ways/way-context.ts';
import type { Way } from '../ways/way.ts';

/** @param outside roles of other accounts whose trust policies decide by the caller's tags */
export function wayContext(account: AccountAccess, outside: readonly PrincipalNode[] = []): WayContext {
  const finder = new TargetFinder(account);
  const context: Omit<WayContext, 'underConditions'> = {
    account,
    finder,
    assumable: new AssumableRoles(account, finder),
    power: new GrantedPower(account),
    serviceRoles: new ServiceRoles(account),
    federated: federatedRoles(account),
    changed: new ChangedPrincipals(account.work),
    tags: new TagConditions(account, outside),
    stacks: new RequestsByStacks(account),
    stackRoles: new StackRoles(),
    helpers: new Helpers(allWays),
  };
  return { ...context, underConditions: underConditions(context) };
}

/**
 * All ways in which a principal can gain permissions in its account, one hop each. That a policy of the principal may
 * allow anything because its content is not known is no way: the principal's evidence says what is not known.
 */
export function waysOf(node: PrincipalNode, context: WayContext): Way[] {
  if (node.changes.length === 0) return foundWays(node, context);
  return context.account.work.withShare(true, (share) => (share.goesOn() ? foundWays(node, context) : []));
}

function foundWays(node: PrincipalNode, context: WayContext): Way[] {
  const contents = new Set(node.policies.identity.map(({ name }) => contentOf(name)));
  const isKnown = ({ keys }: Way): boolean => !keys.some((key) => contents.has(key));
  const certain = allWays(node, context);
  const own = [...certain, ...waysUnderConditions(node, certain, context, allWays)];
  const ways = [...own, ...stackWays(node, own, context, allWays)].filter(isKnown);
  // Nothing more is gained from an administrator, so no longer way is looked for.
  if (ways.some(isSurelyAdministrator(node)))
    return ways.map((way) => (way.gain === 'own' ? way : { ...way, after: [] }));
  // Longer chains of changes would take too much time in large accounts.
  if (node.changes.length > 0) return ways;
  return context.account.work.withShare(false, (share) => {
    const direct = [...ways, ...taggedTargetWays(node, ways, context, share)];
    const found = [...direct, ...rolesForServices(node, direct, context)];
    const prepared = [...found, ...preparedWays(node, found, context, share)].filter(isKnown);
    if (prepared.some(isSurelyAdministrator(node))) return prepared;
    return [...prepared, ...helpedWays(node, found, context, share)].filter(isKnown);
  });
}

function allWays(node: PrincipalNode, context: WayContext, paths = escalationPaths): Way[] {
  // Only AWS decides what a service-linked role does.
  if (node.power === null || node.managedBy === 'service') return [];
  return paths.flatMap((path): readonly Way[] => {
    const isAssume = path.id === 'sts-001';
    if (
      !isAssume &&
      path.actions.some((action) => context.account.isRefused(node, action) && !action.startsWith('sts:'))
    ) {
      return [];
    }
    switch (path.kind) {
      case 'new-passrole':
      case 'existing-passrole':
        return passedRoleWays(path, node, context);
      case 'self-escalation':
        return ownPermissionWays(path, node, context);
      case 'principal-access':
        return otherPrincipalWays(path, node, context);
      case 'new-principal':
        return newPrincipalWays(path, node, context);
      case 'federation':
        return federationWays(path, node, context);
    }
  });
}

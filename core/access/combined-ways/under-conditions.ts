import { grantsAnything } from '../abilities/abilities.ts';
import { ChangedPrincipals } from '../changed-principals.ts';
import { conditionsOf, GrantedPower } from '../granted-power.ts';
import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { escalationPaths } from '../paths/escalation-paths.ts';
import type { WayContext } from '../ways/way-context.ts';
import type { Way } from '../ways/way.ts';

/** The techniques after which a principal may have any policy. */
const givingAnything = escalationPaths.filter(
  ({ kind }) => kind === 'self-escalation' || kind === 'new-principal' || kind === 'principal-access',
);

/** Null if no SCP and no boundary of the account has conditions. */
export function underConditions({ account }: Pick<WayContext, 'account'>): WayContext['underConditions'] {
  const boundaries = account.principals.flatMap(({ policies }) => policies.boundary ?? []);
  const limits = [...(account.facts.serviceControl ?? []).flat(), ...new Set(boundaries)];
  if (!account.evaluator.hasConditions(limits)) return null;
  return { power: new GrantedPower(account, true), changed: new ChangedPrincipals(account.work) };
}

/**
 * The ways to administrator permissions that an SCP or a boundary allows only under conditions, such as from a network: the
 * policies that a principal gives itself don't change them, but who meets them is an administrator.
 * @param certain the ways without these conditions
 */
export function waysUnderConditions(
  node: PrincipalNode,
  certain: readonly Way[],
  context: WayContext,
  find: (node: PrincipalNode, context: WayContext, paths: readonly EscalationPath[]) => readonly Way[],
): Way[] {
  if (context.underConditions === null || certain.some(({ gain }) => gain !== 'own' && grantsAnything(gain))) return [];
  return find(node, { ...context, ...context.underConditions }, givingAnything).flatMap((way): Way[] => {
    const keys = way.gain === 'own' ? [] : conditionsOf(way.gain);
    return keys.length === 0 ? [] : [{ ...way, keys: [...new Set([...way.keys, ...keys])].sort() }];
  });
}

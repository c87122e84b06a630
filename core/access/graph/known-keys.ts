import { grantsAnything, united } from '../abilities/abilities.ts';
import { AccountAccess } from '../account-access.ts';
import { GrantedPower } from '../granted-power.ts';
import type { PrincipalNode } from '../node.ts';

/**
 * The account with what its principals can do by keys that the inventory knows: their own tags, their own account, what is
 * never in a user's requests, and that requests with an access key have no key about MFA. The simulation knows none of these,
 * so it leaves open what a condition on them decides.
 */
export function withKnownKeys(account: AccountAccess): AccountAccess {
  const { evaluator } = account;
  const hasLimits = evaluator.hasConditions((account.facts.serviceControl ?? []).flat());
  const depends = ({ power, managedBy, policies: { identity, boundary } }: PrincipalNode): boolean =>
    power !== null &&
    managedBy !== 'service' &&
    (hasLimits || evaluator.hasConditions(identity) || (boundary !== null && evaluator.hasConditions([boundary])));
  if (!account.principals.some(depends)) return account;
  const power = new GrantedPower(account);
  const principals = account.principals.map((node) => (depends(node) ? withOwnPower(node, power) : node));
  return new AccountAccess(account.facts, principals, account.groups, account.policies);
}

function withOwnPower(node: PrincipalNode, granted: GrantedPower): PrincipalNode {
  const { refused, refusedByOrganizations } = node.simulation;
  const { identity, boundary } = node.policies;
  const { everywhere } = granted.together(identity, boundary, node);
  const more = everywhere & ~refused & ~refusedByOrganizations;
  const own = node.power ?? { everywhere: 0n, somewhere: 0n };
  if ((more & ~own.everywhere) === 0n) return node;
  const power = united(own, { everywhere: more, somewhere: more });
  return { ...node, power, isAdministrator: grantsAnything(power) };
}

import { grantsAnything, united } from '../abilities/abilities.ts';
import { AccountAccess } from '../account-access.ts';
import { GrantedPower } from '../granted-power.ts';
import type { PrincipalNode } from '../node.ts';

const NAMES_TAG = /aws:principaltag\//i;

/**
 * The account with what its principals can do by their own tags. The simulation does not know these tags, so it leaves open
 * what a condition on them decides. The inventory has them.
 */
export function withKnownTags(account: AccountAccess): AccountAccess {
  if (!account.principals.some(dependsOnOwnTags)) return account;
  const power = new GrantedPower(account);
  const principals = account.principals.map((node) => (dependsOnOwnTags(node) ? withOwnTags(node, power) : node));
  return new AccountAccess(account.facts, principals, account.groups, account.policies);
}

/** The tags of a session may be others than those of its role. */
function dependsOnOwnTags({ power, managedBy, mayHaveSessionTags, policies: { identity, boundary } }: PrincipalNode) {
  if (power === null || managedBy === 'service' || mayHaveSessionTags) return false;
  return [...identity, boundary].some((policy) => NAMES_TAG.test(policy?.document ?? ''));
}

function withOwnTags(node: PrincipalNode, granted: GrantedPower): PrincipalNode {
  const { refused, refusedByOrganizations } = node.simulation;
  const { everywhere } = granted.together(node.policies.identity, node.policies.boundary, node);
  const more = everywhere & ~refused & ~refusedByOrganizations;
  const own = node.power ?? { everywhere: 0n, somewhere: 0n };
  if ((more & ~own.everywhere) === 0n) return node;
  const power = united(own, { everywhere: more, somewhere: more });
  return { ...node, power, isAdministrator: grantsAnything(power) };
}

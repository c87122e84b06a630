import { grantsAnything, united } from '../abilities/abilities.ts';
import { AccountAccess } from '../account-access.ts';
import { GrantedPower } from '../granted-power.ts';
import type { PrincipalNode } from '../node.ts';

const NAMES_TAG = /aws:principaltag\//i;
const NAMES_ACCOUNT = /aws:resource(?:account|org)/i;

/**
 * The account with what its principals can do by their own tags, and on resources of their own account. The simulation does
 * not know either, so it leaves open what a condition on them decides. The inventory does.
 */
export function withKnownKeys(account: AccountAccess): AccountAccess {
  const scps = (account.facts.serviceControl ?? []).flat();
  const isLimited = scps.some(({ document }) => NAMES_ACCOUNT.test(document ?? ''));
  const depends = (node: PrincipalNode): boolean => dependsOnKnown(node) || (isLimited && isOrdinary(node));
  if (!account.principals.some(depends)) return account;
  const power = new GrantedPower(account);
  const principals = account.principals.map((node) => (depends(node) ? withOwnPower(node, power) : node));
  return new AccountAccess(account.facts, principals, account.groups, account.policies);
}

const isOrdinary = ({ power, managedBy }: PrincipalNode): boolean => power !== null && managedBy !== 'service';

function dependsOnKnown(node: PrincipalNode): boolean {
  const { identity, boundary } = node.policies;
  const names = (pattern: RegExp): boolean => [...identity, boundary].some((one) => pattern.test(one?.document ?? ''));
  // The tags of a session may be others than those of its role.
  return isOrdinary(node) && (names(NAMES_ACCOUNT) || (!node.mayHaveSessionTags && names(NAMES_TAG)));
}

function withOwnPower(node: PrincipalNode, granted: GrantedPower): PrincipalNode {
  const { refused, refusedByOrganizations } = node.simulation;
  const { everywhere } = granted.together(node.policies.identity, node.policies.boundary, node);
  const more = everywhere & ~refused & ~refusedByOrganizations;
  const own = node.power ?? { everywhere: 0n, somewhere: 0n };
  if ((more & ~own.everywhere) === 0n) return node;
  const power = united(own, { everywhere: more, somewhere: more });
  return { ...node, power, isAdministrator: grantsAnything(power) };
}

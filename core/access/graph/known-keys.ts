import { grantsAnything, united } from '../abilities/abilities.ts';
import { AccountAccess } from '../account-access.ts';
import { GrantedPower } from '../granted-power.ts';
import type { PrincipalNode } from '../node.ts';

const NAMES_TAG = /aws:principaltag\//i;
const NAMES_ACCOUNT = /aws:resource(?:account|org)/i;
const NAMES_MFA = /aws:multifactorauth/i;

/**
 * The account with what its principals can do by their own tags, on resources of their own account, and by an access key,
 * whose requests have no key about MFA. The simulation knows none of these, so it leaves open what a condition on them decides.
 * The inventory does.
 */
export function withKnownKeys(account: AccountAccess): AccountAccess {
  const scps = (account.facts.serviceControl ?? []).flat();
  const inScps = (pattern: RegExp): boolean => scps.some(({ document }) => pattern.test(document ?? ''));
  const [isLimited, needsMfa] = [inScps(NAMES_ACCOUNT), inScps(NAMES_MFA)];
  const depends = (node: PrincipalNode): boolean =>
    isOrdinary(node) && (isLimited || (needsMfa && hasKey(node)) || dependsOnKnown(node));
  if (!account.principals.some(depends)) return account;
  const power = new GrantedPower(account);
  const principals = account.principals.map((node) => (depends(node) ? withOwnPower(node, power) : node));
  return new AccountAccess(account.facts, principals, account.groups, account.policies);
}

const isOrdinary = ({ power, managedBy }: PrincipalNode): boolean => power !== null && managedBy !== 'service';

const hasKey = ({ credentials }: PrincipalNode): boolean => credentials?.hasActiveKey === true;

function dependsOnKnown(node: PrincipalNode): boolean {
  const { identity, boundary } = node.policies;
  const names = (pattern: RegExp): boolean => [...identity, boundary].some((one) => pattern.test(one?.document ?? ''));
  // The tags of a session may be others than those of its role.
  return names(NAMES_ACCOUNT) || (!node.mayHaveSessionTags && names(NAMES_TAG)) || (hasKey(node) && names(NAMES_MFA));
}

function withOwnPower(node: PrincipalNode, granted: GrantedPower): PrincipalNode {
  const { refused, refusedByOrganizations } = node.simulation;
  const { identity, boundary } = node.policies;
  const by = hasKey(node) ? [node, { ...node, lacksMfa: true }] : [node];
  const everywhere = by.reduce((bits, one) => bits | granted.together(identity, boundary, one).everywhere, 0n);
  const more = everywhere & ~refused & ~refusedByOrganizations;
  const own = node.power ?? { everywhere: 0n, somewhere: 0n };
  if ((more & ~own.everywhere) === 0n) return node;
  const power = united(own, { everywhere: more, somewhere: more });
  return { ...node, power, isAdministrator: grantsAnything(power) };
}

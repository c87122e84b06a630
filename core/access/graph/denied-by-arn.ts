import type { PrincipalRecord } from '../../contract/evidence.ts';
import { catalogueIndex, grantsAnything, type Power } from '../abilities/abilities.ts';
import { AccountAccess } from '../account-access.ts';
import { deniedTo } from '../granted-power.ts';
import type { PrincipalNode } from '../node.ts';

/**
 * The account without what its principals are denied on every resource of a type by an ARN, such as IAM's actions on
 * `arn:aws:iam::*:*`. The simulation allows these actions on `*`, because the ARN does not match it.
 */
export function withoutDenied(account: AccountAccess): AccountAccess {
  const powers = new Map<string, Power>();
  const principals = account.principals.map((node) => limited(account, node, powers));
  if (principals.every((node, index) => node === account.principals[index])) return account;
  return new AccountAccess(account.facts, principals, account.groups, account.policies);
}

/** @param powers principals that can do the same have the same object */
function limited(account: AccountAccess, node: PrincipalNode, powers: Map<string, Power>): PrincipalNode {
  if (node.power === null || node.power.somewhere === 0n) return node;
  const denied = deniedTo(account, node);
  if ((node.power.somewhere & denied) === 0n) return node;
  const everywhere = node.power.everywhere & ~denied;
  const somewhere = node.power.somewhere & ~denied;
  const power = powers.get(`${everywhere} ${somewhere}`) ?? { everywhere, somewhere };
  powers.set(`${everywhere} ${somewhere}`, power);
  return { ...node, power, isAdministrator: node.isAdministrator && grantsAnything(power) };
}

/** A principal's record, in which the actions that an ARN denies it everywhere are denied. */
export function recordWithoutDenied(record: PrincipalRecord, account: AccountAccess): PrincipalRecord {
  const node = account.principal(record.arn);
  const denied = node === null ? 0n : deniedTo(account, node);
  if (denied === 0n) return record;
  const decisions = record.permissions.decisions.map((decision) => {
    const index = catalogueIndex(decision.action);
    const isDenied = index !== null && ((denied >> BigInt(index)) & 1n) === 1n;
    if (!isDenied || decision.decision === 'explicitDeny') return decision;
    return { ...decision, decision: 'explicitDeny' as const, missingContext: [], resources: [] };
  });
  return { ...record, permissions: { ...record.permissions, decisions } };
}

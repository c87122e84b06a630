import type { NamedPrincipal, TrustStatement } from './trust-statement.ts';
import { accountOf } from './trusted-principal.ts';

/** How much of an Allow's principal a Deny covers. `part`: not known exactly, from nothing to all. */
export type Coverage = 'all' | 'part' | 'none';

export function denyCoverage({ principals, exceptThese }: TrustStatement, named: NamedPrincipal): Coverage {
  const isThis = (other: NamedPrincipal): boolean => other.type === named.type && other.name === named.name;
  if (exceptThese) {
    if (principals.some((other) => other.type === 'everyone' || isThis(other))) return 'none';
    // An excepted principal may belong to the account that the Allow names, or the reverse.
    return named.type === 'everyone' || principals.some((other) => isRelated(other, named)) ? 'part' : 'all';
  }
  if (principals.some((other) => other.type === 'everyone' || isThis(other) || isAccountOf(other, named))) return 'all';
  if (principals.length === 0) return 'none';
  return named.type === 'everyone' || principals.some((other) => isRelated(other, named)) ? 'part' : 'none';
}

/** A Deny for an account covers all of the account's principals (IAM User Guide, "AWS account principals"). */
function isAccountOf(other: NamedPrincipal, named: NamedPrincipal): boolean {
  if (other.type !== 'aws' || named.type !== 'aws') return false;
  const account = accountOf(named.name);
  return account !== null && account === accountOf(other.name) && /^(\d{12}|.*:root)$/.test(other.name);
}

/** Whether both are in one account, or in forms that can't be distinguished. */
function isRelated(other: NamedPrincipal, named: NamedPrincipal): boolean {
  if (other.type !== named.type) return false;
  if (other.type !== 'aws') return /[*?]/.test(other.name) || /[*?]/.test(named.name);
  const accounts = [accountOf(other.name), accountOf(named.name)];
  return accounts[0] === accounts[1] || accounts.includes(null);
}

import type { NamedPrincipal, TrustStatement } from './trust-statement.ts';
import { accountOf } from './trusted-principal.ts';

/** How much of one that an Allow names a Deny is about. `part`: perhaps all, perhaps nothing of it. */
export type Coverage = 'all' | 'part' | 'none';

export function denyCoverage({ principals, exceptThese }: TrustStatement, named: NamedPrincipal): Coverage {
  const isThis = (other: NamedPrincipal): boolean => other.type === named.type && other.name === named.name;
  if (exceptThese) {
    if (principals.some((other) => other.type === 'everyone' || isThis(other))) return 'none';
    // Who is spared may be one of those that the Allow names by their account, or the other way round.
    return named.type === 'everyone' || principals.some((other) => isRelated(other, named)) ? 'part' : 'all';
  }
  if (principals.some((other) => other.type === 'everyone' || isThis(other) || isAccountOf(other, named))) return 'all';
  if (principals.length === 0) return 'none';
  return named.type === 'everyone' || principals.some((other) => isRelated(other, named)) ? 'part' : 'none';
}

/** An account denies all of its principals (IAM User Guide, "AWS account principals"). */
function isAccountOf(other: NamedPrincipal, named: NamedPrincipal): boolean {
  if (other.type !== 'aws' || named.type !== 'aws') return false;
  const account = accountOf(named.name);
  return account !== null && account === accountOf(other.name) && /^(\d{12}|.*:root)$/.test(other.name);
}

/** Of one account, or in a form that can't be told apart. */
function isRelated(other: NamedPrincipal, named: NamedPrincipal): boolean {
  if (other.type !== named.type) return false;
  if (other.type !== 'aws') return /[*?]/.test(other.name) || /[*?]/.test(named.name);
  const accounts = [accountOf(other.name), accountOf(named.name)];
  return accounts[0] === accounts[1] || accounts.includes(null);
}

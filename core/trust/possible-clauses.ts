import type { NamedPrincipal, TrustClause } from './trust-statement.ts';
import { oidcProvider, type OwnAccount } from './trusted-principal.ts';

/** Operators that compare whole texts and that no request without the key meets. */
const LITERAL = /^(?:foranyvalue:)?stringequals(?:ignorecase)?$/;
/** Operators that no request without the key meets. */
const NEEDS_KEY = /^(?:foranyvalue:)?(?:stringequals(?:ignorecase)?|stringlike|arnequals|arnlike|bool)$/;
/** Keys whose values never have a star or a question mark. */
const WITHOUT_WILDCARDS = /^(?:aws:principal(?:arn|account|orgid)|sts:externalid)$/;
/** The claims of OIDC tokens are keys with the provider's address: `gitlab.com:sub`. */
const CLAIM = /^[^:]+\.[^:]+:[^:]+$/;

/**
 * The conditions of an Allow statement as they apply to a principal: values that no request can have are left out, and
 * the account of the role replaces its policy variable. Null: no request of the principal meets them.
 */
export function possibleClauses(
  clauses: readonly TrustClause[],
  named: NamedPrincipal,
  own: OwnAccount,
): readonly TrustClause[] | null {
  const provider = named.type === 'federated' ? oidcProvider(named.name) : null;
  const possible: TrustClause[] = [];
  for (const clause of clauses) {
    const { key, operator } = clause;
    const isClaim = CLAIM.test(key);
    // A token has only the claims of its own provider.
    if (isClaim && provider !== null && !key.startsWith(`${provider}:`) && NEEDS_KEY.test(operator)) return null;
    let values = clause.values.map((value) => value.replace(/^\$\{aws:ResourceAccount\}$/i, own.accountId));
    // These operators have no wildcards (IAM User Guide, "String condition operators").
    if (LITERAL.test(operator) && (isClaim || WITHOUT_WILDCARDS.test(key))) {
      values = values.filter((value) => value.includes('${') || !/[*?]/.test(value));
      if (values.length === 0) return null;
    }
    possible.push({ ...clause, values });
  }
  return possible;
}

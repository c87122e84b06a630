import type { PolicyDocument } from '../account.ts';
import { conditionsHold } from './conditions.ts';
import { matchesElements, type Decision } from './decide.ts';
import type { RequestContext } from './request-context.ts';
import { statementsOf, type Principals, type Statement } from './statements.ts';
import { matchesAction } from './wildcards.ts';

/** The names by which a policy's Principal element can mean a caller. */
export interface CallerNames {
  readonly accountId: string;
  /** ARN of the user or role, with its path. */
  readonly principalArn: string;
  /** ARN of the role session; null for a user. */
  readonly sessionArn: string | null;
  readonly hasBoundary: boolean;
}

/**
 * How a trust policy allows a caller. `account`: it names the account, which delegates the decision to the caller's own
 * policies. `principal`: it names the role, or everyone. `session`: it names the user or the role session itself.
 */
export type Grant = 'account' | 'principal' | 'session';

export interface TrustDecision {
  readonly decision: Decision;
  /** The grants of all Allow statements that match. */
  readonly grants: ReadonlySet<Grant>;
}

/**
 * Decides as STS does with a role's trust policy: each statement counts only if its principal, action and conditions all
 * match, and a Deny statement that matches wins.
 */
export function evaluateTrustPolicy(
  document: PolicyDocument,
  caller: CallerNames,
  action: string,
  context: RequestContext,
): TrustDecision {
  const grants = new Set<Grant>();
  let isDenied = false;
  for (const statement of statementsOf(document)) {
    if (!matchesElements(statement.actions, statement.notActions, (pattern) => matchesAction(pattern, action)))
      continue;
    const named = namedAs(statement, caller);
    if (named === null || !conditionsHold(statement.conditions, context, new Set())) continue;
    if (statement.allows) grants.add(named);
    else isDenied = true;
  }
  const decision = isDenied ? 'explicitDeny' : grants.size > 0 ? 'allowed' : 'implicitDeny';
  return { decision, grants };
}

/** Null: the statement does not mean the caller. */
function namedAs({ allows, principals, notPrincipals }: Statement, caller: CallerNames): Grant | null {
  if (notPrincipals === null) return strongest(namesIn(principals ?? {}, caller));
  const excepted = namesIn(notPrincipals, caller);
  if (allows) return excepted.length === 0 ? 'principal' : null;
  // Denies the account, the role and the session unless each of them is named, and every principal with a permissions
  // boundary (IAM User Guide, "NotPrincipal").
  const isExcepted = excepted.includes('*') || allNames(caller).every((name) => excepted.includes(name));
  return isExcepted && !caller.hasBoundary ? null : 'principal';
}

type Name = '*' | 'account' | 'principal' | 'session';

const allNames = ({ sessionArn }: CallerNames): readonly Name[] =>
  sessionArn === null ? ['account', 'session'] : ['account', 'principal', 'session'];

/** The names of the caller that are in the element. Services and identity providers never mean a caller with IAM credentials. */
function namesIn({ AWS = [] }: Principals, caller: CallerNames): Name[] {
  return AWS.flatMap((name): Name[] => {
    if (name === '*') return ['*'];
    if (name === caller.accountId || name === `arn:aws:iam::${caller.accountId}:root`) return ['account'];
    if (name === caller.principalArn) return [caller.sessionArn === null ? 'session' : 'principal'];
    return name === caller.sessionArn ? ['session'] : [];
  });
}

function strongest(names: readonly Name[]): Grant | null {
  if (names.includes('session')) return 'session';
  if (names.includes('principal') || names.includes('*')) return 'principal';
  return names.includes('account') ? 'account' : null;
}

import {
  parseTrustPolicy,
  TrustPolicyUnreadable,
  type NamedPrincipal,
  type TrustStatement,
} from '../trust/trust-statement.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import type { ConditionContext } from './condition-context.ts';
import { conditionsTruth } from './conditions.ts';
import type { Ground } from '../contract/answers/permission.ts';
import { allOf, anyOf, negated, type Truth } from './truth.ts';

/**
 * How a trust policy allows a caller. `account`: it names the account, so the caller's own policies must allow the call
 * as well. `principal`: it names the role, or everyone. `session`: it names the user or a session of the role itself.
 */
export type TrustGrant = 'account' | 'principal' | 'session';

export interface TrustAnswer {
  /** Whether an Allow grants it in this way. A Deny is considered in each. */
  readonly by: Readonly<Record<TrustGrant, Truth>>;
  readonly grounds: readonly Ground[];
}

/** Null: the document can't be read. */
export function readTrustStatements(document: string): readonly TrustStatement[] | null {
  try {
    return parseTrustPolicy(document);
  } catch (error: unknown) {
    if (error instanceof TrustPolicyUnreadable) return null;
    throw error;
  }
}

/** The names by which a Principal element can mean a caller. */
export interface CallerNames {
  readonly arn: string;
  readonly accountId: string;
  readonly type: 'user' | 'role';
  readonly name: string;
  readonly hasBoundary: boolean;
  /** The trust policy of the role itself, which may limit the names of its sessions. Null: not known, or a user. */
  readonly trust: readonly TrustStatement[] | null;
}

/**
 * Whether a role's trust policy lets a user or role assume it (IAM User Guide, "AWS JSON policy elements: Principal").
 * @param action in lower case
 */
export function trustTruth(
  statements: readonly TrustStatement[],
  caller: CallerNames,
  action: string,
  context: ConditionContext,
): TrustAnswer {
  const grants: Record<TrustGrant, Truth[]> = { account: [], principal: [], session: [] };
  const denied: Truth[] = [];
  const grounds: Ground[] = [];
  for (const [index, statement] of statements.entries()) {
    if (!coversAction(statement, action)) continue;
    const named = namedAs(statement, caller);
    if (named === null) continue;
    const truth = conditionsTruth(statement.clauses, statement.hasVariables, context);
    if (truth === false) continue;
    if (!statement.allows) denied.push(truth);
    else {
      grants[named].push(truth);
      grounds.push({ policy: 'trust policy', statement: `statement ${index + 1}` });
    }
  }
  const notDenied = negated(anyOf(denied));
  const by = (grant: TrustGrant): Truth => allOf([anyOf(grants[grant]), notDenied]);
  return { by: { account: by('account'), principal: by('principal'), session: by('session') }, grounds };
}

/** Whether a role's trust policy lets a service use the role. @param service such as `lambda.amazonaws.com` */
export function serviceTrustTruth(
  statements: readonly TrustStatement[],
  isService: (name: string) => boolean,
  context: ConditionContext,
): Truth {
  const allowed: Truth[] = [];
  const denied: Truth[] = [];
  for (const statement of statements) {
    const names = statement.principals.some(
      ({ type, name }) => (type === 'service' || type === 'federated') && isService(name),
    );
    const isEveryone = statement.principals.some(({ type }) => type === 'everyone');
    const federated = statement.principals.some(({ type, name }) => type === 'federated' && isService(name));
    if (!coversAction(statement, federated ? 'sts:assumerolewithwebidentity' : 'sts:assumerole')) continue;
    const isMeant = statement.exceptThese ? !names : names || (!statement.allows && isEveryone);
    if (!isMeant || (statement.allows && statement.exceptThese)) continue;
    (statement.allows ? allowed : denied).push(conditionsTruth(statement.clauses, statement.hasVariables, context));
  }
  return allOf([anyOf(allowed), negated(anyOf(denied))]);
}

export const coversAction = ({ actions, exceptActions }: TrustStatement, action: string): boolean =>
  actions.some((pattern) => wildcardPattern(pattern)(action)) !== exceptActions;

/** Whether a statement may mean a user or role of this account. */
export const mayNameAccount = ({ exceptThese, principals }: TrustStatement, accountId: string): boolean =>
  exceptThese ||
  principals.some(({ type, name }) => type === 'everyone' || (type === 'aws' && name.includes(accountId)));

/** Whether a statement of a role of this account may let in principals of other accounts. */
export const isOpenToOthers = ({ allows, exceptThese, principals }: TrustStatement, accountId: string): boolean =>
  allows &&
  (exceptThese ||
    principals.some(({ type, name }) => type === 'everyone' || (type === 'aws' && !name.includes(accountId))));

/** Null: the statement does not mean the caller. */
function namedAs({ allows, exceptThese, principals }: TrustStatement, caller: CallerNames): TrustGrant | null {
  const names = principals.flatMap((principal) => nameOf(principal, caller) ?? []);
  if (!exceptThese) return strongest(names);
  if (allows) return names.length === 0 ? 'principal' : null;
  // Denies the caller unless each of its names is excepted, and always if it has a permissions boundary (IAM User
  // Guide, "NotPrincipal").
  const needed: readonly TrustGrant[] =
    caller.type === 'user' ? ['account', 'session'] : ['account', 'principal', 'session'];
  const isExcepted = names.includes('everyone') || needed.every((name) => names.includes(name));
  return isExcepted && !caller.hasBoundary ? null : 'principal';
}

function nameOf({ type, name }: NamedPrincipal, caller: CallerNames): TrustGrant | 'everyone' | null {
  if (type === 'everyone') return 'everyone';
  if (type !== 'aws') return null;
  const partition = caller.arn.split(':')[1] ?? 'aws';
  if (name === caller.accountId || name === `arn:${partition}:iam::${caller.accountId}:root`) return 'account';
  if (name === caller.arn) return caller.type === 'user' ? 'session' : 'principal';
  const session = `arn:${partition}:sts::${caller.accountId}:assumed-role/${caller.name}/`;
  return caller.type === 'role' && name.startsWith(session) && mayHaveSession(caller, name.slice(session.length))
    ? 'session'
    : null;
}

const SESSION_NAME = 'sts:rolesessionname';

/** Whether some statement of a role's own trust policy accepts a session of this name, as far as its conditions tell. */
const mayHaveSession = ({ trust }: CallerNames, name: string): boolean =>
  trust === null ||
  trust.some(({ allows, clauses, hasVariables }) => {
    const own = clauses.filter(({ key }) => key === SESSION_NAME);
    return allows && conditionsTruth(own, hasVariables, (key) => (key === SESSION_NAME ? [name] : 'unknown')) !== false;
  });

function strongest(names: readonly (TrustGrant | 'everyone')[]): TrustGrant | null {
  if (names.includes('session')) return 'session';
  if (names.includes('principal') || names.includes('everyone')) return 'principal';
  return names.includes('account') ? 'account' : null;
}

import type { TrustedParty, TrustRequirement } from '../contract/trust.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import { denyEffect, allowLimits } from './trust-conditions.ts';
import { possibleClauses } from './possible-clauses.ts';
import { denyCoverage } from './deny-coverage.ts';
import {
  parseTrustPolicy,
  TrustPolicyUnreadable,
  type NamedPrincipal,
  type TrustClause,
  type TrustStatement,
} from './trust-statement.ts';
import { accountKind, accountOf, classify, oidcProvider, type OwnAccount } from './trusted-principal.ts';

export type Trust =
  | { readonly kind: 'read'; readonly parties: TrustedParty[] }
  /** It is not known who may assume the role. */
  | { readonly kind: 'unreadable'; readonly reason: string };

const ASSUME = 'sts:assumerole';
const BY_SAML = 'sts:assumerolewithsaml';
const BY_OIDC = 'sts:assumerolewithwebidentity';

/** A principal of an Allow statement, before Deny statements apply. */
interface Grant {
  readonly named: NamedPrincipal;
  /** The allowed actions by which the principal can assume the role. */
  readonly actions: readonly string[];
  readonly party: TrustedParty;
}

/**
 * Who may assume a role. In doubt, the result includes more parties: a condition counts as a limit only if it certainly
 * limits access, and a policy that can't be read is `unreadable`. The trusted parties' own policies are not evaluated.
 * @param onTime whether a condition on the time holds now; null: it is about something else
 */
export function readTrust(
  document: string,
  own: OwnAccount,
  onTime: (clause: TrustClause) => boolean | null = () => null,
): Trust {
  try {
    const statements = parseTrustPolicy(document).flatMap((statement) => inForce(statement, onTime));
    const denials = statements.filter(({ allows }) => !allows);
    const grants = statements.filter(({ allows }) => allows).flatMap((statement) => grantsOf(statement, own));
    return { kind: 'read', parties: grants.flatMap((grant) => afterDenials(grant, denials, own)) };
  } catch (error: unknown) {
    if (error instanceof TrustPolicyUnreadable) return { kind: 'unreadable', reason: error.message };
    throw error;
  }
}

/** The statement without conditions that hold now; none if one does not, such as a date that is past. */
function inForce(statement: TrustStatement, onTime: (clause: TrustClause) => boolean | null): TrustStatement[] {
  const judged = statement.clauses.map((clause) => ({ clause, holds: onTime(clause) }));
  if (judged.some(({ holds }) => holds === false)) return [];
  return [{ ...statement, clauses: judged.flatMap(({ clause, holds }) => (holds === null ? [clause] : [])) }];
}

function grantsOf(statement: TrustStatement, own: OwnAccount): Grant[] {
  const names: readonly NamedPrincipal[] = statement.exceptThese
    ? [{ type: 'everyone', name: '*' }]
    : statement.principals;
  return names.flatMap((named) => {
    const actions = assumeActions(named).filter((action) => covers(statement, action));
    const clauses = possibleClauses(statement.clauses, named, own);
    if (actions.length === 0 || clauses === null) return [];
    const limits = allowLimits(clauses, named.type === 'federated' ? oidcProvider(named.name) : null);
    const party: TrustedParty = {
      ...classify(named, own),
      principal: named.name,
      except: statement.exceptThese ? statement.principals.map(({ name }) => name) : [],
      externalId: false,
      oidcSubjects: null,
      oidcAudiences: null,
      organizationIds: null,
      requires: [...limits.requires],
      unjudged: [...limits.unjudged],
      deniedInPart: false,
      openToStrangers: false,
      closedToStrangers: false,
      guests: false,
    };
    return [{ named, actions, party }];
  });
}

/** The actions by which a principal of this type can assume a role. sts:TagSession and others don't assume a role. */
function assumeActions({ type, name }: NamedPrincipal): readonly string[] {
  if (type === 'everyone') return [ASSUME, BY_SAML, BY_OIDC];
  if (type !== 'federated') return [ASSUME];
  if (oidcProvider(name) !== null) return [BY_OIDC];
  return [BY_SAML, BY_OIDC];
}

const covers = ({ actions, exceptActions }: TrustStatement, action: string): boolean =>
  actions.some((pattern) => wildcardPattern(pattern)(action)) !== exceptActions;

/** Removes what Deny statements certainly deny, and adds what they certainly require. */
function afterDenials(
  { named, actions, party }: Grant,
  denials: readonly TrustStatement[],
  own: OwnAccount,
): TrustedParty[] {
  const requires = [...party.requires];
  let deniedInPart = false;
  for (const denial of denials) {
    const denied = actions.filter((action) => covers(denial, action));
    const covered = denyCoverage(denial, named);
    if (denied.length === 0 || covered === 'none') continue;
    const effect = denyEffect(denial.clauses);
    if (effect.kind === 'unless' && effect.exceptsServices && named.type === 'service') continue;
    if (covered === 'part' || denied.length < actions.length || effect.kind === 'some') deniedInPart = true;
    else if (effect.kind === 'unless') requires.push(effect.requirement);
    else return [];
  }
  return applyRequirements({ ...party, requires, deniedInPart }, own);
}

/** Interprets the requirements. Everyone, limited to certain accounts, becomes those accounts. */
function applyRequirements(party: TrustedParty, own: OwnAccount): TrustedParty[] {
  const values = (key: string): string[] | null => mostSpecific(party.requires.filter((one) => one.key === key));
  const provider = oidcProvider(party.principal);
  const read: TrustedParty = {
    ...party,
    externalId: values('sts:externalid') !== null,
    oidcSubjects: provider === null ? null : values(`${provider}:sub`),
    oidcAudiences: provider === null ? null : values(`${provider}:aud`),
    organizationIds: organizations(values('aws:principalorgid') ?? values('aws:principalorgpaths')),
  };
  const accounts = party.kind === 'everyone' ? accountsOf(party.requires) : null;
  if (accounts === null) return [read];
  return accounts.map((accountId) => ({ ...read, kind: accountKind(accountId, own), accountId }));
}

/** All requirements on a key must hold, so each alone is a valid limit. One without wildcards is the most specific. */
const mostSpecific = (requirements: readonly TrustRequirement[]): string[] | null =>
  (requirements.find(({ match }) => match === 'equals') ?? requirements[0])?.values ?? null;

/** `o-abc` from `o-abc` or from the path `o-abc/r-1/*`. Null if a wildcard matches more than one organization. */
function organizations(values: readonly string[] | null): string[] | null {
  const ids = (values ?? []).map((value) => value.split('/')[0] ?? '');
  return values === null || !ids.every((id) => /^o-[a-z0-9]+$/.test(id)) ? null : [...new Set(ids)];
}

/** The accounts that the caller must belong to, if the requirements name them without wildcards. */
function accountsOf(requires: readonly TrustRequirement[]): string[] | null {
  for (const { key, values } of requires) {
    if (key !== 'aws:principalaccount' && key !== 'aws:principalarn') continue;
    const accounts = values.map(accountOf).filter((account) => account !== null);
    if (accounts.length === values.length) return [...new Set(accounts)];
  }
  return null;
}

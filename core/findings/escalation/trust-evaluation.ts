import type { PrincipalRecord } from '../../contract/evidence.ts';
import type { TrustedParty, TrustRequirement } from '../../contract/trust.ts';
import { wildcardPattern } from '../../policies/wildcards.ts';

/** Whether a role's trust policy allows a principal of its own account that is itself allowed sts:AssumeRole on it. */
export type TrustResult =
  | { readonly kind: 'yes' }
  /** It depends on these condition keys; if there are none, on a Deny that could not be evaluated. */
  | { readonly kind: 'conditional'; readonly keys: readonly string[] }
  | { readonly kind: 'no' };

const no: TrustResult = { kind: 'no' };

/** The best result for any of the trusted parties. */
export function evaluateTrust(trust: readonly TrustedParty[], record: PrincipalRecord): TrustResult {
  let best = no;
  for (const party of trust) {
    const result = evaluateParty(party, record);
    if (result.kind === 'yes') return result;
    if (best.kind === 'no') best = result;
  }
  return best;
}

/** Whether it allows the role's whole account, so that no principal must be evaluated individually. */
export const trustsWholeAccount = (party: TrustedParty): boolean =>
  party.kind === 'sameAccount' && namesAccount(party.principal) && isUnlimited(party);

/** Whether it can match any principal of the role's own account. */
export const mayMatchAccount = ({ kind }: TrustedParty): boolean => kind === 'sameAccount' || kind === 'everyone';

/** The user or role that it names without any condition; null if principals must be evaluated individually. */
export const onlyNamedPrincipal = (party: TrustedParty): string | null =>
  party.kind === 'sameAccount' && isUnlimited(party) && /^arn:[^:]*:iam::\d{12}:(user|role)\//.test(party.principal)
    ? party.principal
    : null;

const isUnlimited = ({ except, requires, unjudged, deniedInPart }: TrustedParty): boolean =>
  except.length === 0 && requires.length === 0 && unjudged.length === 0 && !deniedInPart;

const namesAccount = (principal: string): boolean => /^(\d{12}|arn:[^:]*:iam::\d{12}:root)$/.test(principal);

function evaluateParty(party: TrustedParty, record: PrincipalRecord): TrustResult {
  if (!mayMatchAccount(party) || !names(party, record)) return no;
  const keys = [...party.unjudged];
  for (const requirement of party.requires) {
    const met = isMet(requirement, record);
    if (met === false) return no;
    if (met === null) keys.push(requirement.key);
  }
  return keys.length > 0 || party.deniedInPart ? { kind: 'conditional', keys: [...new Set(keys)] } : { kind: 'yes' };
}

/** A trusted account means every principal of the account whose own policies allow the call. */
function names({ principal, except }: TrustedParty, { arn, accountId, type, name }: PrincipalRecord): boolean {
  const matches = (trusted: string): boolean =>
    trusted === arn ||
    (namesAccount(trusted) && trusted.includes(accountId)) ||
    (type === 'role' && trusted.includes(`:${accountId}:assumed-role/${name}/`));
  return (principal === '*' || matches(principal)) && !except.some(matches);
}

/** Null if it depends on the request. */
function isMet({ key, match, values }: TrustRequirement, record: PrincipalRecord): boolean | null {
  const actual = valueOf(key, record);
  if (actual === null) return null;
  const matches = values.some((value) => (match === 'like' ? wildcardPattern(value)(actual) : value === actual));
  // A role session may have session tags in addition to the role's tags.
  return matches || record.type === 'user' || !key.startsWith('aws:principaltag/') ? matches : null;
}

function valueOf(key: string, { arn, accountId, type, name, tags }: PrincipalRecord): string | null {
  if (key === 'aws:principalarn') return arn;
  if (key === 'aws:principalaccount') return accountId;
  if (key === 'aws:principalisawsservice') return 'false';
  if (key === 'aws:username') return type === 'user' ? name : '';
  if (!key.startsWith('aws:principaltag/')) return null;
  const tag = Object.entries(tags).find(([one]) => `aws:principaltag/${one.toLowerCase()}` === key);
  return tag?.[1] ?? (type === 'user' ? '' : null);
}

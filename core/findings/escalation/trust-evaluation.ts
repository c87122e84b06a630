import type { PrincipalRecord } from '../../contract/evidence.ts';
import type { TrustedParty, TrustRequirement } from '../../contract/trust.ts';
import { wildcardPattern } from '../../policies/wildcards.ts';

/** Whether a role's trust lets in a principal of its own account that may call sts:AssumeRole on it. */
export type Entry =
  | { readonly kind: 'yes' }
  /** By these condition keys, or where none is named by a Deny that can't be told. */
  | { readonly kind: 'perhaps'; readonly keys: readonly string[] }
  | { readonly kind: 'no' };

const no: Entry = { kind: 'no' };

/** By the easiest of the parties that let it in. */
export function entryOf(trust: readonly TrustedParty[], record: PrincipalRecord): Entry {
  let best = no;
  for (const party of trust) {
    const entry = entryBy(party, record);
    if (entry.kind === 'yes') return entry;
    if (best.kind === 'no') best = entry;
  }
  return best;
}

/** Whether it lets in all of the role's own account, so that nobody needs a look of their own. */
export const isOpenToAccount = (party: TrustedParty): boolean =>
  party.kind === 'sameAccount' && namesAccount(party.principal) && isUnlimited(party);

/** Whether it may let in anybody of the role's own account at all. */
export const mayConcernAccount = ({ kind }: TrustedParty): boolean => kind === 'sameAccount' || kind === 'everyone';

/** The one whom it names, where that is all that there is to look at; null where a look of its own is needed. */
export const plainlyNamed = (party: TrustedParty): string | null =>
  party.kind === 'sameAccount' && isUnlimited(party) && /^arn:[^:]*:iam::\d{12}:(user|role)\//.test(party.principal)
    ? party.principal
    : null;

const isUnlimited = ({ except, requires, unjudged, deniedInPart }: TrustedParty): boolean =>
  except.length === 0 && requires.length === 0 && unjudged.length === 0 && !deniedInPart;

const namesAccount = (principal: string): boolean => /^(\d{12}|arn:[^:]*:iam::\d{12}:root)$/.test(principal);

function entryBy(party: TrustedParty, record: PrincipalRecord): Entry {
  if (!mayConcernAccount(party) || !names(party, record)) return no;
  const keys = [...party.unjudged];
  for (const requirement of party.requires) {
    const met = isMet(requirement, record);
    if (met === false) return no;
    if (met === null) keys.push(requirement.key);
  }
  return keys.length > 0 || party.deniedInPart ? { kind: 'perhaps', keys: [...new Set(keys)] } : { kind: 'yes' };
}

/** An account stands for its root and with it for everybody whose policies allow the call. */
function names({ principal, except }: TrustedParty, { arn, accountId, type, name }: PrincipalRecord): boolean {
  const isMeant = (given: string): boolean =>
    given === arn ||
    (namesAccount(given) && given.includes(accountId)) ||
    (type === 'role' && given.includes(`:${accountId}:assumed-role/${name}/`));
  return (principal === '*' || isMeant(principal)) && !except.some(isMeant);
}

/** Null where it hangs on the request. */
function isMet({ key, match, values }: TrustRequirement, record: PrincipalRecord): boolean | null {
  const given = valueOf(key, record);
  if (given === null) return null;
  const isOne = values.some((value) => (match === 'like' ? wildcardPattern(value)(given) : value === given));
  // A session of a role may bring tags of its own.
  return isOne || record.type === 'user' || !key.startsWith('aws:principaltag/') ? isOne : null;
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

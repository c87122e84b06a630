import * as v from 'valibot';
import type { AccountLine } from '../contract/account-objects.ts';
import { AccountId } from '../contract/execution-input.ts';
import type { Organization, OrganizationAccount } from '../contract/organization.ts';
import type { SkippedAccount } from '../contract/run.ts';
import type { OrganizationScope } from '../ports/services.ts';
import { InvalidInput } from '../run/parse-execution-input.ts';
import type { RequestedAccounts } from '../run/requested-accounts.ts';
import { placeOf } from './place.ts';

/** The accounts of the organization must be known, but they are not. */
export class OrganizationNotListed extends Error {
  override name = 'OrganizationNotListed';
}

export interface SelectedAccounts {
  readonly accounts: readonly AccountLine[];
  /** Accounts of the organization that were asked for, but can't be audited today. */
  readonly skipped: readonly SkippedAccount[];
}

/**
 * The accounts that a run audits. In an organization these are its active accounts; the others are skipped and named.
 * @throws InvalidInput, OrganizationNotListed
 */
export function selectAccounts(
  requested: RequestedAccounts,
  organization: Organization,
  warn: (message: string) => void,
): SelectedAccounts {
  if (requested.kind === 'organization') {
    const listed = listedAccounts(organization);
    const { configured, wanted } = requested;
    // An account of the settings may have left the organization: the others are audited. A wrong input changes nothing.
    for (const problem of unknownTargets(configured, listed)) warn(`The setting ${problem}`);
    const [problem] = unknownTargets(wanted, listed);
    if (problem !== undefined) throw new InvalidInput(problem);
    return selectFrom(listed, [configured, wanted]);
  }
  const { accountIds, resumeFrom, within } = requested;
  if (within !== null) checkWithin(accountIds, within, listedAccounts(organization));
  return { accounts: accountIds.map((accountId) => ({ accountId, resumeFrom })), skipped: [] };
}

/** @throws OrganizationNotListed that says what to do */
function listedAccounts({ accounts, membership, problems }: Organization): readonly OrganizationAccount[] {
  if (accounts !== null) return accounts;
  const [problem] = problems;
  const reason =
    membership === 'none'
      ? 'this account is not in an organization'
      : `${problem?.code ?? 'Unknown'}: ${problem?.message ?? 'no reason is known'}`;
  throw new OrganizationNotListed(
    `The accounts of the organization could not be listed (${reason}). Run the audit with credentials of the management account or of an account that is a delegated administrator of the organization, with permission for organizations:DescribeOrganization, organizations:ListAccounts, organizations:ListRoots, organizations:ListChildren and organizations:ListOrganizationalUnitsForParent. Without these, name the accounts: --account-id, or the setting accounts (docs/organization.md).`,
  );
}

function selectFrom(listed: readonly OrganizationAccount[], scopes: readonly OrganizationScope[]): SelectedAccounts {
  const accounts: AccountLine[] = [];
  const skipped: SkippedAccount[] = [];
  for (const account of listed) {
    const places = scopes.map((scope) => placeIn(account, scope));
    if (places.includes('outside')) continue;
    const reason = places.includes('unknown') ? unknownUnit : inactive(account);
    if (reason === null) accounts.push({ accountId: account.accountId, resumeFrom: null });
    else skipped.push({ accountId: account.accountId, ...placeOf(account), reason });
  }
  if (accounts.length === 0) throw new InvalidInput(nothingLeft(skipped));
  return { accounts, skipped };
}

const MOST_NAMED = 5;

/** Names accounts that were asked for and can't be audited: otherwise the IDs in the input would look wrong. */
function nothingLeft(skipped: readonly SkippedAccount[]): string {
  const sentence = 'include, exclude: no active account of the organization is left.';
  if (skipped.length === 0) return sentence;
  const named = skipped.slice(0, MOST_NAMED).map(({ accountId, reason }) => `${accountId} (${reason.code})`);
  const more = skipped.length > MOST_NAMED ? ` and ${skipped.length - MOST_NAMED} more` : '';
  return `${sentence} Not audited: ${named.join(', ')}${more}.`;
}

/** Whether an account is in the limits; `unknown` if this depends on its units, and they are not known. */
function placeIn(
  { accountId, units }: OrganizationAccount,
  { include, exclude }: OrganizationScope,
): 'inside' | 'outside' | 'unknown' {
  const isIn = (targets: readonly string[]): boolean =>
    targets.includes(accountId) || (units ?? []).some(({ id }) => targets.includes(id));
  const needsUnits = [...include, ...exclude].some((target) => !isAccount(target));
  if (isIn(exclude)) return 'outside';
  if (include.length > 0 && include.every(isAccount) && !include.includes(accountId)) return 'outside';
  if (units === null && needsUnits) return 'unknown';
  return include.length === 0 || isIn(include) ? 'inside' : 'outside';
}

const isAccount = (target: string): boolean => v.is(AccountId, target);

const unknownUnit = {
  code: 'UnknownUnit',
  message: 'The organizational unit of this account is not known, so it is not known whether to audit it.',
};

/** Why an account can't be audited; null if it can. Without a known state, the audit tries. */
function inactive({ state }: OrganizationAccount): SkippedAccount['reason'] | null {
  if (state === 'ACTIVE' || state === 'UNKNOWN') return null;
  return { code: state, message: `AWS Organizations returns the state ${state} for this account.` };
}

/** A sentence for each field with IDs that are not in the organization, and that therefore have no effect. */
function unknownTargets({ include, exclude }: OrganizationScope, listed: readonly OrganizationAccount[]): string[] {
  const known = new Set(listed.flatMap(({ accountId, units }) => [accountId, ...(units ?? []).map(({ id }) => id)]));
  // Without the tree, the IDs of units can't be checked.
  const isChecked = (target: string): boolean => isAccount(target) || listed.some(({ units }) => units !== null);
  return Object.entries({ include, exclude }).flatMap(([field, targets]) => {
    const unknown = targets.filter((target) => isChecked(target) && !known.has(target));
    return unknown.length === 0
      ? []
      : [`${field}: no account of the organization is ${unknown.join(' or ')}, or is below it.`];
  });
}

/** @throws InvalidInput if an account is not in the limits of the deployment */
function checkWithin(
  accountIds: readonly string[],
  within: OrganizationScope,
  listed: readonly OrganizationAccount[],
): void {
  const inside = new Set(
    listed.filter((account) => placeIn(account, within) === 'inside').map(({ accountId }) => accountId),
  );
  const others = accountIds.filter((accountId) => !inside.has(accountId));
  if (others.length === 0) return;
  throw new InvalidInput(
    `accounts: ${others.join(', ')} must be in the organization, and in the limits of this deployment’s settings include and exclude.`,
  );
}

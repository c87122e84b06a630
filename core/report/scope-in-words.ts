import type { RunSummary } from '../contract/run.ts';

/** A longer list of accounts is shortened. The report has a table of all. */
const MOST_ACCOUNTS = 5;

type Scoped = Pick<RunSummary, 'scope' | 'accounts' | 'organization' | 'startedAt' | 'principals' | 'status'>;

/** Whether a run audited only some principals. */
export const isLimitedToPrincipals = ({ scope }: Pick<RunSummary, 'scope'>): boolean => scope.principals !== 'all';

/** What a run covers: principals, accounts and date. */
export function scopeInWords(run: Scoped): string {
  const { principals } = run.scope;
  const who = principals === 'all' ? 'all principals' : `only principals that match ${principals.join(' or ')}`;
  return `Scope: ${who}, in ${accountsInWords(run)}, on ${dayAndTime(run.startedAt)}.`;
}

/** Says that a run that has ended audited no principal; null if it audited some. */
export function emptyScopeInWords({ scope, principals, status, accounts }: Scoped): string | null {
  if (principals.total > 0 || status === 'RUNNING') return null;
  if (accounts.some((account) => account.status === 'FAILED')) return null;
  if (scope.principals === 'all') return 'AWS listed no user and no role, so nothing was audited.';
  return `No principal matches ${scope.principals.join(' or ')}, so nothing was audited. Check the pattern.`;
}

function accountsInWords({ scope, accounts, organization }: Scoped): string {
  const ids = accounts.map(({ accountId }) => accountId);
  const listed =
    ids.length === 1
      ? `account ${ids[0] ?? ''}`
      : ids.length <= MOST_ACCOUNTS
        ? `accounts ${ids.join(', ')}`
        : `${ids.length} accounts (${ids.slice(0, MOST_ACCOUNTS).join(', ')} and others)`;
  if (organization === undefined) return ids.length === 0 ? 'no account' : listed;
  const id = organization.organizationId === null ? '' : ` ${organization.organizationId}`;
  const all = `${ids.length} account${ids.length === 1 ? '' : 's'}`;
  return scope.accounts === 'all' ? `${all} of the organization${id}` : `only ${listed} of the organization${id}`;
}

/** `2026-11-27 13:40 UTC`. */
const dayAndTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

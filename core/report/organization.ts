import type { MembershipChange, RunSummary } from '../contract/run.ts';

/** A sentence names at most this many accounts. run.json has all of them. */
const MOST_NAMED = 10;

/** Sentences about the accounts of an organization that were not audited, and about those that joined or left. */
export function organizationInWords({ organization }: RunSummary): string[] {
  if (organization === undefined) return [];
  const { skipped, joined, left } = organization;
  const reasons = new Map<string, typeof skipped>();
  for (const account of skipped)
    reasons.set(account.reason.code, [...(reasons.get(account.reason.code) ?? []), account]);
  return [
    ...[...reasons].map(([code, accounts]) => `Not audited (${code}): ${named(accounts)}.`),
    ...(joined.length === 0 ? [] : [`New in the organization since the last run: ${named(joined)}.`]),
    ...(left.length === 0 ? [] : [`No longer in the organization: ${named(left)}.`]),
  ];
}

function named(accounts: readonly MembershipChange[]): string {
  const shown = accounts
    .slice(0, MOST_NAMED)
    .map(({ accountId, name }) => (name === null ? accountId : `${accountId} (${name})`));
  const others = accounts.length - shown.length;
  return `${shown.join(', ')}${others === 0 ? '' : ` and ${others} more`}`;
}

import type { MembershipChange, RunSummary } from '../contract/run.ts';

/** A sentence names at most this many accounts. run.json has all of them. */
const MOST_NAMED = 10;

/** Sentences about the accounts of an organization that were not audited, and about those that joined or left. */
export function organizationInWords({ organization }: RunSummary): string[] {
  if (organization === undefined) return [];
  const { skipped, resourceControlPolicies, joined, left } = organization;
  const reasons = new Map<string, typeof skipped>();
  for (const account of skipped)
    reasons.set(account.reason.code, [...(reasons.get(account.reason.code) ?? []), account]);
  return [
    ...[...reasons].map(([code, accounts]) => `Not audited (${code}): ${named(accounts)}.`),
    ...resourcePoliciesInWords(resourceControlPolicies),
    ...(joined.length === 0 ? [] : [`New in the organization since the last run: ${named(joined)}.`]),
    ...(left.length === 0 ? [] : [`No longer in the organization: ${named(left)}.`]),
  ];
}

/** The policy simulator does not evaluate resource control policies (IAM User Guide, "Testing IAM policies"). */
function resourcePoliciesInWords(accountsByName: Readonly<Record<string, number>>): string[] {
  const all = Object.entries(accountsByName);
  if (all.length === 0) return [];
  const shown = all.slice(0, MOST_NAMED).map(([name, count]) => `${name} (${count} account${count === 1 ? '' : 's'})`);
  const others = all.length - shown.length;
  return [
    `Resource control policies are present: ${shown.join(', ')}${others === 0 ? '' : ` and ${others} more`}. The policy simulator does not evaluate them, so they may deny what the report shows as allowed.`,
  ];
}

function named(accounts: readonly MembershipChange[]): string {
  const shown = accounts
    .slice(0, MOST_NAMED)
    .map(({ accountId, name }) => (name === null ? accountId : `${accountId} (${name})`));
  const others = accounts.length - shown.length;
  return `${shown.join(', ')}${others === 0 ? '' : ` and ${others} more`}`;
}

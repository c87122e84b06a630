import type { Organization } from '../contract/organization.ts';

/** By name of a resource control policy: number of accounts that it applies to. Empty if this is not known. */
export function accountsByResourcePolicy({ accounts }: Organization): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of (accounts ?? []).flatMap(({ resourceControlPolicies }) => resourceControlPolicies ?? [])) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

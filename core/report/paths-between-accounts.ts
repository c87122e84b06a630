import type { RunSummary } from '../contract/run.ts';
import { listedBriefly } from '../wording/wording.ts';

/** The accounts whose paths into other accounts are not known; null if all were searched. */
export function notSearchedInWords({ acrossAccounts }: RunSummary): string | null {
  const accountIds = acrossAccounts?.notSearched ?? [];
  return accountIds.length === 0
    ? null
    : `Paths into other accounts were not searched from ${listedBriefly(accountIds, 3)}: their evidence is missing, or the time was over. Findings about such paths stay open.`;
}

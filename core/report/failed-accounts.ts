import type { RunSummary } from '../contract/run.ts';

/** Says how many accounts of a run were not audited; null if there are none. */
export function failedAccountsInWords({ accounts }: RunSummary): string | null {
  const failed = accounts.filter(({ status }) => status === 'FAILED').length;
  if (failed === 0) return null;
  return `${failed} of ${accounts.length} account${accounts.length === 1 ? ' was' : 's were'} not audited.`;
}

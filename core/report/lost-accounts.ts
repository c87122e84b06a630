import type { RunSummary } from '../contract/run.ts';

/** Says how many accounts of a run were not audited; null where all were, or the run has not ended. */
export function accountsLost({ accounts }: RunSummary): string | null {
  const lost = accounts.filter(({ status }) => status === 'FAILED').length;
  if (lost === 0) return null;
  return `${lost} of ${accounts.length} account${accounts.length === 1 ? ' was' : 's were'} not audited.`;
}

import type { RunSummary } from '../contract/run.ts';

/** Says that accounts share their caller's limits, and what follows; null where they do not, or nobody knows. */
export function sharedBucket({ sharing }: RunSummary): string | null {
  if (sharing?.shared !== true) return null;
  const found = `Accounts share the rate limits of the account that assumes their roles (found ${sharing.foundAt.slice(0, 10)}`;
  return `${found}: ${sharing.comparisons} times one found ${Math.round(sharing.ratio * 100)} % of what the first did): from then on they are audited one after another.`;
}

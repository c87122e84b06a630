import type { RunSummary } from '../contract/run.ts';

/** Says that accounts share their caller's limits, and what follows; null where they do not, or nobody knows. */
export function sharedBucket({ sharing }: RunSummary): string | null {
  if (sharing?.shared !== true) return null;
  const percent = Math.round(sharing.ratio * 100);
  return (
    'Accounts share the rate limits of the account that assumes their roles, so from the next run on they are audited one after another. ' +
    `Found on ${sharing.foundAt.slice(0, 10)}: before AWS throttled them, later accounts made ${percent} % of the calls that the first one made.`
  );
}

import type { RunSummary } from '../contract/run.ts';

/** Says that accounts share their caller's rate limits, and the consequence; null if they do not or it is unknown. */
export function sharedRateLimitInWords({ sharing }: RunSummary): string | null {
  if (sharing?.shared !== true) return null;
  const percent = Math.round(sharing.ratio * 100);
  return (
    'Accounts share the rate limits of the account that assumes their roles, so in later runs the batches of the accounts take turns. ' +
    `Detected on ${sharing.foundAt.slice(0, 10)}: before AWS throttled them, later accounts made ${percent} % of the calls that the first account made.`
  );
}

import type { RunSummary } from '../contract/run.ts';

/** A run may exceed its window by this share: the last batch begins within the window and ends after it. */
const ON_TIME = 0.05;

/** Says that a run took longer than the window that it was spread over; null if it did not. */
export function exceededWindowInWords({ spread, accounts, sharing }: RunSummary): string | null {
  if (spread?.tookMinutes === undefined || spread.tookMinutes === null) return null;
  if (spread.tookMinutes <= (1 + ON_TIME) * spread.minutes) return null;
  const isConcurrent = accounts.length > 1 && sharing?.shared !== true;
  return (
    `The window of ${minutes(spread.minutes)} was too short: the audit took ${minutes(spread.tookMinutes)}. ` +
    `No evidence is missing because of this. For the next run, set a longer window${isConcurrent ? ' or audit more accounts at once' : ''}.`
  );
}

function minutes(count: number): string {
  const rounded = Math.round(count * 10) / 10;
  return `${rounded} minute${rounded === 1 ? '' : 's'}`;
}

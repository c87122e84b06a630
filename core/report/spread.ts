import type { RunSummary } from '../contract/run.ts';

/** Ends later than its window by less, as a share of it, are on time: the last batch begins within the window. */
const ON_TIME = 0.05;

/** That a run took longer than the window that it was to be spread over, in words; null where it did not. */
export function windowTooShort({ spread, accounts, sharing }: RunSummary): string | null {
  if (spread?.tookMinutes === undefined || spread.tookMinutes === null) return null;
  if (spread.tookMinutes <= (1 + ON_TIME) * spread.minutes) return null;
  const sideBySide = accounts.length > 1 && sharing?.shared !== true;
  return (
    `The window of ${minutes(spread.minutes)} was too short: the audit took ${minutes(spread.tookMinutes)}. ` +
    `Nothing was left out because of it; a longer window${sideBySide ? ', or more accounts at once,' : ''} would fit.`
  );
}

function minutes(count: number): string {
  const rounded = Math.round(count * 10) / 10;
  return `${rounded} minute${rounded === 1 ? '' : 's'}`;
}

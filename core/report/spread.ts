import type { RunSummary } from '../contract/run.ts';

/** That a run took longer than the window that it was to be spread over, in words; null where it did not. */
export function windowTooShort({ spread }: Pick<RunSummary, 'spread'>): string | null {
  if (spread === undefined || spread.tookMinutes === null || spread.tookMinutes <= spread.minutes) return null;
  return (
    `The window of ${minutes(spread.minutes)} was too short: at the pace that AWS allowed the audit took ${minutes(spread.tookMinutes)}. ` +
    'Nothing was left out because of it; a longer window, or more accounts at once, would fit.'
  );
}

const minutes = (count: number): string => `${count} minute${count === 1 ? '' : 's'}`;

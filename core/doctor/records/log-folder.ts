import { DAY_SECONDS } from '../../ports/clock.ts';
import type { LogPeriod } from '../../ports/log-files.ts';

/** What a path says about the files below it. */
export type LogFolder = 'read' | 'digests' | 'insights' | 'outsidePeriod';

/** Why digests are left out: in the words for files and for folders. */
export const digestReasons = {
  files: 'Digests, which contain no records.',
  folders: 'Folders of digests, which contain no records.',
} as const;

/** Why a folder is left out. */
export const folderReasons: Readonly<Record<Exclude<LogFolder, 'read'>, string>> = {
  digests: digestReasons.folders,
  insights: 'Folders of Insights events, which contain no calls.',
  outsidePeriod: 'Folders of days outside of the period.',
};

/** CloudTrail names a folder after the day of delivery, which may be the day after the call. */
const DELIVERY_DAYS = 1;

const byName: Readonly<Record<string, LogFolder>> = {
  'CloudTrail-Digest': 'digests',
  'CloudTrail-Insight': 'insights',
};

/**
 * Judges a folder or a file by its path, with `/` between its parts: `…/CloudTrail/<Region>/YYYY/MM/DD/…`, or the first
 * parts of it. A path of another form is read.
 */
export function logFolderOf(path: string, period: LogPeriod): LogFolder {
  const parts = path.split('/');
  for (const part of parts) {
    const folder = Object.hasOwn(byName, part) ? byName[part] : undefined;
    if (folder !== undefined) return folder;
  }
  const days = deliveryDays(parts.slice(parts.lastIndexOf('CloudTrail') + 1));
  if (!parts.includes('CloudTrail') || days === null) return 'read';
  const tooOld = period.since !== null && days.end <= period.since;
  const tooNew = period.until !== null && days.start > period.until + DELIVERY_DAYS * DAY_SECONDS;
  return tooOld || tooNew ? 'outsidePeriod' : 'read';
}

/** The seconds from the start of the first day to the end of the last; null if the path names no year. */
function deliveryDays([, year, month, day]: readonly string[]): { start: number; end: number } | null {
  if (year === undefined || !/^20\d\d$/.test(year)) return null;
  const y = Number(year);
  if (month === undefined || !/^(0[1-9]|1[0-2])$/.test(month)) return between([y, 0, 1], [y + 1, 0, 1]);
  const m = Number(month) - 1;
  if (day === undefined || !/^(0[1-9]|[12]\d|3[01])$/.test(day)) return between([y, m, 1], [y, m + 1, 1]);
  return between([y, m, Number(day)], [y, m, Number(day) + 1]);
}

type YearMonthDay = readonly [number, number, number];

const between = (start: YearMonthDay, end: YearMonthDay): { start: number; end: number } => ({
  start: Date.UTC(...start) / 1000,
  end: Date.UTC(...end) / 1000,
});

import type { RefusedWindow } from '../../contract/doctor/diagnosis.ts';
import { dateAndClock, length, period, secondsOf } from './times.ts';

/** If calls were throttled in the last minutes of the logs, AWS may still throttle calls. */
const ONGOING_SECONDS = 600;

interface Time {
  readonly from: number;
  readonly to: number;
  readonly refused: number;
}

/** The windows in order of time; those without a readable time are left out. */
const timesOf = (windows: readonly RefusedWindow[]): Time[] =>
  windows
    .flatMap(({ from, to, refused }) => {
      const [start, end] = [secondsOf(from), secondsOf(to)];
      return start === null || end === null ? [] : [{ from: start, to: end, refused }];
    })
    .sort((a, b) => a.from - b.from);

/** `since …, `, the beginning of a clause; empty without a readable time. */
export function since(windows: readonly RefusedWindow[]): string {
  const [first] = timesOf(windows);
  return first === undefined ? '' : `since ${dateAndClock(first.from)} UTC, `;
}

/** When and how long calls were throttled, and whether AWS may still throttle calls. */
export function times(windows: readonly RefusedWindow[], end: string): string {
  const all = timesOf(windows);
  const last = all.at(-1);
  if (last === undefined) return '';
  const worst = all.reduce((most, one) => (one.refused > most.refused ? one : most), last);
  const ongoing = last.to >= (secondsOf(end) ?? Infinity) - ONGOING_SECONDS;
  const when = `${period(last.from, last.to)} (${length(last.to - last.from)})`;
  return [
    all.length === 1
      ? `Calls were throttled in one period: ${when}.`
      : `Calls were throttled in ${all.length} periods. The last one: ${when}. The one with the most throttled calls: ${worst === last ? 'the same' : period(worst.from, worst.to)}.`,
    ongoing ? 'The logs end at this time, so AWS may still throttle calls.' : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

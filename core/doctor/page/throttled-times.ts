import type { RefusedWindow } from '../../contract/doctor/diagnosis.ts';
import { whole } from '../questions/numbers.ts';
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

/** The period with the most throttled calls; of several, the last one. @param periods in order of time */
export const worstOf = <T extends Pick<Time, 'refused'>>(periods: readonly T[]): T | undefined =>
  periods.reduce<T | undefined>(
    (most, one) => (most === undefined || one.refused >= most.refused ? one : most),
    undefined,
  );

function worstInWords(all: readonly Time[]): string {
  const worst = worstOf(all);
  if (worst === undefined) return '';
  const equal = all.filter(({ refused }) => refused === worst.refused);
  if (equal.length > 1) return `${equal.length} periods have the most throttled calls, ${whole(worst.refused)} each.`;
  return worst === all.at(-1)
    ? 'It is also the one with the most throttled calls.'
    : `The one with the most throttled calls: ${period(worst.from, worst.to)}.`;
}

/** When and how long calls were throttled, and whether AWS may still throttle calls. */
export function times(windows: readonly RefusedWindow[], end: string): string {
  const all = timesOf(windows);
  const last = all.at(-1);
  if (last === undefined) return '';
  const ongoing = last.to >= (secondsOf(end) ?? Infinity) - ONGOING_SECONDS;
  const when = `${period(last.from, last.to)} (${length(last.to - last.from)})`;
  return [
    all.length === 1
      ? `Calls were throttled in one period: ${when}.`
      : `Calls were throttled in ${all.length} periods. The last one: ${when}. ${worstInWords(all)}`,
    ongoing ? 'The logs end at this time, so AWS may still throttle calls.' : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

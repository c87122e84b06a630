import { DAY_SECONDS } from '../../ports/clock.ts';

const MINUTE = 60;

/** Epoch seconds of a time in ISO 8601; null if it is not one. */
export function secondsOf(iso: string): number | null {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? null : Math.floor(time / 1_000);
}

const isoOf = (sec: number): string => new Date(1_000 * sec).toISOString();

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `02:15`, in UTC. */
export const clock = (sec: number): string => isoOf(sec).slice(11, 16);

/** `27 Nov`, in UTC. */
export function day(sec: number): string {
  const [, month = '01', date = '01'] = isoOf(sec).slice(0, 10).split('-');
  return `${Number(date)} ${months[Number(month) - 1] ?? month}`;
}

/** `27 Nov 2026, 02:15`, in UTC. */
export const dateAndClock = (sec: number): string => `${day(sec)} ${isoOf(sec).slice(0, 4)}, ${clock(sec)}`;

/** `27 Nov 2026, 02:15–02:31 UTC`; the second date only if it is another one. */
export const period = (from: number, to: number): string =>
  `${dateAndClock(from)}${isSameDay(from, to) ? `–${clock(to)}` : ` to ${dateAndClock(to)}`}\u00a0UTC`;

/** Midnight at the end of a day counts as that day. */
const isSameDay = (from: number, to: number): boolean =>
  Math.floor(from / DAY_SECONDS) === Math.floor((to - 1) / DAY_SECONDS) && to % DAY_SECONDS !== 0;

/** A period between two texts; the texts as they are if they are not times. */
export function periodOf(from: string, to: string): string {
  const [start, end] = [secondsOf(from), secondsOf(to)];
  return start === null || end === null ? `${from} to ${to}` : period(start, end);
}

/** `16 minutes`, `2.5 hours`, `3 days`. */
export function length(seconds: number): string {
  const [value, unit] =
    seconds < 120 * MINUTE
      ? [seconds / MINUTE, 'minute']
      : seconds < 2 * DAY_SECONDS
        ? [seconds / 3_600, 'hour']
        : [seconds / DAY_SECONDS, 'day'];
  const shown = Math.round(10 * value) / 10;
  return `${shown} ${unit}${shown === 1 ? '' : 's'}`;
}

/** A mark on the time axis. `date` is set on the first mark and on the first of each day. */
export interface Tick {
  readonly at: number;
  readonly label: string;
  readonly date: string | null;
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080].map((minutes) => minutes * MINUTE);
const MOST_TICKS = 9;

/** Round times between two times, at most nine. */
export function ticks(from: number, to: number): Tick[] {
  const longest = steps.at(-1) ?? DAY_SECONDS;
  const step =
    steps.find((one) => (to - from) / one <= MOST_TICKS - 1) ??
    longest * Math.ceil((to - from) / longest / (MOST_TICKS - 1));
  const marks: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const before = marks.at(-1);
    const isNewDay = before === undefined || Math.floor(before.at / DAY_SECONDS) !== Math.floor(at / DAY_SECONDS);
    marks.push(
      step >= DAY_SECONDS
        ? { at, label: day(at), date: null }
        : { at, label: clock(at), date: isNewDay ? day(at) : null },
    );
  }
  return marks;
}

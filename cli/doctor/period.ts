import { InvalidArgumentError } from 'commander';
import { DAY_MS } from '../../core/ports/clock.ts';
import { WrongUsage } from '../wrong-usage.ts';

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS };

/**
 * Parses `--since` and `--until`: an ISO 8601 time, or a duration before now such as 90m, 6h or 2d.
 * @returns a function of the present time, which gives milliseconds since the epoch
 */
export function parseTime(text: string): (now: number) => number {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const ms = unit === undefined ? undefined : unitMs[unit];
  if (count !== undefined && ms !== undefined) return (now) => now - Number(count) * ms;
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const time = isTime ? Date.parse(text) : Number.NaN;
  if (isTime) checkDay(text);
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      'It must be a time such as 2026-11-26T22:00:00Z, or a duration before now such as 90m, 6h or 2d.',
    );
  }
  return () => time;
}

/** `Date.parse` takes the 30th of February for the 2nd of March. */
function checkDay(text: string): void {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  if (month < 1 || month > 12) {
    throw new InvalidArgumentError(`There is no month ${month}. It must be a date such as 2026-11-26.`);
  }
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day >= 1 && day <= last) return;
  const ofMonth = text.slice(0, 7);
  throw new InvalidArgumentError(
    `${ofMonth} has no day ${day}. It must be a date from ${ofMonth}-01 to ${ofMonth}-${last}.`,
  );
}

export interface PeriodOptions {
  /** From the present time to milliseconds since the epoch. */
  readonly since?: (now: number) => number;
  readonly until?: (now: number) => number;
}

const isoOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

const ORDER = '--since must be before --until.';

/** The period asked for, in milliseconds since the epoch; null where it is open. @throws WrongUsage */
export function periodOf({ since, until }: PeriodOptions, now: number): { from: number | null; to: number | null } {
  const from = since?.(now) ?? null;
  const to = until?.(now) ?? null;
  if (from !== null && from >= now) {
    throw new WrongUsage(
      `--since must be before now, ${isoOf(now)}, but is ${isoOf(from)}. Use an earlier time, or a duration before now such as 6h.`,
    );
  }
  if (from !== null && to !== null && from >= to) {
    throw new WrongUsage(`${ORDER} --since is ${isoOf(from)}, --until is ${isoOf(to)}.`);
  }
  return { from, to };
}

/** The period asked for, which ends now and lasts `defaultMs` milliseconds unless asked for otherwise. @throws WrongUsage */
export function closedPeriodOf(options: PeriodOptions, now: number, defaultMs: number): { from: number; to: number } {
  const { from, to } = periodOf(options, now);
  const end = to ?? now;
  const start = from ?? end - defaultMs;
  if (start >= end) throw new WrongUsage(ORDER);
  return { from: start, to: end };
}

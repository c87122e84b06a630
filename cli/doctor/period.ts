import { InvalidArgumentError } from 'commander';

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

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
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      'It must be a time such as 2026-11-26T22:00:00Z, or a duration before now such as 90m, 6h or 2d.',
    );
  }
  return () => time;
}

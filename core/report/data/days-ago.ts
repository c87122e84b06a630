import type { DaysAgo } from '../../contract/report/report-data.ts';
import { DAY_MS } from '../../ports/clock.ts';

/** Converts times to whole days before the day of `generatedAt`, in UTC. */
export function daysBefore(generatedAt: string): (time: string) => DaysAgo {
  const day = (time: string): number => Math.floor(Date.parse(time) / DAY_MS);
  const today = day(generatedAt);
  return (time) => today - day(time);
}

import type { Random } from '../../core/clock.ts';

/** A lognormal distribution of round trips, by what 5 % and 95 % of them stay under, in milliseconds. */
export interface Latency {
  readonly p5Ms: number;
  readonly p95Ms: number;
}

/** What every figure of the pacing is quoted on. */
export const usualLatency: Latency = { p5Ms: 80, p95Ms: 300 };

/** The 95 % point of the standard normal distribution. */
const Z95 = 1.6449;

/** @returns the milliseconds of one round trip */
export function drawLatency({ p5Ms, p95Ms }: Latency, random: Random): number {
  const mean = (Math.log(p5Ms) + Math.log(p95Ms)) / 2;
  const deviation = (Math.log(p95Ms) - Math.log(p5Ms)) / (2 * Z95);
  // Box and Muller; 1 - random is never 0.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(mean + deviation * normal);
}

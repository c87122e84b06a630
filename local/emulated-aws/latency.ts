import type { Random } from '../../core/ports/clock.ts';

/** The standard normal distribution's 95th percentile. */
const Z95 = 1.6449;

/** Draws a response time in ms from a lognormal distribution. 5 % of the values are below `low`, 5 % above `high`. */
export function lognormal(random: Random, [low, high]: readonly [number, number]): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const middle = (Math.log(low) + Math.log(high)) / 2;
  const spread = (Math.log(high) - Math.log(low)) / (2 * Z95);
  return Math.exp(middle + spread * normal);
}

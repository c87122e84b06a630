import type { PlateauSettings } from './controller-settings.ts';

/**
 * The rate as a multiple of the estimate. It follows the curve of TCP CUBIC (RFC 9438): after a decrease the rate soon returns
 * to just below the estimate, stays there for a long time, and then rises faster and faster.
 * @param risen calls accepted since the decrease
 * @param length accepted calls until the rate is back at `share` of the estimate
 */
export function plateauPosition(risen: number, length: number, { share, dip }: PlateauSettings): number {
  return share + dip * (risen / length - 1) ** 3;
}

/**
 * Accepted calls until the rate is back at `share` of the estimate. The less certain the estimate, the fewer.
 * @param perSecond the estimated rate
 * @param doubt its standard deviation, as a share. Null if there is no estimate
 */
export function plateauLength(perSecond: number, doubt: number | null, settings: PlateauSettings): number {
  const { calls, leastCalls, leastSeconds, seconds, exponent } = settings;
  const usual = Math.min(calls, Math.max(Math.min(leastCalls, leastSeconds * perSecond), seconds * perSecond));
  return Math.max(1, usual * Math.min(1, (settings.doubt / (doubt ?? settings.doubt)) ** exponent));
}

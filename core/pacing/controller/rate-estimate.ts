import * as v from 'valibot';

/** The estimated rate that a bucket leaves for the audit. */
export const RateEstimate = v.object({
  /** Calls per second. */
  perSecond: v.pipe(v.number(), v.finite(), v.gtValue(0)),
  /** Standard deviation, as a share of the rate: 0.1 is ten per cent. */
  doubt: v.pipe(v.number(), v.finite(), v.gtValue(0)),
});
export type RateEstimate = v.InferOutput<typeof RateEstimate>;

/**
 * The available rate drifts, because other applications use the bucket too. Each measurement adds this variance, as
 * a share.
 */
const DRIFT = 1e-3;

/**
 * Combines the earlier estimate and a measurement, weighted by their variances (a one-dimensional Kalman filter). If the
 * two differ by more than `surprise` standard deviations, the rate has changed and the measurement replaces the estimate.
 * @param perSecond the measured rate, calls per second
 * @param sd the standard deviation of the measurement, calls per second
 * @returns also the difference in standard deviations. It is negative if the measured rate is the lower one
 */
export function weigh(
  prior: RateEstimate,
  { perSecond, sd }: { readonly perSecond: number; readonly sd: number },
  surprise: number,
): { readonly estimate: RateEstimate; readonly changed: boolean; readonly deviation: number } {
  const priorVariance = (prior.doubt ** 2 + DRIFT) * prior.perSecond ** 2;
  const variance = sd ** 2;
  const difference = perSecond - prior.perSecond;
  const deviation = difference / Math.sqrt(priorVariance + variance);
  const changed = Math.abs(deviation) > surprise;
  const usedVariance = changed ? difference ** 2 : priorVariance;
  const gain = usedVariance / (usedVariance + variance);
  const mean = prior.perSecond + gain * difference;
  return { estimate: { perSecond: mean, doubt: Math.sqrt(gain * variance) / mean }, changed, deviation };
}

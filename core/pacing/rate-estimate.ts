import * as v from 'valibot';

/** What is believed of the rate that a bucket leaves us. */
export const RateEstimate = v.object({
  /** Calls per second. */
  perSecond: v.pipe(v.number(), v.finite(), v.gtValue(0)),
  /** Standard deviation, as a share of the rate: 0.1 is ten per cent. */
  doubt: v.pipe(v.number(), v.finite(), v.gtValue(0)),
});
export type RateEstimate = v.InferOutput<typeof RateEstimate>;

/** A bucket's rate drifts, if only with its bystanders: variance that every measurement adds, as a share. */
const DRIFT = 1e-3;

/**
 * Weighs a measurement against what was believed, by their variances (a Kalman filter of one dimension). One that lies
 * further off than `surprise` standard deviations means that the rate has changed: it replaces the belief.
 * @param perSecond what was measured
 * @param sd its standard deviation, calls per second
 */
export function weigh(
  prior: RateEstimate,
  { perSecond, sd }: { readonly perSecond: number; readonly sd: number },
  surprise: number,
): { readonly estimate: RateEstimate; readonly changed: boolean } {
  const priorVariance = (prior.doubt ** 2 + DRIFT) * prior.perSecond ** 2;
  const variance = sd ** 2;
  const difference = perSecond - prior.perSecond;
  const changed = Math.abs(difference) > surprise * Math.sqrt(priorVariance + variance);
  const believed = changed ? difference ** 2 : priorVariance;
  const gain = believed / (believed + variance);
  const mean = prior.perSecond + gain * difference;
  return { estimate: { perSecond: mean, doubt: Math.sqrt(gain * variance) / mean }, changed };
}

import type { MeasurementSettings } from './controller-settings.ts';
import type { RateEstimate } from './rate-estimate.ts';
import { weigh } from './rate-estimate.ts';

/** A rate in calls per second, and its standard deviation. */
export interface MeasuredRate {
  readonly perSecond: number;
  readonly sd: number;
}

/** The time between two moments at which the bucket was empty. */
export interface MeasuredInterval {
  readonly seconds: number;
  /** Calls that the bucket accepted in this time. */
  readonly accepted: number;
  /** Whether the queue had no work for part of this time. */
  readonly idled: boolean;
  /** The controller's rate at the end, calls per second. */
  readonly rate: number;
  /** Whether this rate is not above the estimate, so that a throttle is not expected. */
  readonly isBelow: boolean;
  /** Calls that a full bucket holds. */
  readonly bucketContent: number;
  /** Share of the estimated rate that is used, and the tokens that a pause after a throttle adds. */
  readonly share: number;
  readonly pauseTokens: number;
  /** The rate that the interval before this one gave. Null if it gave none. */
  readonly last: number | null;
}

/**
 * What an interval shows.
 * - `nothing`: too few calls were accepted. The interval goes on.
 * - `unchanged`: it gives no reason to change the estimate. `measured` is its rate, or that of the interval before if it gives
 *   none. A new interval starts.
 * - `measured`: the new estimate, and whether the rate has changed. One measurement may lower the estimate only to a limit. If
 *   the measured rate is lower than this limit, `remaining` is its share of the new estimate, otherwise 1.
 */
export type Measurement =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unchanged'; readonly measured: number | null }
  | {
      readonly kind: 'measured';
      readonly measured: number;
      readonly estimate: RateEstimate;
      readonly changed: boolean;
      readonly remaining: number;
    };

/** Least doubt of an estimate that is still higher than the measured rate. */
const LIMITED_DOUBT = 0.3;

/**
 * Combines the rate that an interval gave with the estimate before it. One interval can lower the estimate only to a limit.
 */
export function measure(interval: MeasuredInterval, prior: RateEstimate, settings: MeasurementSettings): Measurement {
  const { seconds, accepted, isBelow, last } = interval;
  if (seconds <= 0 || accepted === 0) return { kind: 'nothing' };
  const measured = measureRate(interval, prior, settings);
  if (measured === null) return { kind: 'unchanged', measured: last };
  const { estimate, changed, deviation } = weigh(prior, measured, settings.surprise);
  const isSame = last !== null && Math.abs(Math.log(measured.perSecond / last)) < settings.same;
  // Many calls were accepted below the estimate. If the rate has changed, then only at the end, so the mean does not show it.
  if (isBelow && -deviation > settings.inconsistent && accepted > settings.longCalls && !isSame) {
    return { kind: 'unchanged', measured: measured.perSecond };
  }
  const least = changed ? settings.leastSurprisingCalls : settings.leastCalls;
  if (deviation < 0 && accepted < least) return { kind: 'nothing' };
  const found = { kind: 'measured', measured: measured.perSecond, changed } as const;
  const lowest = prior.perSecond / mostFall(prior, accepted, settings);
  if (estimate.perSecond >= lowest) return { ...found, estimate, remaining: 1 };
  const doubt = Math.max(LIMITED_DOUBT, prior.doubt);
  const remaining = Math.min(1, acceptedRate(interval) / lowest);
  return { ...found, estimate: { perSecond: lowest, doubt }, remaining };
}

/** An uncertain estimate may fall further at once if many calls were accepted. */
function mostFall({ doubt }: RateEstimate, accepted: number, settings: MeasurementSettings): number {
  if (doubt < settings.knownDoubt) return settings.mostFall;
  return Math.max(2, Math.min(settings.mostFallUnknown, 2 ** (accepted / 20)));
}

const acceptedRate = ({ accepted, seconds, rate }: MeasuredInterval): number =>
  Math.min(accepted / seconds, 1.05 * rate);

/** @returns null if the interval gives only a lower bound that adds nothing to the estimate */
function measureRate(
  interval: MeasuredInterval,
  prior: RateEstimate,
  { chance }: MeasurementSettings,
): MeasuredRate | null {
  const { seconds, accepted, idled, rate, bucketContent, share, pauseTokens } = interval;
  const perSecond = acceptedRate(interval);
  // While the queue was idle, the bucket may have overflowed. Then the measured rate is only a lower bound.
  if (idled && perSecond <= prior.perSecond) {
    const measured = rateAfterOverflow(perSecond, rate, seconds);
    return isInformative(perSecond, measured.sd, prior) ? measured : null;
  }
  // If the share is low, the unused tokens fill the bucket and it overflows.
  if ((1 - share) * accepted > bucketContent + pauseTokens) return rateAfterOverflow(perSecond, rate, seconds);
  // The count may be wrong by one token. Calls of other applications vary at random, like a Poisson process.
  return { perSecond, sd: Math.sqrt(1 / seconds ** 2 + (chance * perSecond) ** 2 / accepted) };
}

/**
 * The bucket overflowed. Its rate is above that of the accepted calls, and below the last rate, because that rate emptied
 * it.
 */
function rateAfterOverflow(perSecond: number, rate: number, seconds: number): MeasuredRate {
  const unknown = Math.max(0, rate - perSecond);
  return { perSecond: perSecond + unknown / 3, sd: Math.max(unknown / 4, 1 / seconds) };
}

/** A lower bound is used only if it is not far below the estimate and the estimate itself is uncertain. */
function isInformative(perSecond: number, sd: number, prior: RateEstimate): boolean {
  return perSecond > 0.5 * prior.perSecond && 2 * sd < prior.doubt * prior.perSecond;
}

/**
 * How many calls a full bucket holds: those that were sent above the bucket's rate during the ramp until it was empty.
 * Infinite if the ramp has not ended.
 * @param perSecond the estimated rate. Null: no rate was estimated yet
 * @param unknown returned if the ramp ended below the estimated rate, because then it does not show the content
 */
export function contentFromRamp(
  drained: { readonly from: number; readonly to: number; readonly doubleMs: number } | null,
  perSecond: number | null,
  unknown: number,
): number {
  if (drained === null || perSecond === null) return Number.POSITIVE_INFINITY;
  const from = Math.max(drained.from, perSecond);
  if (from >= drained.to) return unknown;
  const perDoubling = drained.to - from - perSecond * Math.log(drained.to / from);
  return Math.max(1, (drained.doubleMs / 1000 / Math.LN2) * perDoubling);
}

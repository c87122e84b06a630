import type { ControllerSettings } from './controller-settings.ts';
import type { ControllerState } from './controller-state.ts';
import type { RateEstimate } from './rate-estimate.ts';

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
  /** Calls that a full bucket holds. */
  readonly bucketContent: number;
}

/**
 * The bucket was empty at both ends of the interval. Therefore the accepted calls are what the bucket gave in that time.
 * @returns null if the interval gives only a lower bound that adds nothing to the estimate
 */
export function measureRate(
  { seconds, accepted, idled, rate, bucketContent }: MeasuredInterval,
  estimate: RateEstimate,
  { share, chance, pauseTokens }: ControllerSettings,
): MeasuredRate | null {
  // If no call was accepted, the bucket gave less than one.
  const calls = Math.max(accepted, 0.5);
  const acceptedRate = Math.min(calls / seconds, 1.05 * rate);
  // While the queue was idle, the bucket may have overflowed. Then it gave at least this many calls.
  if (idled && acceptedRate <= estimate.perSecond) {
    const measured = rateAfterOverflow(acceptedRate, rate, seconds);
    return isInformative(acceptedRate, measured.sd, estimate) ? measured : null;
  }
  // If the share is low, the unused tokens fill the bucket and it overflows.
  if ((1 - share) * calls > bucketContent + pauseTokens) return rateAfterOverflow(acceptedRate, rate, seconds);
  // The count may be wrong by one token. Calls of other applications vary at random, like a Poisson process.
  return { perSecond: acceptedRate, sd: Math.sqrt(1 / seconds ** 2 + (chance * acceptedRate) ** 2 / calls) };
}

/** The bucket overflowed: it gave more than was accepted, and less than the last rate, because that rate emptied it. */
function rateAfterOverflow(acceptedRate: number, rate: number, seconds: number): MeasuredRate {
  const unknown = Math.max(0, rate - acceptedRate);
  return { perSecond: acceptedRate + unknown / 3, sd: Math.max(unknown / 4, 1 / seconds) };
}

/** A lower bound is used only if it is not far below the estimate and the estimate itself is uncertain. */
function isInformative(acceptedRate: number, sd: number, { perSecond, doubt }: RateEstimate): boolean {
  return acceptedRate > 0.5 * perSecond && 2 * sd < doubt * perSecond;
}

/**
 * How many calls a full bucket holds: those that were sent above the bucket's rate during the ramp until it was empty.
 * Infinite as long as the ramp has not ended.
 */
export function bucketContentOf({ drained, estimate }: Pick<ControllerState, 'drained' | 'estimate'>): number {
  if (drained === null || estimate === null) return Number.POSITIVE_INFINITY;
  const from = Math.max(drained.from, estimate.perSecond);
  if (from >= drained.to) return 1;
  const perDoubling = drained.to - from - estimate.perSecond * Math.log(drained.to / from);
  return Math.max(1, (drained.doubleMs / 1000 / Math.LN2) * perDoubling);
}

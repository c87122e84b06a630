import type { ControllerState } from './controller-state.ts';
import type { ControllerSettings } from './controller-settings.ts';

/** A rate above this multiple of the estimate counts as above the estimate: a throttle is then expected. */
export const ABOVE_ESTIMATE = 1.005;

/** What the noise test of a throttle assumes. */
export interface TestTerms {
  /** Share of the calls that an empty bucket would accept at this rate. */
  readonly acceptedShare: number;
  /** Probability per call that the bucket has become empty. */
  readonly emptyPerCall: number;
}

/** What the test of a throttle needs besides the state. */
interface ThrottleContext {
  /** Share of the calls that the server throttles at any rate, and whether it has throttled several. */
  readonly noise: { readonly share: number; readonly isNoisy: boolean };
  readonly isSlowedDown: boolean;
}

/**
 * How the first throttle since the last decrease is tested for noise.
 * @returns null if it shows an empty bucket anyway
 */
export function testTerms(
  { ramp, estimate, anchorAt, accepted, rate, quietDecreases }: ControllerState,
  { noise, isSlowedDown }: ThrottleContext,
  now: number,
  { noise: settings, measurement }: ControllerSettings,
): TestTerms | null {
  if (ramp !== null) {
    // Without this maximum, a ramp could count every throttle as noise and never end.
    if (ramp.noise >= settings.mostInRamp) return null;
    return { acceptedShare: settings.rampShare, emptyPerCall: settings.emptyBelow };
  }
  if (estimate === null || anchorAt === null || isSlowedDown) return null;
  const bounded = (share: number): number => Math.max(settings.leastShare, Math.min(settings.mostShare, share));
  if (rate > ABOVE_ESTIMATE * estimate.perSecond) {
    if (noise.share <= settings.shareAbove) return null;
    return { acceptedShare: bounded(estimate.perSecond / rate), emptyPerCall: settings.emptyAbove };
  }
  if (estimate.doubt > settings.doubt) return null;
  const seconds = (now - anchorAt) / 1000;
  const early = missingTokens(estimate.perSecond * seconds, accepted, measurement.chance);
  const isSuspected = noise.isNoisy || quietDecreases >= settings.decreases;
  if (early < (isSuspected ? settings.earlyIfNoisy : settings.early)) return null;
  return { acceptedShare: bounded(accepted / seconds / rate), emptyPerCall: settings.emptyBelow };
}

/**
 * How many fewer tokens than expected the bucket has given since it was last empty, in standard deviations. 0 if this
 * number says nothing about the model.
 */
export function earlyThrottle(
  { estimate, anchorAt, accepted, ramp }: ControllerState,
  now: number,
  { additive, measurement }: ControllerSettings,
): number {
  if (ramp !== null || estimate === null || anchorAt === null) return 0;
  const expected = (estimate.perSecond * (now - anchorAt)) / 1000;
  if (estimate.doubt >= additive.earlyDoubt || accepted > additive.earlyShare * expected) return 0;
  return missingTokens(expected, accepted, measurement.chance);
}

/** How much too early the throttle is: the tokens that the bucket should still have, in standard deviations. */
const missingTokens = (expected: number, accepted: number, chance: number): number =>
  (expected - accepted) / (1 + chance * Math.sqrt(expected));

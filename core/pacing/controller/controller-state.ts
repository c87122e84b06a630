import * as v from 'valibot';
import { AdditiveState } from './additive-pace.ts';
import { boundedRate, LOWEST_RATE } from './bounded-rate.ts';
import { ClimbState, noClimb } from './climb.ts';
import { NoiseState, noNoise, rememberedNoise } from './noise-test.ts';
import { RampEndState } from './ramp-end.ts';
import { RateEstimate } from './rate-estimate.ts';
import { Rungs } from './rate-ladder.ts';
import { noSlowdown, SlowdownState } from './slowdown.ts';
import { defaultPacing, type ControllerSettings } from './controller-settings.ts';

const Finite = v.pipe(v.number(), v.finite());
const Positive = v.pipe(Finite, v.gtValue(0));

/** All that a rate controller has learned. Rates are calls per second. Times are milliseconds since the epoch. */
export const ControllerState = v.object({
  rate: v.pipe(Finite, v.minValue(LOWEST_RATE)),
  /** No call is sent before this time. */
  pauseUntil: Finite,
  /** The rate that the bucket leaves for the audit. Null until the first throttle of a first day. */
  estimate: v.nullable(RateEstimate),
  /** The highest reliable estimate of this run. The next day starts from it. */
  highest: v.nullable(Positive),
  /** Set until the first throttle of a run: the rate starts at `from` and doubles every `doubleMs` milliseconds. */
  ramp: v.nullable(
    v.object({
      from: Positive,
      doubleMs: Positive,
      steppedAt: v.nullable(Finite),
      /** Throttles that were noise. */
      noise: Finite,
    }),
  ),
  /** When the run sent its first call, and how many calls were accepted before its first throttle. */
  startedAt: v.nullable(Finite),
  rampAccepted: Finite,
  /** How the ramp ended: its first and last rate, and when. The content of the bucket is computed from it. */
  drained: v.nullable(v.object({ from: Positive, to: Positive, doubleMs: Positive, at: Finite })),
  /** Calls that a full bucket holds, once its rate was measured. Null before that. */
  content: v.nullable(Positive),
  /** Null after the last answer of the calls that were in flight at the end of the ramp. */
  rampEnd: v.nullable(RampEndState),
  /** When the bucket was last seen empty, the calls accepted since then, and whether the queue was idle in between. */
  anchorAt: v.nullable(Finite),
  accepted: Finite,
  idled: v.boolean(),
  /** When a slowdown in this interval ended, and the calls accepted before that. Null if there was none. */
  resumed: v.optional(v.nullable(v.object({ at: Finite, accepted: Finite })), null),
  /** The estimate before the last interval lowered it. Null as soon as a call is accepted after that. */
  before: v.optional(v.nullable(RateEstimate), null),
  /** The rate that the last interval gave. Null if it gave none. */
  measured: v.nullable(Positive),
  /** Decreases in a row that happened while the rate was not above the estimate. */
  quietDecreases: Finite,
  /** When the last call was accepted, or the last decrease if that was later: the rate grows with the time since then. */
  grewAt: Finite,
  /** Calls accepted since the last decrease while the rate was used. */
  risen: Finite,
  /** The controller has already reacted to calls that were sent at or before this time. */
  decreasedAt: v.nullable(Finite),
  /** Calls are not sent more slowly than this rate, because slower sending did not reduce throttles. 0 if unknown. */
  floor: v.pipe(Finite, v.minValue(0)),
  rungs: Rungs,
  noise: NoiseState,
  slowdown: SlowdownState,
  climb: ClimbState,
  additive: v.optional(v.nullable(AdditiveState), null),
  /** How much earlier recent throttles came than the estimate explains, in standard deviations, summed up. */
  early: v.optional(Finite, 0),
  /** How often the model of the bucket has failed in this run. */
  left: v.optional(Finite, 0),
  sentAt: v.nullable(Finite),
  updatedAt: Finite,
});
export type ControllerState = v.InferOutput<typeof ControllerState>;

/** An estimate with a larger standard deviation, as a share, is no better than a start without memory. */
const MAX_REMEMBERED_DOUBT = 0.4;

/**
 * The rate that another day should start from, in calls per second. Null if no rate was learned. It is the highest rate
 * of the day: a rate that is too high is corrected after a few throttles, and a rate that is too low costs hours.
 */
export function learnedRate({ highest, estimate, drained }: ControllerState): number | null {
  if (highest !== null) return highest;
  // Before the first throttle the estimate is the remembered one. At the first throttle it is only a guess.
  const measured = drained !== null && estimate !== null && estimate.doubt < MAX_REMEMBERED_DOUBT;
  return measured ? estimate.perSecond : null;
}

/** The state of a first day, without any memory: a slow start. @param now milliseconds since the epoch */
export const freshState = (now: number, settings: ControllerSettings = defaultPacing): ControllerState =>
  startingState(settings.ramp.firstRate, settings.ramp.firstDoubleMs, null, now);

/**
 * The state of a day that starts from the rate an earlier day learned.
 * @param perSecond calls per second
 * @param noise share of calls that the server throttles at any rate
 */
export function rememberedState(
  perSecond: number,
  now: number,
  { ramp }: ControllerSettings = defaultPacing,
  noise: number | null = null,
): ControllerState {
  const estimate = { perSecond, doubt: ramp.rememberedDoubt };
  const state = startingState(ramp.rememberedStart * perSecond, ramp.rememberedDoubleMs, estimate, now);
  return { ...state, noise: noise === null ? noNoise : rememberedNoise(noise, ramp.rememberedNoiseCalls) };
}

/**
 * The state of a first day that starts from the rate other accounts have learned. Nothing is known about this account's bucket,
 * so there is no estimate: the end of the ramp gives one. @param perSecond calls per second
 */
export const stateFromOthers = (
  perSecond: number,
  now: number,
  { ramp }: ControllerSettings = defaultPacing,
): ControllerState => startingState(ramp.rememberedStart * perSecond, ramp.othersDoubleMs, null, now);

function startingState(from: number, doubleMs: number, estimate: RateEstimate | null, now: number): ControllerState {
  return {
    rate: boundedRate(from),
    pauseUntil: 0,
    estimate,
    highest: null,
    ramp: { from: boundedRate(from), doubleMs, steppedAt: null, noise: 0 },
    startedAt: null,
    rampAccepted: 0,
    drained: null,
    content: null,
    rampEnd: null,
    anchorAt: null,
    accepted: 0,
    idled: false,
    resumed: null,
    before: null,
    measured: null,
    quietDecreases: 0,
    grewAt: now,
    risen: 0,
    decreasedAt: null,
    floor: 0,
    rungs: [],
    noise: noNoise,
    slowdown: noSlowdown,
    climb: noClimb(now, estimate?.perSecond),
    additive: null,
    early: 0,
    left: 0,
    sentAt: null,
    updatedAt: now,
  };
}

import { defaultSettings } from '../../contract/environment.ts';
import type { LadderSettings } from './rate-ladder.ts';

/**
 * Numbers of the controller. A search in virtual time found the values (docs/pacing.md), so the comments explain only what
 * each number means. Rates are calls per second. The doubt of an estimate is its standard deviation, as a share of the
 * estimate.
 */
export interface ControllerSettings {
  readonly ramp: RampSettings;
  readonly plateau: PlateauSettings;
  readonly measurement: MeasurementSettings;
  readonly noise: NoiseSettings;
  readonly slowdown: SlowdownSettings;
  readonly climb: ClimbSettings;
  readonly ladder: LadderSettings;
  readonly additive: AdditiveSettings;
}

/** The pace while the model of a steady bucket does not fit (`additive-pace.ts`). */
export interface AdditiveSettings {
  /** The model does not fit if the estimate is below this share of the highest certain estimate. */
  readonly fall: number;
  /**
   * Nor does it fit if throttles are too early, again and again. For each throttle, the number of tokens that the bucket
   * should still have had is divided by its standard deviation. The sum of these values may be at most `early`. A throttle
   * counts only if it comes after few accepted calls (at most `earlyShare` of the expected number) and the estimate has less
   * doubt than `earlyDoubt`. Each accepted call multiplies the sum by `earlyKept`.
   */
  readonly early: number;
  readonly earlyShare: number;
  readonly earlyDoubt: number;
  readonly earlyKept: number;
  /**
   * Nor does it fit if noise would have to explain more than `noiseThrottles` throttles, and more than about `noiseShare` of
   * the calls.
   */
  readonly noiseThrottles: number;
  readonly noiseShare: number;
  /** Seconds in which the rate grows from zero to the best rate. The best rate is at least the rate divided by `most`. */
  readonly growSeconds: number;
  readonly most: number;
  /** The best rate is this share of the highest rate at the last `peaks` throttles. */
  readonly peakShare: number;
  readonly peaks: number;
  /** After a longer time without an accepted call, the rate grows as if only this many seconds had passed. */
  readonly longestStep: number;
  /** A throttle multiplies the rate by `cut`, but the rate never falls below `least` times the best rate. */
  readonly cut: number;
  readonly least: number;
  /** A throttle at that lowest rate multiplies the best rate by this. */
  readonly forget: number;
  /**
   * The controller returns to the model if `agreeing` intervals in a row, each of at least `leastCalls` calls, gave the same
   * rate within `tolerance`, and no throttle lowered the rate below `burstShare` of the best rate.
   */
  readonly burstShare: number;
  readonly agreeing: number;
  readonly leastCalls: number;
  readonly tolerance: number;
  /** It also returns after `firstSeconds`, multiplied by `growth` each time. The estimate then has the doubt `doubt`. */
  readonly firstSeconds: number;
  readonly growth: number;
  readonly doubt: number;
}

/** Until the first throttle, the rate doubles again and again. */
export interface RampSettings {
  /** Rate at the start of a first day, and the time in which it doubles. */
  readonly firstRate: number;
  readonly firstDoubleMs: number;
  /** On a day with memory: the first rate as a share of the remembered rate, the time in which it doubles, and its doubt. */
  readonly rememberedStart: number;
  readonly rememberedDoubleMs: number;
  readonly rememberedDoubt: number;
  /** The time in which the rate doubles if it starts from what other accounts have learned: their buckets may differ. */
  readonly othersDoubleMs: number;
  /** The share of noise of an earlier day counts as if it had been measured over this many calls. */
  readonly rememberedNoiseCalls: number;
  /** The estimate at the end of the ramp, as a share of its last rate, and its doubt. */
  readonly estimate: number;
  readonly doubt: number;
  /**
   * If `stopAnswers` calls are in flight at the first throttle, no new call is sent for `stopLatencies` times the latency.
   */
  readonly stopAnswers: number;
  readonly stopLatencies: number;
  /**
   * Once `leastAnswers` of the calls in flight are answered, the share of accepted calls among them gives the estimate. The
   * share is computed with `prior` additional accepted calls.
   */
  readonly leastAnswers: number;
  readonly prior: number;
  /** After this estimate, nothing is sent for the time in which this many tokens are added. */
  readonly pauseTokens: number;
}

/** After a throttle the rate returns to `share` of the estimate, stays there, and then rises faster and faster. */
export interface PlateauSettings {
  /** Share of the estimated rate that is used until the next test of the limit, from 0 to 1. */
  readonly share: number;
  /** How far below `share` the rate is set after a throttle, as a share of the estimate. */
  readonly dip: number;
  /**
   * The plateau's length: the number of accepted calls until the rate is back at `share`. It is the number that `seconds`
   * allow, but at least `leastCalls` (or the number that `leastSeconds` allow, if that is lower) and at most `calls`.
   */
  readonly calls: number;
  readonly leastCalls: number;
  readonly leastSeconds: number;
  readonly seconds: number;
  /** A throttle below the estimate that does not change it moves the plateau back to this share of its position. */
  readonly kept: number;
  /**
   * If the estimate's doubt is at most `doubt`, the plateau has its full length. Otherwise the length is multiplied by
   * (`doubt` / the estimate's doubt) ^ `exponent`.
   */
  readonly doubt: number;
  readonly exponent: number;
  /** After a throttle nothing is sent for the time in which this many tokens are added. */
  readonly pauseTokens: number;
  /** A pause after an uncertain measurement lasts no longer than this. */
  readonly longestPauseMs: number;
  /** The same after a measurement that is certain, until the next measurement has confirmed it. */
  readonly longestFirstPauseMs: number;
  /**
   * After `quiet` decreases in a row at rates below the estimate, each further decrease multiplies the length of the plateau
   * by `quietShare`: these throttles do not show what the bucket leaves, but a higher rate would.
   */
  readonly quiet: number;
  readonly quietShare: number;
}

/** Between two moments at which the bucket is empty, the number of accepted calls is the number of added tokens. */
export interface MeasurementSettings {
  /** Standard deviation of a measurement over one call, as a share: bystanders' calls come at random times. */
  readonly chance: number;
  /** A measurement that differs by more standard deviations than this means that the rate has changed. */
  readonly surprise: number;
  /** An estimate with less doubt than this is remembered. */
  readonly rememberableDoubt: number;
  /** A lower rate that is measured over fewer accepted calls than this is ignored. */
  readonly leastCalls: number;
  /** The same if the rate has changed (`surprise`). */
  readonly leastSurprisingCalls: number;
  /**
   * One measurement divides the estimate by at most `mostFall` if its doubt is below `knownDoubt`, otherwise by
   * `mostFallUnknown`.
   */
  readonly mostFall: number;
  readonly mostFallUnknown: number;
  readonly knownDoubt: number;
  /**
   * After more than `longCalls` accepted calls below the estimate, a measurement that is more than `inconsistent` standard
   * deviations too low is ignored, unless the measurement before it was about the same: the natural logarithm of their ratio
   * is below `same`.
   */
  readonly longCalls: number;
  readonly inconsistent: number;
  readonly same: number;
}

/** Some servers throttle calls although there are tokens. A test distinguishes this noise from an empty bucket. */
export interface NoiseSettings {
  /** The share of noise that is assumed before any answer: `priorThrottles` in `priorCalls`. */
  readonly priorThrottles: number;
  readonly priorCalls: number;
  /** After this many accepted calls, the weight of earlier calls is halved. */
  readonly memory: number;
  /** Assumed probability per call that the bucket has become empty, at a rate below and at a rate above the estimate. */
  readonly emptyBelow: number;
  readonly emptyAbove: number;
  /** Logarithms of the odds at which the test decides that the bucket is empty, or that it is not empty. */
  readonly empty: number;
  readonly notEmpty: number;
  /** Assumed share of the calls that an empty bucket accepts at the end of the ramp. */
  readonly rampShare: number;
  /** After this many throttles that were noise, the next throttle ends the ramp. */
  readonly mostInRamp: number;
  /** After the ramp, the share of calls that an empty bucket accepts is computed from the estimate, within these bounds. */
  readonly leastShare: number;
  readonly mostShare: number;
  /** Below the estimate, a throttle is tested if it is more standard deviations too early than this. */
  readonly early: number;
  /** The same, but after `throttles` throttles that were noise, or `decreases` decreases in a row below the estimate. */
  readonly earlyIfNoisy: number;
  readonly throttles: number;
  readonly decreases: number;
  /** Above the estimate, a throttle is tested if the share of noise is larger than this. */
  readonly shareAbove: number;
  /** If the estimate has more doubt than this, a throttle is not tested: it shows an empty bucket. */
  readonly doubt: number;
  /** After noise, the plateau continues at this position at least, as a share of its length. */
  readonly plateauPosition: number;
}

/** While hardly any call is accepted, the rate is multiplied by a factor below 1, and the estimate does not change. */
export interface SlowdownSettings {
  /** The lowest factor, and about the lowest rate. The factor may fall to 0.25 at any rate. */
  readonly leastFactor: number;
  readonly leastRate: number;
  /** While calls are accepted, the factor doubles in this time. After `inRow` in a row, each multiplies it by `step`. */
  readonly doubleSeconds: number;
  readonly inRow: number;
  readonly step: number;
  /** After each throttle during a slowdown, nothing is sent for the time in which this many tokens are added. */
  readonly pauseTokens: number;
}

/** How the rate rises beyond the plateau, and after a fall of the estimate back to an earlier rate. */
export interface ClimbSettings {
  /** Above this multiple of the estimate, the rate doubles in `doubleSeconds` or more slowly. */
  readonly beyond: number;
  readonly doubleSeconds: number;
  /** The same after a fall. */
  readonly beyondAfterFall: number;
  readonly doubleSecondsAfterFall: number;
  readonly doubleCallsAfterFall: number;
  /**
   * A fall: the estimate is below this share of the best recent estimate. The weight of an earlier estimate falls to 37 % in
   * `bestSeconds`.
   */
  readonly fall: number;
  readonly bestSeconds: number;
  /** After the additive pace, an earlier estimate is kept if the current one is below this share of it. */
  readonly far: number;
  /** An estimate with less doubt than this counts as the best one. */
  readonly sureDoubt: number;
  /**
   * Length of the first plateau after a fall: `firstSeconds`, but at least `leastCalls` calls. Each climb that ends with a
   * throttle multiplies the length by `growth`.
   */
  readonly firstSeconds: number;
  readonly leastCalls: number;
  readonly growth: number;
  /** Share of the highest estimate to which the rate climbs after a fall. */
  readonly backTo: number;
  /**
   * The rate after such a climb is confirmed if the accepted calls beyond those that the estimated rate explains are more
   * than `contentMargin` times the bucket's content, or more than `mostContent`.
   */
  readonly contentMargin: number;
  readonly mostContent: number;
  /**
   * A climb beyond `tried` times the estimate that ends with a throttle gives a higher estimate, if more than `leastExcess`
   * calls were accepted beyond those that the estimate and the bucket's content (at most `assumedContent`) explain.
   */
  readonly tried: number;
  readonly assumedContent: number;
  readonly leastExcess: number;
  /**
   * An estimate with more doubt than `guessDoubt` is a guess if the slowdown's factor has fallen to `guessFactor`. Then the
   * rate climbs soon.
   */
  readonly guessDoubt: number;
  readonly guessFactor: number;
  /**
   * The bucket's content is unknown if the ramp ended before `earlyCalls` calls were accepted, or at a rate below the
   * bucket's rate. Then `unknownContent` is assumed.
   */
  readonly earlyCalls: number;
  readonly unknownContent: number;
}

export const defaultPacing: ControllerSettings = {
  ramp: {
    firstRate: 6,
    firstDoubleMs: 3_200,
    rememberedStart: 1.12,
    rememberedDoubleMs: 12_600,
    rememberedDoubt: 0.231,
    othersDoubleMs: 6_000,
    rememberedNoiseCalls: 400,
    estimate: 0.614,
    doubt: 0.6,
    stopAnswers: 3,
    stopLatencies: 1.45,
    leastAnswers: 3,
    prior: 0.3,
    pauseTokens: 2.29,
  },
  plateau: {
    share: defaultSettings.rateShare,
    dip: 0.04,
    calls: 370,
    leastCalls: 60,
    leastSeconds: 120,
    seconds: 23,
    doubt: 0.133,
    exponent: 1.5,
    kept: 0.837,
    pauseTokens: 19.9,
    longestPauseMs: 2_730,
    longestFirstPauseMs: 10_000,
    quiet: 2,
    quietShare: 0.5,
  },
  measurement: {
    chance: 0.533,
    surprise: 4.11,
    rememberableDoubt: 0.09,
    leastCalls: 3,
    leastSurprisingCalls: 10,
    mostFall: 1.92,
    mostFallUnknown: 4,
    knownDoubt: 0.35,
    longCalls: 30,
    inconsistent: 1.15,
    same: 0.0349,
  },
  noise: {
    priorThrottles: 0.3,
    priorCalls: 250,
    memory: 3_000,
    emptyBelow: 1 / 300,
    emptyAbove: 0.003,
    empty: 2.79,
    notEmpty: -1.95,
    rampShare: 0.497,
    mostInRamp: 4,
    leastShare: 0.3,
    mostShare: 0.95,
    early: 3.56,
    earlyIfNoisy: 0.915,
    throttles: 2.4,
    decreases: 5,
    shareAbove: 0.00164,
    doubt: 0.312,
    plateauPosition: 1.3,
  },
  additive: {
    fall: 0.3,
    early: 2,
    earlyShare: 0.2,
    earlyDoubt: 0.35,
    earlyKept: 0.985,
    noiseThrottles: 3,
    noiseShare: 0.09,
    growSeconds: 4,
    most: 2,
    peakShare: 0.8,
    peaks: 4,
    longestStep: 3,
    cut: 0.5,
    least: 0.06,
    forget: 0.95,
    burstShare: 0.3,
    agreeing: 3,
    leastCalls: 10,
    tolerance: 0.36,
    firstSeconds: 120,
    growth: 2,
    doubt: 0.2,
  },
  slowdown: { leastFactor: 0.03, leastRate: 1.42, doubleSeconds: 3.07, inRow: 3, step: 2, pauseTokens: 2.65 },
  climb: {
    beyond: 1.21,
    doubleSeconds: 12,
    beyondAfterFall: 1.08,
    doubleSecondsAfterFall: 3.84,
    doubleCallsAfterFall: 6,
    fall: 0.887,
    bestSeconds: 72.7,
    far: 0.3,
    sureDoubt: 0.127,
    firstSeconds: 5.39,
    leastCalls: 10,
    growth: 1.5,
    backTo: 0.962,
    contentMargin: 1.2,
    mostContent: 50,
    tried: 1.1,
    assumedContent: 20,
    leastExcess: 11.3,
    guessDoubt: 0.29,
    guessFactor: 0.523,
    earlyCalls: 48,
    unknownContent: 10,
  },
  ladder: {
    throttleWeight: 1.7,
    tinyContent: 3,
    mostOfEstimate: 4,
    leastAnswers: 8,
    memory: 200,
  },
};

/** The same settings with another share of the estimated rate. @param share from 0 to 1 */
export const withShare = (share: number, settings: ControllerSettings = defaultPacing): ControllerSettings => ({
  ...settings,
  plateau: { ...settings.plateau, share },
});

/** Leaves more of the rate to other applications: the setting `rateShare` at 0.9. */
export const politePacing: ControllerSettings = withShare(0.9);

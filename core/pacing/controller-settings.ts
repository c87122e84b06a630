import { defaultSettings } from '../contract/environment.ts';
import type { LadderSettings } from './rate-ladder.ts';

/**
 * Numbers of the controller. A search in virtual time found the values (docs/pacing.md), so comments give only the
 * meaning.
 */
export interface ControllerSettings extends LadderSettings {
  /** Share of the estimated rate that is used until the next test of the limit, from 0 to 1. */
  readonly share: number;
  /** How far below `share` the rate is set after a throttle, as a share of the estimate. */
  readonly dip: number;
  /** Accepted calls until the rate is back at `share`. After that it rises above `share`, slowly at first. */
  readonly plateau: number;
  /** The same in seconds, for low rates: the use by other applications changes with time, not with our calls. */
  readonly plateauSeconds: number;
  /** Up to this doubt the plateau has its full length. Above it, the plateau shrinks with this exponent. */
  readonly plateauDoubt: number;
  readonly plateauExponent: number;
  /** After a throttle nothing is sent for the time in which this many tokens are added. */
  readonly pauseTokens: number;
  /** Calls per second at the start of a first day, and the time in which the rate doubles. */
  readonly firstRate: number;
  readonly firstDoubleMs: number;
  /** Start of a day with memory, as a share of the remembered rate, and the time in which the rate doubles. */
  readonly rememberedStart: number;
  readonly rememberedDoubleMs: number;
  /** Standard deviation of a remembered rate, as a share. */
  readonly rememberedDoubt: number;
  /** The estimate at the first throttle of a ramp, as a share of the rate at that time, and its standard deviation. */
  readonly afterRamp: number;
  readonly afterRampDoubt: number;
  /** Random standard deviation of a measurement over one call, as a share. */
  readonly chance: number;
  /** A measurement that differs by more standard deviations than this means that the rate has changed. */
  readonly surprise: number;
  /** An estimate with less doubt than this is remembered. */
  readonly rememberableDoubt: number;
}

export const defaultPacing: ControllerSettings = {
  share: defaultSettings.rateShare,
  dip: 0.04,
  plateau: 370,
  plateauSeconds: 100,
  plateauDoubt: 0.13,
  plateauExponent: 1.5,
  pauseTokens: 18,
  firstRate: 6,
  firstDoubleMs: 3_200,
  rememberedStart: 1.4,
  rememberedDoubleMs: 12_000,
  rememberedDoubt: 0.3,
  afterRamp: 0.6,
  afterRampDoubt: 0.6,
  chance: 0.5,
  surprise: 4.2,
  rememberableDoubt: 0.09,
  throttleWeight: 4,
  leastAnswers: 8,
  memory: 200,
};

/** Leaves more of the rate to other applications: the setting `rateShare` at 0.9. */
export const politePacing: ControllerSettings = { ...defaultPacing, share: 0.9 };

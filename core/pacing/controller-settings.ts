import { defaultSettings } from '../contract/environment.ts';
import type { LadderSettings } from './rate-ladder.ts';

/** Numbers of the controller: found by search in virtual time (docs/pacing.md), so each says only what it is. */
export interface ControllerSettings extends LadderSettings {
  /** Share of the available rate that is used between two looks at the limit, from 0 to 1. */
  readonly share: number;
  /** How far below that share the rate is set after a throttle, as a share of the estimate. */
  readonly dip: number;
  /** Accepted calls until the rate is at its share again; as many more until it looks beyond it. */
  readonly plateau: number;
  /** The same in seconds, for low rates: what others do changes with time, not with our calls. */
  readonly plateauSeconds: number;
  /** Doubt up to which the plateau has its full length; beyond it shrinks with this power. */
  readonly plateauDoubt: number;
  readonly plateauExponent: number;
  /** Tokens for which nothing is sent after a throttle. */
  readonly pauseTokens: number;
  /** Calls per second of a first day's start, and the time in which it doubles. */
  readonly firstRate: number;
  readonly firstDoubleMs: number;
  /** Start of a day with memory, as a share of what is remembered, and the time in which it doubles. */
  readonly rememberedStart: number;
  readonly rememberedDoubleMs: number;
  /** How far off what is remembered may be: standard deviation as a share. */
  readonly rememberedDoubt: number;
  /** The estimate at a ramp's first throttle, as a share of the rate then, and how far off it may be. */
  readonly afterRamp: number;
  readonly afterRampDoubt: number;
  /** Standard deviation of a measurement by chance, as a share, for one call. */
  readonly chance: number;
  /** Standard deviations beyond which a measurement means that the rate has changed. */
  readonly surprise: number;
  /** Doubt below which an estimate is worth remembering. */
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

/** Leaves more to others: the setting `rateShare` at 0.9. */
export const politePacing: ControllerSettings = { ...defaultPacing, share: 0.9 };

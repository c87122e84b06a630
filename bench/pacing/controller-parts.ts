import { defaultPacing, type ControllerSettings } from '../../core/pacing/controller/controller-settings.ts';

const { ramp, plateau, measurement, noise, slowdown, climb, ladder } = defaultPacing;
const NEVER = Number.POSITIVE_INFINITY;

/** The parts of the controller, each with settings that disable it. */
export const controllerParts: readonly { readonly name: string; readonly without: ControllerSettings }[] = [
  // Every measurement replaces the estimate.
  {
    name: 'weighing',
    without: {
      ...defaultPacing,
      ramp: { ...ramp, rememberedDoubt: 10, doubt: 10 },
      measurement: { ...measurement, chance: 0.01, surprise: 1e-9 },
    },
  },
  // A measurement that differs a lot is weighed like any other one.
  { name: 'surprise', without: { ...defaultPacing, measurement: { ...measurement, surprise: NEVER } } },
  // A lower measurement is always used, even if it was made over few calls.
  {
    name: 'least calls',
    without: { ...defaultPacing, measurement: { ...measurement, leastCalls: 1, leastSurprisingCalls: 1 } },
  },
  {
    name: 'limited falls',
    without: { ...defaultPacing, measurement: { ...measurement, mostFall: NEVER, mostFallUnknown: NEVER } },
  },
  { name: 'consistency', without: { ...defaultPacing, measurement: { ...measurement, inconsistent: NEVER } } },
  // Every throttle shows an empty bucket.
  {
    name: 'noise test',
    without: { ...defaultPacing, noise: { ...noise, early: NEVER, earlyIfNoisy: NEVER, shareAbove: 1, empty: -NEVER } },
  },
  { name: 'fast recovery', without: { ...defaultPacing, slowdown: { ...slowdown, inRow: NEVER } } },
  { name: 'climb beyond the plateau', without: { ...defaultPacing, climb: { ...climb, beyond: NEVER } } },
  { name: 'climb back after a fall', without: { ...defaultPacing, climb: { ...climb, fall: 0 } } },
  { name: 'plateau by doubt', without: { ...defaultPacing, plateau: { ...plateau, exponent: 0 } } },
  { name: 'pause', without: { ...defaultPacing, plateau: { ...plateau, pauseTokens: 1 } } },
  { name: 'limited pauses', without: { ...defaultPacing, plateau: { ...plateau, longestPauseMs: NEVER } } },
  {
    name: 'answers in flight',
    without: { ...defaultPacing, ramp: { ...ramp, leastAnswers: NEVER, stopAnswers: NEVER } },
  },
  { name: 'ladder', without: { ...defaultPacing, ladder: { ...ladder, leastAnswers: NEVER } } },
  { name: 'highest of the day', without: { ...defaultPacing, measurement: { ...measurement, rememberableDoubt: 0 } } },
];

import { usualPace, type ControllerSettings } from '../../core/pacing/controller-settings.ts';

/** The parts of the controller, each with the settings that leave it out. */
export const parts: readonly { readonly name: string; readonly without: ControllerSettings }[] = [
  // Every measurement replaces what was believed.
  {
    name: 'weighing',
    without: { ...usualPace, chance: 0.01, rememberedDoubt: 10, afterRampDoubt: 10, surprise: 1e-9 },
  },
  // What lies far off is weighed like any other measurement.
  { name: 'surprise', without: { ...usualPace, surprise: Number.POSITIVE_INFINITY } },
  { name: 'plateau by doubt', without: { ...usualPace, sharpness: 0 } },
  { name: 'pause', without: { ...usualPace, pauseTokens: 1 } },
  { name: 'ladder', without: { ...usualPace, leastAnswers: Number.POSITIVE_INFINITY } },
  { name: 'highest of the day', without: { ...usualPace, sureDoubt: 0 } },
];

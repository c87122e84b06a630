import { defaultPacing, type ControllerSettings } from '../../core/pacing/controller-settings.ts';

/** The parts of the controller, each with settings that disable it. */
export const controllerParts: readonly { readonly name: string; readonly without: ControllerSettings }[] = [
  // Every measurement replaces the estimate.
  {
    name: 'weighing',
    without: { ...defaultPacing, chance: 0.01, rememberedDoubt: 10, afterRampDoubt: 10, surprise: 1e-9 },
  },
  // A measurement that differs a lot is weighed like any other one.
  { name: 'surprise', without: { ...defaultPacing, surprise: Number.POSITIVE_INFINITY } },
  { name: 'plateau by doubt', without: { ...defaultPacing, plateauExponent: 0 } },
  { name: 'pause', without: { ...defaultPacing, pauseTokens: 1 } },
  { name: 'ladder', without: { ...defaultPacing, leastAnswers: Number.POSITIVE_INFINITY } },
  { name: 'highest of the day', without: { ...defaultPacing, rememberableDoubt: 0 } },
];

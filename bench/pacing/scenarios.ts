import type { Limit } from '../../local/emulated-aws/token-bucket.ts';
import { always } from '../../local/emulated-aws/disturbances/step-schedule.ts';
import type { SimulationSettings } from './simulation.ts';

/** Calls of one operation in an account of 2,000 principals. */
export const CALLS = 2_000;
const RATES = [1, 5, 10, 20, 50];

export const scenarios = ['alone', 'bystander20', 'bystander60', 'halved', 'halved-bystander20'] as const;
export type Scenario = (typeof scenarios)[number];

const traits: Readonly<Record<Scenario, { readonly bystanderShare: number; readonly halved: boolean }>> = {
  alone: { bystanderShare: 0, halved: false },
  bystander20: { bystanderShare: 0.2, halved: false },
  bystander60: { bystanderShare: 0.6, halved: false },
  halved: { bystanderShare: 0, halved: true },
  'halved-bystander20': { bystanderShare: 0.2, halved: true },
};

/** Each rate with three bucket sizes: the calls of one second, the calls of five seconds, and 100 calls. */
export const limits: readonly Limit[] = RATES.flatMap((rate) =>
  [...new Set([rate, 5 * rate, 100])].map((size) => ({ rate, size })),
);

export function simulationSettings(scenario: Scenario, limit: Limit, calls: number, seed: number): SimulationSettings {
  const { bystanderShare, halved } = traits[scenario];
  const halvedAt = { atMs: (calls / (2 * limit.rate)) * 1000, factor: 0.5 };
  const disturbances = {
    bystanders: bystanderShare > 0 ? [always(bystanderShare)] : [],
    ...(halved ? { rate: { initial: 1, steps: [halvedAt] } } : {}),
  };
  return { limit, disturbances, seed };
}

import { InvalidArgumentError } from 'commander';
import type { Disturbances } from '../local/emulated-aws/disturbances/disturbances.ts';
import type { StepSchedule } from '../local/emulated-aws/disturbances/step-schedule.ts';
import { readNumbers, seconds, type Field } from './disturbance-fields.ts';
import { readSteps } from './disturbance-steps.ts';

/** What a part of `demo --disturb` means. */
export interface DisturbancePart {
  readonly disturbances: Disturbances;
  /** The same in words. */
  readonly sentence: string;
}

/** One kind of part. */
export interface DisturbanceKind {
  /** How the value is written. Numbers have upper-case names. Empty text: the part has no value. */
  readonly form: string;
  readonly example: string;
  /** @returns null if the value does not have the form @throws InvalidArgumentError if a number is wrong */
  readonly read: (value: string) => DisturbancePart | null;
}

const kind = (
  form: string,
  example: string,
  fields: readonly Field[],
  meaning: (...numbers: readonly number[]) => DisturbancePart,
): DisturbanceKind => ({
  form,
  example,
  read: (value) => {
    const numbers = readNumbers(form, fields, value);
    return numbers === null ? null : meaning(...numbers);
  },
});

const FACTOR: Field = { name: 'K', least: 0.01, most: 100 };
const WINDOW: readonly Field[] = [{ name: 'CALLS', least: 1, most: 100_000, whole: true }, seconds('SECONDS')];

const burst = (factor: number, on: number): StepSchedule => ({
  initial: factor,
  steps: [{ atMs: 1000 * on, factor: 0 }],
});

const window = (sliding: boolean): DisturbanceKind =>
  kind('CALLS/SECONDS', '100/10', WINDOW, (calls = 1, length = 1) => ({
    disturbances: { window: { calls, ms: 1000 * length, sliding } },
    sentence: `IAM allows ${calls} calls in ${sliding ? 'any' : 'each window of'} ${length} s for each operation.`,
  }));

/** By name. */
export const disturbanceKinds: Readonly<Record<string, DisturbanceKind>> = {
  noise: kind('SHARE', '0.01', [{ name: 'SHARE', least: 0.0001, most: 0.9 }], (noise = 0) => ({
    disturbances: { noise },
    sentence: `${Number((100 * noise).toFixed(2))} % of the audit's calls are throttled at random.`,
  })),
  bursts: kind(
    'KxON/PERIOD',
    '3x10/60',
    [FACTOR, seconds('ON'), seconds('PERIOD')],
    (factor = 0, on = 0, period = 0) => {
      if (on >= period) throw new InvalidArgumentError(`ON must be less than PERIOD, but it is ${on}.`);
      return {
        disturbances: { bystanders: [{ ...burst(factor, on), repeatMs: 1000 * period }] },
        sentence: `Another application calls at ${factor} times the rate for ${on} s of every ${period} s.`,
      };
    },
  ),
  storm: kind('KxSECONDS', '5x30', [FACTOR, seconds('SECONDS')], (factor = 0, on = 0) => ({
    disturbances: { bystanders: [burst(factor, on)] },
    sentence: `Another application calls at ${factor} times the rate for the first ${on} s.`,
  })),
  window: window(false),
  sliding: window(true),
  // The audit's clients give up a request after 30 s.
  late: kind('SECONDS', '3', [seconds('SECONDS', 0.1, 25)], (late = 0) => ({
    disturbances: { lateMs: 1000 * late },
    sentence: `Throttled calls are answered ${late} s late.`,
  })),
  debt: kind('TOKENS', '50', [{ name: 'TOKENS', least: 1, most: 100_000 }], (debt = 0) => ({
    disturbances: { debt },
    sentence: `A throttled call costs a token too, until ${debt} tokens are owed.`,
  })),
  empty: kind('', '', [], () => ({
    disturbances: { startsEmpty: true },
    sentence: 'The token buckets start empty.',
  })),
  hosts: kind('N', '3', [{ name: 'N', least: 2, most: 100, whole: true }], (hosts = 1) => ({
    disturbances: { hosts },
    sentence: `${hosts} hosts share each limit equally; each call goes to one of them at random.`,
  })),
  steps: {
    form: 'FACTOR@SECOND+FACTOR@SECOND… or FACTOR@SECOND+…/PERIOD',
    example: '0.1@30+1@90',
    read: (value) => {
      const steps = readSteps(value);
      return steps === null ? null : { disturbances: { rate: steps.rate }, sentence: steps.sentence };
    },
  },
};

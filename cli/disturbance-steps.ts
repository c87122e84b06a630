import { InvalidArgumentError } from 'commander';
import type { StepSchedule } from '../local/emulated-aws/disturbances/step-schedule.ts';
import { readNumbers, seconds, type Field } from './disturbance-fields.ts';

const CHANGE: readonly Field[] = [{ name: 'FACTOR', least: 0.001, most: 1_000 }, seconds('SECOND', 0)];

/**
 * Reads changes of a rate, such as `0.1@30+1@90`, or `0.1@10/20` if they are repeated.
 * @returns null if the text does not have this form
 * @throws InvalidArgumentError if a number is wrong
 */
export function readSteps(text: string): { readonly rate: StepSchedule; readonly sentence: string } | null {
  const [list = '', ...periods] = text.split('/');
  const [periodText] = periods;
  const period = periodText === undefined ? [] : readNumbers('PERIOD', [seconds('PERIOD')], periodText);
  if (period === null || periods.length > 1) return null;
  const changes: { readonly factor: number; readonly second: number }[] = [];
  for (const change of list.split('+')) {
    const numbers = readNumbers('FACTOR@SECOND', CHANGE, change);
    if (numbers === null) return null;
    const [factor = 1, second = 0] = numbers;
    const before = changes.at(-1)?.second;
    if (before !== undefined && second <= before) {
      throw new InvalidArgumentError(
        `Each SECOND must be greater than the one before it, but ${second} follows ${before}.`,
      );
    }
    changes.push({ factor, second });
  }
  const last = changes.at(-1)?.second ?? 0;
  const [every] = period;
  if (every !== undefined && every <= last) {
    throw new InvalidArgumentError(`PERIOD must be greater than the last SECOND, ${last}, but it is ${every}.`);
  }
  const words = changes.map(({ factor, second }) => `${factor} times --rate after ${second} s`).join(', ');
  return {
    rate: {
      initial: 1,
      steps: changes.map(({ factor, second }) => ({ atMs: 1000 * second, factor })),
      ...(every === undefined ? {} : { repeatMs: 1000 * every }),
    },
    sentence: `The rate is ${words}${every === undefined ? '' : `, and again in each period of ${every} s`}.`,
  };
}

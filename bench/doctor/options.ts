import { parseArgs } from 'node:util';
import { allScenarios } from './scenarios/all-scenarios.ts';
import type { Scenario } from './scenarios/scenario.ts';

/** Wrong options. The message says which ones are allowed. */
export class UsageError extends Error {}

interface BenchOptions {
  readonly scenarios: readonly Scenario[];
  readonly seeds: readonly number[];
  readonly json: boolean;
}

/** Thresholds and definitions are chosen with seeds 1 to 3. Reports use seeds from 101 on. */
const FIRST_SEED = '1';

/** @throws UsageError */
export function readOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const first = wholeNumber('first-seed', values['first-seed']);
  const names = values.scenario;
  const unknown = names.filter((name) => !allScenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    const known = allScenarios.map(({ name }) => name).join(', ');
    throw new UsageError(`--scenario: unknown scenario ${unknown.join(', ')}. The scenarios are ${known}.`);
  }
  return {
    scenarios: names.length === 0 ? allScenarios : allScenarios.filter(({ name }) => names.includes(name)),
    seeds: Array.from({ length: wholeNumber('seeds', values.seeds) }, (_, n) => first + n),
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        /** Can be given several times. */
        scenario: { type: 'string', multiple: true, default: [] },
        seeds: { type: 'string', default: '3' },
        'first-seed': { type: 'string', default: FIRST_SEED },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error: unknown) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--${option} must be a whole number above 0, but it is "${text}".`);
}

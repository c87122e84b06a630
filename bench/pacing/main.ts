/**
 * Compares pacing strategies in virtual time and prints a table: `npm run bench:pacing [-- --seed N --seeds N --only
 * NAME,… | --parts | --heavy | --check, --json]`.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { heavyTable, measureHeavy } from './heavy-throttling.ts';
import { compared, strategies, withoutParts } from './measure.ts';
import { boundedStrategies, exceededBounds } from './bounds.ts';
import { measureAll } from './worker-pool.ts';
import { rowOf, table } from './rows.ts';

/** Wrong options. The message says which ones are allowed. */
class UsageError extends Error {}

function options() {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '4' },
        only: { type: 'string' },
        /** Compares the controller without each of its parts. */
        parts: { type: 'boolean', default: false },
        /** Measures how often the rule for heavy throttling ends a batch. */
        heavy: { type: 'boolean', default: false },
        /** Measures only strategies that have bounds. Exits with 1 if a bound is exceeded. */
        check: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error: unknown) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
type Options = ReturnType<typeof options>;

function wholeNumber(option: 'seed' | 'seeds', text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--${option} must be a whole number above 0, but it is "${text}".`);
}

function strategyNames({ only, parts, heavy, check }: Options): readonly string[] {
  if ([only !== undefined, parts, heavy, check].filter((given) => given).length > 1) {
    throw new UsageError('Only one of --only, --parts, --heavy and --check can be used.');
  }
  if (only === undefined) return check ? boundedStrategies : (parts ? withoutParts : compared).map(({ name }) => name);
  const names = only.split(',');
  const unknown = names.filter((name) => !strategies.some((strategy) => strategy.name === name));
  if (unknown.length === 0) return names;
  const known = strategies.map(({ name }) => name).join(', ');
  throw new UsageError(`--only: unknown strategy ${unknown.join(', ')}. The strategies are ${known}.`);
}

const print = (json: boolean, value: unknown, text: string): void => {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
};

/** @returns the exit code */
async function main(): Promise<number> {
  const values = options();
  const first = wholeNumber('seed', values.seed);
  const seeds = Array.from({ length: wholeNumber('seeds', values.seeds) }, (_, n) => first + n);
  const names = strategyNames(values);
  if (values.heavy) {
    const heavy = await measureHeavy(seeds);
    print(values.json, { seeds, heavy }, heavyTable(heavy));
    return 0;
  }
  const startedAt = performance.now();
  const measured = await measureAll(names, seeds, availableParallelism());
  const rows = measured.map(({ strategy, scenario, samples }) => rowOf(strategy, scenario, samples));
  process.stderr.write(`${rows.length} cells in ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  print(values.json, { seeds, rows }, table(rows));
  const sentences = values.check ? exceededBounds(rows) : [];
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
  return sentences.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error: unknown) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

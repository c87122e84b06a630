/** Prints how pacing strategies fare: `npm run bench:pacing [-- --seed N --seeds N --only NAME,… --parts --heavy --check --json]`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { compared, strategies, withoutParts } from './measure.ts';
import { boundedStrategies, missed } from './musts.ts';
import { measureAll } from './pool.ts';
import { heavyTable, measureHeavy } from './heavy.ts';
import { rowOf, table } from './rows.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '4' },
    only: { type: 'string' },
    /** Instead: the controller without one of its parts. */
    parts: { type: 'boolean', default: false },
    /** Instead: how often the rule for heavy throttling ends a batch. */
    heavy: { type: 'boolean', default: false },
    /** Instead: only what has bounds; exits with 1 where one is missed. */
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** @throws Error naming the option */
function wholeNumber(option: 'seed' | 'seeds', text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new Error(`--${option} must be a whole number above 0, and was "${text}".`);
}

const first = wholeNumber('seed', values.seed);
const seeds = Array.from({ length: wholeNumber('seeds', values.seeds) }, (_, n) => first + n);
const all = values.check ? boundedStrategies : (values.parts ? withoutParts : compared).map(({ name }) => name);
const names = values.only?.split(',') ?? all;
const unknown = names.filter((name) => !strategies.some((strategy) => strategy.name === name));
if (unknown.length > 0) {
  throw new Error(
    `--only: there is no ${unknown.join(', ')}; there are ${strategies.map(({ name }) => name).join(', ')}.`,
  );
}
if (values.heavy) {
  const heavy = await measureHeavy(seeds);
  process.stdout.write(values.json ? `${JSON.stringify({ seeds, heavy }, null, 2)}\n` : `${heavyTable(heavy)}\n`);
} else {
  const startedAt = performance.now();
  const measured = await measureAll(names, seeds, availableParallelism());
  const rows = measured.map(({ strategy, scenario, samples }) => rowOf(strategy, scenario, samples));
  process.stderr.write(`${rows.length} cells in ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  process.stdout.write(values.json ? `${JSON.stringify({ seeds, rows }, null, 2)}\n` : `${table(rows)}\n`);
  const sentences = values.check ? missed(rows) : [];
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
  if (sentences.length > 0) process.exitCode = 1;
}

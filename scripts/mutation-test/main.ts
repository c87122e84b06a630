/**
 * Changes the sources in one place at a time and runs the tests of the changed file: a mutant that no test notices shows
 * what is not tested. `npm run test:mutants [-- --count N] [--seed N] [--workers N] [--file PATH[:LINE]] [--out FILE] [--retry]`. A seed always draws the
 * same mutants from the same sources. FILE of `--out` has the results: another run with it continues, and with `--retry` it tries the survivors
 * again. Ends with 1 if fewer than 90 % are killed.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { seededRandom } from '../../local/seeded-random.ts';
import { Checkout } from './checkout.ts';
import { drawMutants } from './draw-mutants.ts';
import { relevantTests, type Stage } from './relevant-tests.ts';
import { mutantsOf, type Mutant } from './mutants.ts';
import { runJest, stopJest } from './run-jest.ts';

/** The same number of mutants is drawn from each. */
const areas = ['core/states', 'core/pacing', 'core/reuse', 'aws', 'cli'];
const LEAST_KILLED = 0.9;

const Outcome = v.object({
  file: v.string(),
  start: v.number(),
  end: v.number(),
  replacement: v.string(),
  line: v.number(),
  before: v.string(),
  after: v.string(),
  result: v.picklist(['killed', 'survived', 'looped']),
  /** The test file that failed. */
  by: v.nullable(v.string()),
});
type Outcome = v.InferOutput<typeof Outcome>;

const project = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    file: { type: 'string' },
    out: { type: 'string' },
    retry: { type: 'boolean', default: false },
  },
});
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const filesOf = (area: string): string[] =>
  readdirSync(join(project, area), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(project, join(entry.parentPath, entry.name)))
    .sort();
const mutantsIn = (file: string): Mutant[] => mutantsOf(file, readFileSync(join(project, file), 'utf8'));

function wantedMutants(): Mutant[] {
  if (values.file === undefined) {
    const perArea = areas.map((area) => filesOf(area).flatMap(mutantsIn));
    return drawMutants(perArea, Number(values.count), seededRandom(Number(values.seed)));
  }
  const [file = '', line] = values.file.split(':');
  return mutantsIn(file).filter((mutant) => line === undefined || mutant.line === Number(line));
}

function finishedOutcomes(): Outcome[] {
  if (values.out === undefined || !existsSync(values.out)) return [];
  const finished = v.parse(v.array(Outcome), JSON.parse(readFileSync(values.out, 'utf8')));
  return finished.filter(({ result }) => !values.retry || result !== 'survived');
}

const isSame = (a: Mutant, b: Mutant): boolean =>
  a.file === b.file && a.start === b.start && a.before === b.before && a.replacement === b.replacement;

/** Tests that start no command line need no bundle of it. */
const LEAN = ['--config', 'scripts/mutation-test/jest.config.js'];
const FULL = ['--config', 'test/slow/jest.config.js', '--testMatch', '**/*.test.ts'];

async function outcomeOf(mutant: Mutant, { folder }: Checkout, stages: readonly Stage[]): Promise<Outcome> {
  for (const { tests, startsCommandLine } of stages) {
    const config = startsCommandLine ? FULL : LEAN;
    const args = [...config, '--bail', '-w', '1', '--runTestsByPath', ...tests];
    const { passed, timedOut, output } = await runJest(folder, args);
    if (timedOut) return { ...mutant, result: 'looped', by: null };
    if (!passed) return { ...mutant, result: 'killed', by: /^FAIL (\S+)/m.exec(output)?.[1] ?? output.trim() };
  }
  return { ...mutant, result: 'survived', by: null };
}

const mutants = wantedMutants();
/** Those that an interrupted run with the same seed has finished are not run again. */
const outcomes = finishedOutcomes().filter((outcome) => mutants.some((mutant) => isSame(mutant, outcome)));
const waiting = mutants
  .filter((mutant) => !outcomes.some((outcome) => isSame(mutant, outcome)))
  // The tests of the command line take longest.
  .sort((one, other) => Number(one.file.startsWith('cli/')) - Number(other.file.startsWith('cli/')));
const checkouts = await Promise.all(Array.from({ length: Number(values.workers) }, () => Checkout.copyOf(project)));
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interruption.abort();
    stopJest();
    void Promise.all(checkouts.map((checkout) => checkout.remove())).finally(() => process.exit(1));
  });
}
try {
  await Promise.all(
    checkouts.map(async (checkout) => {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        const changed = mutant;
        const stages = await relevantTests(checkout.folder, changed.file);
        const outcome = await checkout.withMutant(changed, () => outcomeOf(changed, checkout, stages));
        // Tests that were stopped have not failed.
        if (interruption.signal.aborted) return;
        outcomes.push(outcome);
        const { file, line, before, after, result, by } = outcome;
        print(
          `${outcomes.length}/${mutants.length} ${result} ${file}:${line} ${by ?? ''}\n    ${before}\n    ${after}`,
        );
        if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(outcomes, null, 2));
      }
    }),
  );
  await checkUnchanged();
} finally {
  await Promise.all(checkouts.map((checkout) => checkout.remove()));
}
const killed = outcomes.filter(({ result }) => result !== 'survived').length;
print(`\n${killed} of ${mutants.length} killed`);
for (const { file, line, after } of outcomes.filter(({ result }) => result === 'survived')) {
  print(`survived: ${file}:${line} ${after}`);
}
if (killed < LEAST_KILLED * mutants.length) process.exitCode = 1;

/** A test that also fails without a change kills nothing. @throws Error */
async function checkUnchanged(): Promise<void> {
  const [checkout] = checkouts;
  const tests = [...new Set(outcomes.flatMap(({ by }) => by ?? []))];
  if (checkout === undefined || tests.length === 0) return;
  const { passed, output } = await runJest(checkout.folder, ['-w', '1', '--runTestsByPath', ...tests]);
  if (!passed) throw new Error(`Without a mutant, tests fail too:\n${output}`);
}

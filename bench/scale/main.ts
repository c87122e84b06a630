/**
 * Audits emulated accounts of several sizes in virtual time and prints time, memory and cost: `npm run bench:scale
 * [-- --only NAME,… --seed N --json]`. Each scenario runs in a separate process, so that its memory is measured alone.
 * Exits with 1 if a bound is exceeded.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import pLimit from 'p-limit';
import * as v from 'valibot';
import { workflowDefinition } from '../../local/definition.ts';
import { runScenario } from './run-scenario.ts';
import { Figures } from './figures.ts';
import { exceededBounds, table } from './report.ts';
import { scenarios, type Scenario } from './scenarios.ts';

/** One per core of a machine with two: each process uses about one core. */
const AT_ONCE = 2;
/** Limit of a process's output: the figures of a scenario are one small object. */
const OUTPUT_BYTES = 1 << 20;

async function inSeparateProcess({ name }: Scenario, seed: string): Promise<Figures> {
  const options = ['--expose-gc', '--no-warnings', '--import', 'tsx'];
  const self = fileURLToPath(import.meta.url);
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...options, self, '--measure', name, '--seed', seed],
    { maxBuffer: OUTPUT_BYTES },
  );
  process.stderr.write(stderr);
  return v.parse(Figures, JSON.parse(stdout));
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    /** Used internally: the scenario that this process measures. */
    measure: { type: 'string' },
  },
});
const wanted = (values.measure ?? values.only)?.split(',');
const unknown = wanted?.filter((name) => scenarios.every((scenario) => scenario.name !== name)) ?? [];
const chosen = scenarios.filter(({ name }) => wanted?.includes(name) ?? true);

if (unknown.length > 0) {
  process.stderr.write(
    `Unknown scenario ${unknown.join(', ')}. The scenarios are ${scenarios.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exitCode = 2;
} else if (values.measure !== undefined) {
  for (const scenario of chosen) process.stdout.write(JSON.stringify(await runScenario(scenario, Number(values.seed))));
} else {
  // Synthesis takes seconds and hundreds of megabytes. Its result is cached here, so that no scenario includes it.
  await workflowDefinition();
  const limit = pLimit(AT_ONCE);
  const measured = await Promise.all(
    chosen.map((scenario) =>
      limit(async () => {
        const figures = await inSeparateProcess(scenario, values.seed);
        process.stderr.write(`${scenario.name}: ${figures.wallSeconds.toFixed(1)} s\n`);
        return figures;
      }),
    ),
  );
  const broken = exceededBounds(measured);
  process.stdout.write(values.json ? `${JSON.stringify({ measured, broken }, null, 2)}\n` : table(measured));
  for (const sentence of broken) process.stderr.write(`${sentence}\n`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}

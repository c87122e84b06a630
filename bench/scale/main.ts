/**
 * Audits emulated accounts of many sizes in virtual time and prints what that takes: `npm run bench:scale [-- --only
 * NAME,… --seed N --json]`. Each scenario runs in a process of its own, so that its memory is its own.
 * Ends with 1 where a bound is broken.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import pLimit from 'p-limit';
import * as v from 'valibot';
import { workflowDefinition } from '../../local/synthesised-definition.ts';
import { audit } from './audit.ts';
import { Figures } from './figures.ts';
import { brokenBounds, table } from './report.ts';
import { scenarios, type Scenario } from './scenarios.ts';

/** One a core: each keeps about one busy. */
const AT_ONCE = 2;
/** A scenario's figures are one small object. */
const OUTPUT_BYTES = 1 << 20;

async function inOwnProcess({ name }: Scenario, seed: string): Promise<Figures> {
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
    /** The one scenario that this process is to measure. */
    measure: { type: 'string' },
  },
});
const wanted = (values.measure ?? values.only)?.split(',');
const unknown = wanted?.filter((name) => scenarios.every((scenario) => scenario.name !== name)) ?? [];
const chosen = scenarios.filter(({ name }) => wanted?.includes(name) ?? true);

if (unknown.length > 0) {
  process.stderr.write(
    `There is no scenario ${unknown.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exitCode = 2;
} else if (values.measure !== undefined) {
  for (const scenario of chosen) process.stdout.write(JSON.stringify(await audit(scenario, Number(values.seed))));
} else {
  // Synthesis takes seconds and hundreds of megabytes, and is kept: no scenario is to pay for it.
  await workflowDefinition();
  const limit = pLimit(AT_ONCE);
  const measured = await Promise.all(
    chosen.map((scenario) =>
      limit(async () => {
        const figures = await inOwnProcess(scenario, values.seed);
        process.stderr.write(`${scenario.name}: ${figures.wallSeconds.toFixed(1)} s\n`);
        return figures;
      }),
    ),
  );
  const broken = brokenBounds(measured);
  process.stdout.write(values.json ? `${JSON.stringify({ measured, broken }, null, 2)}\n` : table(measured));
  for (const sentence of broken) process.stderr.write(`${sentence}\n`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}

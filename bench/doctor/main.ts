/**
 * Measures the doctor's precision and recall on simulated logs with known truth:
 * `npm run bench:doctor [-- --scenario NAME --seeds N --first-seed N --json]`. Each miss and each false positive is
 * printed. Seeds 1 to 3 are for choosing definitions and thresholds; report figures with seeds from 101 on.
 */
import { availableParallelism } from 'node:os';
import { readOptions, UsageError } from './options.ts';
import { report, scores } from './report.ts';
import { measureAll } from './worker-pool.ts';

async function main(): Promise<void> {
  const { scenarios, seeds, json } = readOptions(process.argv.slice(2));
  const startedAt = performance.now();
  const measured = await measureAll(scenarios, seeds, availableParallelism());
  const calls = measured.reduce((sum, { calls: own }) => sum + own, 0);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stderr.write(
    `${scenarios.length} scenarios with ${seeds.length} seeds, ${calls.toLocaleString('en-US')} calls, in ${seconds} s\n`,
  );
  const text = json ? JSON.stringify({ seeds, scores: scores(measured), measured }, null, 2) : report(measured);
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (error: unknown) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

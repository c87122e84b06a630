import { readOptions, UsageError, type ChaosOptions } from './options.ts';
import type { SeedResult } from './seed-result.ts';
import { runSeeds } from './worker-pool.ts';

/** Lines about one failing seed. */
const MOST_VIOLATIONS = 10;
const PROGRESS_EVERY = 25;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function printResult(result: SeedResult): void {
  const faults = Object.entries(result.faults).map(([kind, count]) => `${kind} ${count}`);
  print(
    `Seed ${result.seed}: ${result.executions} executions (${result.statuses.join(', ')}), ${result.invocations} invocations, ` +
      `${result.calls} calls, ${result.longestMinutes} minutes. Faults: ${faults.join(', ') || 'none'}.`,
  );
  for (const violation of result.violations.slice(0, MOST_VIOLATIONS)) print(`  ${violation}`);
  if (result.violations.length > MOST_VIOLATIONS) print(`  and ${result.violations.length - MOST_VIOLATIONS} more`);
}

async function runChaos({ seeds, workers }: ChaosOptions): Promise<boolean> {
  const startedAt = performance.now();
  const happened = new Map<string, number>();
  const failed: number[] = [];
  let done = 0;
  await runSeeds(seeds, workers, (result) => {
    done += 1;
    for (const kind of Object.keys(result.faults)) happened.set(kind, (happened.get(kind) ?? 0) + 1);
    if (result.violations.length > 0) failed.push(result.seed);
    if (result.violations.length > 0 || seeds.length === 1) printResult(result);
    if (result.violations.length > 0) print(`  Replay it: npm run test:chaos -- --seed ${result.seed}`);
    if (done % PROGRESS_EVERY === 0 && done < seeds.length) print(`${done} of ${seeds.length} seeds done`);
  });
  const kinds = [...happened].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${kind} ${count}`);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  print(`Seeds in which each fault happened: ${kinds.join(', ') || 'none'}.`);
  print(`${seeds.length - failed.length} seeds passed, ${failed.length} failed, in ${seconds} s.`);
  return failed.length === 0;
}

try {
  process.exitCode = (await runChaos(readOptions(process.argv.slice(2)))) ? 0 : 1;
} catch (error: unknown) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

/**
 * Measures how much longer the real command line takes if the emulated AWS is disturbed: `npm run measure:disturbed`. 600
 * principals, 10 calls a second for each operation, in real time. A bystander takes tokens, so even a perfect pace takes longer.
 * The table also has that shortest time.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shortestMs } from '../bench/pacing/shortest-time.ts';
import { parseDisturbances } from '../cli/disturbance-option.ts';

const DISTURBANCES = ['noise=0.01', 'bursts=3x10/60', 'noise=0.01,bursts=3x10/60'];
/** Longest time of a run, as a multiple of the undisturbed one. */
const BOUND = 1.3;

const PRINCIPALS = 600;
const RATE = 10;

/** Seconds that the calls of one operation take at least: one call for each principal. The demo's buckets hold one second. */
function shortestSeconds(disturbance: string | null): number {
  const disturbances = disturbance === null ? {} : parseDisturbances(disturbance).disturbances;
  return shortestMs({ rate: RATE, size: RATE }, disturbances, PRINCIPALS) / 1000;
}

/** @returns seconds. @throws Error if the demo fails */
async function secondsOf(disturbance: string | null): Promise<number> {
  const out = await mkdtemp(join(tmpdir(), 'disturbed-'));
  const options = ['demo', '--principals', String(PRINCIPALS), '--rate', String(RATE), '--out', out];
  const disturb = disturbance === null ? [] : ['--disturb', disturbance];
  const startedAt = performance.now();
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn(process.execPath, ['--import', 'tsx', 'bin/iam-audit.ts', ...options, ...disturb], {
        stdio: ['ignore', 'ignore', 'ignore'],
      });
      child.once('error', reject);
      child.once('exit', resolve);
    });
    if (code !== 0) throw new Error(`demo ${disturb.join(' ')} ended with ${code ?? 'a signal'}.`);
  } finally {
    await rm(out, { recursive: true });
  }
  return (performance.now() - startedAt) / 1000;
}

const undisturbed = await secondsOf(null);
process.stdout.write(
  `| disturbance | seconds | shortest possible seconds | × the undisturbed run | × the shortest possible |
| --- | --- | --- | --- | --- |
| none | ${undisturbed.toFixed(0)} | | 1 | |
`,
);
for (const disturbance of DISTURBANCES) {
  const seconds = await secondsOf(disturbance);
  const ratio = seconds / undisturbed;
  // The undisturbed run, with what the bystander's calls add to the operation that takes longest.
  const shortest = undisturbed + shortestSeconds(disturbance) - shortestSeconds(null);
  process.stdout.write(
    `| \`${disturbance}\` | ${seconds.toFixed(0)} | ${shortest.toFixed(0)} | ${ratio.toFixed(2)} | ${(seconds / shortest).toFixed(2)} |\n`,
  );
  if (ratio > BOUND) process.exitCode = 1;
}

/**
 * Measures how much longer the real command line takes if the emulated AWS is disturbed: `npm run measure:disturbed`. 600
 * principals, 10 calls a second for each operation, in real time.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DISTURBANCES = ['noise=0.01', 'bursts=3x10/60', 'noise=0.01,bursts=3x10/60'];
/** Longest time of a run, as a multiple of the undisturbed one. */
const BOUND = 1.3;

/** @returns seconds. @throws Error if the demo fails */
async function secondsOf(disturbance: string | null): Promise<number> {
  const out = await mkdtemp(join(tmpdir(), 'disturbed-'));
  const options = ['demo', '--principals', '600', '--rate', '10', '--out', out];
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
  `| disturbance | seconds | undisturbed run |\n| --- | --- | --- |\n| none | ${undisturbed.toFixed(0)} | 1 |\n`,
);
for (const disturbance of DISTURBANCES) {
  const seconds = await secondsOf(disturbance);
  const ratio = seconds / undisturbed;
  process.stdout.write(`| \`${disturbance}\` | ${seconds.toFixed(0)} | ${ratio.toFixed(2)} |\n`);
  if (ratio > BOUND) process.exitCode = 1;
}

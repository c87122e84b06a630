import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface JestResult {
  readonly passed: boolean;
  readonly timedOut: boolean;
  readonly output: string;
}

/** A mutant may loop forever. The longest test files take two minutes on a busy machine. */
const LONGEST_MS = 10 * 60_000;

const groups = new Set<number>();

/** Ends the processes of all tests that run. */
export function stopJest(): void {
  for (const group of groups) process.kill(-group, 'SIGKILL');
}

/** Runs Jest in one process, at a low priority. */
export function runJest(folder: string, args: readonly string[]): Promise<JestResult> {
  const jest = join(folder, 'node_modules/jest/bin/jest.js');
  const child = spawn('nice', ['-n', '10', process.execPath, jest, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own group: tests start processes of their own.
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => output.push(part.toString()));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }, LONGEST_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (pid !== undefined) groups.delete(pid);
      resolve({ passed: code === 0, timedOut, output: output.join('') });
    });
  });
}

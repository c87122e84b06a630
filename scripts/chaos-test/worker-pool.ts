import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { SeedResult } from './seed-result.ts';

/** A seed takes seconds. One that takes longer than this has stopped: some work waits for something that never comes. */
const LONGEST_MS = 120_000;

const startWorker = (): ChildProcess =>
  fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });

/** Runs the seeds in processes of their own. @param onResult called for each seed when it ends */
export async function runSeeds(
  seeds: readonly number[],
  workers: number,
  onResult: (result: SeedResult) => void,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    let worker = startWorker();
    try {
      for (let index = next++; index < seeds.length; index = next++) {
        const seed = seeds[index] ?? 0;
        const result = await resultOf(worker, seed);
        if (result === null) {
          worker.kill('SIGKILL');
          worker = startWorker();
        }
        onResult(result ?? stopped(seed));
      }
    } finally {
      worker.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, work));
}

const stopped = (seed: number): SeedResult => ({
  seed,
  faults: {},
  executions: 0,
  invocations: 0,
  calls: 0,
  longestMinutes: 0,
  statuses: [],
  violations: [`The seed has not ended after ${LONGEST_MS / 1000} s, or its process has ended.`],
});

/** Null if the worker gives no result. */
function resultOf(worker: ChildProcess, seed: number): Promise<SeedResult | null> {
  return new Promise((resolve) => {
    const end = (result: SeedResult | null): void => {
      clearTimeout(timer);
      worker.removeAllListeners();
      resolve(result);
    };
    const timer = setTimeout(end, LONGEST_MS, null);
    worker.once('message', (answer) => {
      end(v.parse(SeedResult, answer));
    });
    worker.once('error', () => {
      end(null);
    });
    worker.once('exit', () => {
      end(null);
    });
    worker.send(seed);
  });
}

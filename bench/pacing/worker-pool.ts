import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { Sample, type Cell } from './samples.ts';
import type { Job } from './worker.ts';

export interface Measured<Place extends string = string> {
  readonly cell: Cell<Place>;
  /** In the order of the seeds. */
  readonly samples: readonly Sample[];
}

/** Measures every cell with every seed, in as many processes as `cores`. The results have the order of the cells. */
export async function measureAll<Place extends string>(
  cells: readonly Cell<Place>[],
  seeds: readonly number[],
  cores: number,
): Promise<Measured<Place>[]> {
  const jobs = cells.flatMap(({ strategy, place }) => seeds.map((seed): Job => ({ strategy, place, seed })));
  const results: Sample[][] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const worker = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
    try {
      for (let index = next++; index < jobs.length; index = next++) {
        const job = jobs[index];
        if (job === undefined) return;
        results[index] = await answerOf(worker, job);
      }
    } finally {
      worker.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(cores, jobs.length) }, work));
  return cells.map((cell, n) => ({
    cell,
    samples: results.slice(n * seeds.length, (n + 1) * seeds.length).flat(),
  }));
}

function answerOf(worker: ChildProcess, job: Job): Promise<Sample[]> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once('message', (answer) => {
      resolve(v.parse(v.array(Sample), answer));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(new Error(`The measurement of ${job.strategy} on ${job.place} ended with ${code ?? 'a signal'}.`));
    });
    worker.send(job);
  });
}

import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Sample } from './measure.ts';
import { scenarios, type Scenario } from './scenarios.ts';
import { Samples, type Job } from './worker.ts';
import * as v from 'valibot';

interface Measured {
  readonly strategy: string;
  readonly scenario: Scenario;
  readonly samples: readonly Sample[];
}

/**
 * Measures every strategy in every scenario, in as many processes as `cores`. The results have the order of the
 * names.
 */
export async function measureAll(
  names: readonly string[],
  seeds: readonly number[],
  cores: number,
): Promise<Measured[]> {
  const jobs = names.flatMap((strategy) =>
    scenarios.map((scenario): Job => ({ strategy, scenario, seeds: [...seeds] })),
  );
  const results: Measured[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const worker = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
    try {
      for (let index = next++; index < jobs.length; index = next++) {
        const job = jobs[index];
        if (job === undefined) return;
        const samples = await answerOf(worker, job);
        results[index] = { strategy: job.strategy, scenario: job.scenario, samples };
      }
    } finally {
      worker.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(cores, jobs.length) }, work));
  return results;
}

function answerOf(worker: ChildProcess, job: Job): Promise<Sample[]> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once('message', (answer) => {
      resolve(v.parse(Samples, answer));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(new Error(`The measurement of ${job.strategy} in ${job.scenario} ended with ${code ?? 'a signal'}.`));
    });
    worker.send(job);
  });
}

import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { Measured } from './measure.ts';
import type { Scenario } from './scenarios/scenario.ts';
import type { Job } from './worker.ts';

/** Measures every scenario with every seed, in as many processes as `cores`. The results have the order of the scenarios. */
export async function measureAll(
  scenarios: readonly Scenario[],
  seeds: readonly number[],
  cores: number,
): Promise<Measured[]> {
  const jobs = scenarios.flatMap(({ name }) => seeds.map((seed): Job => ({ scenario: name, seed })));
  const results: Measured[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const worker = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
    try {
      for (let index = next++; index < jobs.length; index = next++) {
        const job = jobs[index];
        if (job !== undefined) results[index] = await answerOf(worker, job);
      }
    } finally {
      worker.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(cores, jobs.length) }, work));
  return results;
}

function answerOf(worker: ChildProcess, job: Job): Promise<Measured> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once('message', (answer) => {
      resolve(v.parse(Measured, answer));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(new Error(`The measurement of ${job.scenario} with seed ${job.seed} ended with ${code ?? 'a signal'}.`));
    });
    worker.send(job);
  });
}

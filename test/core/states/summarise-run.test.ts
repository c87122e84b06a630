import { objects } from '../../../core/contract/objects.ts';
import type { RunSummary } from '../../../core/contract/run.ts';
import { defaultSettings } from '../../../core/contract/environment.ts';
import { readRun, writeRun } from '../../../core/objects/stored-runs.ts';
import { localAccounts, type Services } from '../../../core/ports/services.ts';
import { claimRun } from '../../../core/run/claim.ts';
import { summariseRun } from '../../../core/states/summarise-run.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { runSummary } from '../../support/run-summary.ts';

const NOW = Date.parse('2026-11-23T04:10:00Z');
const runIdOf = (day: number): string => `202611${23 + day}T040000Z-aaaaaa`;

const planned = (runId: string): RunSummary => runSummary({ runId, finishedAt: null, status: 'RUNNING' });

/** Summarises runs without accounts, one day after another. @param gets requests that each invocation has sent so far */
async function runs(days: number, gets: number): Promise<RunSummary[]> {
  const store = new MemoryStore();
  const services = {
    store,
    clock: { now: () => NOW, sleep: () => Promise.resolve() },
    settings: { ...defaultSettings, ...localAccounts },
    warn: () => undefined,
  } as unknown as Services;
  const summaries: RunSummary[] = [];
  for (let day = 0; day < days; day += 1) {
    const runId = runIdOf(day);
    await claimRun(store, { execution: runId, runId, scheduledDay: null }, { isRunning: async () => false });
    await store.writeLines(objects.accounts(runId), []);
    await writeRun(store, planned(runId));
    const invocation = { remainingMs: () => 1e6, memoryMegabytes: 1, storeRequests: () => ({ puts: 0, gets }) };
    await summariseRun({ runId, error: null }, services, invocation, {
      script: '',
      style: '',
      scriptHash: '',
      styleHash: '',
    });
    summaries.push((await readRun(store, runId))!);
  }
  return summaries;
}

test('a run with an earlier one costs one more request: it reads the trend of that run', async () => {
  // Cost is rounded to a millionth of a dollar. The cost of five GETs is exactly two millionths, so the rounding of five
  // runs that differ by one GET adds up to the cost of the difference.
  let [first, second] = [0, 0];
  for (const gets of [0, 1, 2, 3, 4]) {
    const [one, two] = await runs(2, gets);
    expect([one!.previous, two!.previous]).toEqual([null, one!.runId]);
    first += one!.cost.s3;
    second += two!.cost.s3;
  }
  expect((second - first) / 5).toBeCloseTo(4e-7, 9);
});

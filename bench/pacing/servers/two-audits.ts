import type { RateController } from '../../../core/pacing/controller/rate-controller.ts';
import type { Limit } from '../../../local/emulated-aws/token-bucket.ts';
import { aimdController } from '../baselines.ts';
import { sampleOf, type Cell, type Sample } from '../samples.ts';
import { CALLS } from '../scenarios.ts';
import { bucketName, ours, paced, sharedLimits } from './senders.ts';
import { serverSimulation } from './server-runs.ts';
import { shortestMs } from '../shortest-time.ts';

/**
 * Two audits on one limit. They do not know of each other.
 * @param delayMs how much later the second one starts
 */
async function twoAudits(
  limit: Limit,
  seed: number,
  delayMs: number,
  controller: () => RateController,
): Promise<Sample> {
  const simulation = serverSimulation({ name: '', limit, disturbances: {} }, 2 * CALLS, seed);
  const { clock } = simulation;
  const acceptedAt: [number[], number[]] = [[], []];
  const audit = async (times: number[], startMs: number): Promise<number> => {
    await clock.sleep(startMs);
    const send = paced(simulation, controller());
    const one = async (): Promise<void> => {
      await send(simulation.newCall());
      times.push(clock.now());
    };
    const results = await Promise.allSettled(Array.from({ length: CALLS }, one));
    return results.filter(({ status }) => status === 'rejected').length;
  };
  const lost = await Promise.all([audit(acceptedAt[0], 0), audit(acceptedAt[1], delayMs)]);
  const sample = sampleOf(simulation, 2 * CALLS, lost[0] + lost[1]);
  const firstEndMs = Math.min(...acceptedAt.map((times) => (times.length < CALLS ? clock.now() : Math.max(...times))));
  const together = acceptedAt.map((times) => times.filter((time) => time >= delayMs && time <= firstEndMs).length);
  const sum = together.reduce((total, count) => total + count, 0);
  return {
    ...sample,
    smallerShare: sum === 0 ? 0 : Math.min(...together) / sum,
    firstEnd: Math.min(firstEndMs / shortestMs(limit, {}, 2 * CALLS), sample.ratio),
  };
}

export const auditCells: readonly Cell[] = sharedLimits.flatMap((limit) =>
  [0, 30].flatMap((delay): Cell[] => {
    const place = `two audits${delay === 0 ? '' : ` ${delay} s apart`} (${bucketName(limit)})`;
    const cell = (strategy: string, controller: () => RateController): Cell => ({
      strategy,
      place,
      measure: async (seed) => [await twoAudits(limit, seed, 1000 * delay, controller)],
    });
    return [cell('first-day', ours), cell('aimd', aimdController)];
  }),
);

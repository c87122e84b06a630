/** Measures one strategy in one scenario at a time. `worker-pool.ts` distributes the work over the cores. */
import * as v from 'valibot';
import { strategies, type Sample } from './measure.ts';
import { scenarios } from './scenarios.ts';

const Job = v.object({ strategy: v.string(), scenario: v.picklist(scenarios), seeds: v.array(v.number()) });
export type Job = v.InferOutput<typeof Job>;

export const Samples = v.array(
  v.object({
    ratio: v.number(),
    throttled: v.number(),
    lost: v.number(),
    bystanders: v.number(),
    bystandersAlone: v.number(),
    attempts: v.number(),
  }),
);

async function samplesOf({ strategy, scenario, seeds }: Job): Promise<Sample[]> {
  const chosen = strategies.find(({ name }) => name === strategy);
  if (chosen === undefined) throw new Error(`Unknown strategy ${strategy}.`);
  const samples: Sample[] = [];
  for (const limit of chosen.limits) {
    for (const seed of seeds) samples.push(await chosen.run(scenario, limit, seed));
  }
  return samples;
}

// A rejection ends the process, and `worker-pool.ts` then reports an error.
process.on('message', (message) => {
  void samplesOf(v.parse(Job, message)).then((samples) => {
    process.send?.(samples);
  });
});

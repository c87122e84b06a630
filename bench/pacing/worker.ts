/** Measures one cell for one seed at a time. `worker-pool.ts` distributes the work over the cores. */
import * as v from 'valibot';
import { burstyCells } from './bursty-bystanders.ts';
import { allServerCells } from './servers/all-servers.ts';
import { gridCells } from './servers/burst-grid.ts';
import { dayCells } from './servers/days-in-a-row.ts';
import { scenarioCells } from './measure.ts';
import type { Cell, Sample } from './samples.ts';

const Job = v.object({ strategy: v.string(), place: v.string(), seed: v.number() });
export type Job = v.InferOutput<typeof Job>;

const cells: readonly Cell[] = [...scenarioCells, ...allServerCells, ...dayCells, ...gridCells, ...burstyCells];

async function samplesOf({ strategy, place, seed }: Job): Promise<Sample[]> {
  const cell = cells.find((one) => one.strategy === strategy && one.place === place);
  if (cell === undefined) throw new Error(`Unknown strategy ${strategy}, or unknown place ${place}.`);
  return cell.measure(seed);
}

// A rejection ends the process, and `worker-pool.ts` then reports an error.
process.on('message', (message) => {
  void samplesOf(v.parse(Job, message)).then((samples) => {
    process.send?.(samples);
  });
});

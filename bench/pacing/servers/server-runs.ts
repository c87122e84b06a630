import { freshState } from '../../../core/pacing/controller/controller-state.ts';
import { baselines, type Baseline } from '../baselines.ts';
import { defaultPacing, nextDayState, sendPaced } from '../paced-calls.ts';
import { sampleOf, type Cell, type Sample } from '../samples.ts';
import { CALLS } from '../scenarios.ts';
import { servers, type Server } from './servers.ts';
import { shortestMs } from '../shortest-time.ts';
import { Simulation } from '../simulation.ts';

/** A run that takes longer than this multiple of the physical limit is stopped, and counts with this ratio. */
const MOST_RATIO = 20;
/** Added to the seed of the day before, so that its network and bystanders use other random numbers. */
export const YESTERDAY = 500_009;

export const serverSimulation = ({ limit, disturbances }: Server, calls: number, seed: number): Simulation =>
  new Simulation({ limit, disturbances, seed, stopAtMs: MOST_RATIO * shortestMs(limit, disturbances, calls) });

type Run = (server: Server, seed: number) => Promise<Sample>;

const firstDay: Run = async (server, seed) => {
  const simulation = serverSimulation(server, CALLS, seed);
  const { lost } = await sendPaced(simulation, CALLS, defaultPacing, freshState(0));
  return sampleOf(simulation, CALLS, lost);
};

/** The memory is that of a first day on the same server. */
const withMemory: Run = async (server, seed) => {
  const before = await sendPaced(serverSimulation(server, CALLS, seed + YESTERDAY), CALLS, defaultPacing);
  const simulation = serverSimulation(server, CALLS, seed);
  const { lost } = await sendPaced(simulation, CALLS, defaultPacing, nextDayState(before, defaultPacing));
  return sampleOf(simulation, CALLS, lost);
};

const baseline =
  (send: Baseline): Run =>
  async (server, seed) => {
    const simulation = serverSimulation(server, CALLS, seed);
    return sampleOf(simulation, CALLS, await send(simulation, CALLS));
  };

const runs: Readonly<Record<ServerStrategy, Run>> = {
  'first-day': firstDay,
  'with-memory': withMemory,
  'sdk-adaptive': baseline(baselines['sdk-adaptive']),
  aimd: baseline(baselines.aimd),
};

export const serverStrategies = ['first-day', 'with-memory', 'sdk-adaptive', 'aimd'] as const;
export type ServerStrategy = (typeof serverStrategies)[number];

export const serverCells: readonly Cell[] = servers.flatMap((server) =>
  serverStrategies.map((strategy) => ({
    strategy,
    place: server.name,
    measure: async (seed: number) => [await runs[strategy](server, seed)],
  })),
);

import { baselines, type Baseline } from '../baselines.ts';
import { baselineRun, firstDayRun, nextDayRun, type SimulationOf } from '../runs.ts';
import type { Cell, Sample } from '../samples.ts';
import { CALLS } from '../scenarios.ts';
import { servers, type Server } from './servers.ts';
import { shortestMs } from '../shortest-time.ts';
import { Simulation } from '../simulation.ts';

/** A run that takes longer than this multiple of the physical limit is stopped, and counts with this ratio. */
const MOST_RATIO = 20;
export const serverSimulation = ({ limit, disturbances }: Server, calls: number, seed: number): Simulation =>
  new Simulation({ limit, disturbances, seed, stopAtMs: MOST_RATIO * shortestMs(limit, disturbances, calls) });

type Run = (server: Server, seed: number) => Promise<Sample>;

/** The memory is that of a first day on the same server. */
const withMemory: Run = (server, seed) => {
  const simulationOf: SimulationOf = (day) => serverSimulation(server, CALLS, day);
  return nextDayRun(seed, { before: simulationOf, today: simulationOf });
};

const baseline =
  (send: Baseline): Run =>
  (server, seed) =>
    baselineRun(serverSimulation(server, CALLS, seed), send);

const runs: Readonly<Record<ServerStrategy, Run>> = {
  'first-day': (server, seed) => firstDayRun(serverSimulation(server, CALLS, seed)),
  'with-memory': withMemory,
  'sdk-adaptive': baseline(baselines['sdk-adaptive']),
  aimd: baseline(baselines.aimd),
};

export const serverStrategies = ['first-day', 'with-memory', 'sdk-adaptive', 'aimd'] as const;
export type ServerStrategy = (typeof serverStrategies)[number];

/** One run with this seed. */
export const runOn = (strategy: ServerStrategy, server: Server, seed: number): Promise<Sample> =>
  runs[strategy](server, seed);

export const serverCells: readonly Cell[] = servers.flatMap((server) =>
  serverStrategies.map((strategy) => ({
    strategy,
    place: server.name,
    measure: async (seed: number) => [await runs[strategy](server, seed)],
  })),
);

import { BucketController } from '../../core/pacing/bucket-controller.ts';
import { freshState } from '../../core/pacing/controller-state.ts';
import { PacedQueue } from '../../core/pacing/paced-queue.ts';
import { watchUntil } from '../../core/ports/deadline.ts';
import { isThrottle } from './paced-calls.ts';
import { CALLS, limits, scenarios, simulationSettings } from './scenarios.ts';
import { Simulation, type SimulationSettings } from './simulation.ts';

/** A run that has not met heavy throttling after so long, in virtual milliseconds, does not meet it. */
const WATCHED_MS = 600_000;

/** Shares of the rate that another application asks for: from all of it on, nothing is left to us. */
const GREEDY_SHARES = [1, 1.5, 3];

interface Case {
  readonly name: string;
  readonly simulations: readonly SimulationSettings[];
}

export interface HeavyRow {
  readonly name: string;
  readonly runs: number;
  /** Runs in which the rule called the bucket overrun. */
  readonly overrun: number;
  /** Median seconds until it did; null where it never did. */
  readonly seconds: number | null;
}

/** How often, and how soon, the rule for heavy throttling ends a batch: where it should, and where it should not. */
export async function measureHeavy(seeds: readonly number[]): Promise<HeavyRow[]> {
  const wide = limits.filter(({ size }) => size > 1);
  const each = (make: (limit: (typeof limits)[number], seed: number) => SimulationSettings): SimulationSettings[] =>
    wide.flatMap((limit) => seeds.map((seed) => make(limit, seed)));
  const cases: Case[] = [
    ...scenarios.map((name) => ({ name, simulations: each((limit, seed) => simulationSettings(name, limit, CALLS, seed)) })),
    ...GREEDY_SHARES.map((bystanderShare) => ({
      name: `bystander at ${bystanderShare * 100} %`,
      simulations: each((limit, seed) => ({ limit, bystanderShare, halvedAtMs: null, seed })),
    })),
  ];
  const rows: HeavyRow[] = [];
  for (const { name, simulations } of cases) {
    const times: number[] = [];
    for (const settings of simulations) {
      const seconds = await overrunAfter(new Simulation(settings));
      if (seconds !== null) times.push(seconds);
    }
    times.sort((a, b) => a - b);
    const seconds = times[Math.floor(times.length / 2)];
    rows.push({ name, runs: simulations.length, overrun: times.length, seconds: seconds ?? null });
  }
  return rows;
}

/** Seconds until the queue was overrun; null where it never was. */
async function overrunAfter(simulation: Simulation): Promise<number | null> {
  const { clock, random } = simulation;
  const queue = new PacedQueue({ controller: new BucketController(freshState(0)), clock, random, isThrottle });
  const overrunAt: number[] = [];
  const stopWatching = watchUntil(
    clock,
    () => {
      if (queue.heavilyThrottled) overrunAt.push(clock.now());
      return overrunAt.length > 0 || clock.now() > WATCHED_MS;
    },
    () => {
      queue.abandon(new Error('Enough is known.'));
    },
  );
  await Promise.allSettled(Array.from({ length: CALLS }, () => queue.call(simulation.call)));
  stopWatching();
  const [first] = overrunAt;
  return first === undefined ? null : first / 1000;
}

export function heavyTable(rows: readonly HeavyRow[]): string {
  return [
    '| scenario | runs | called overrun | after, seconds (median) |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      ({ name, runs, overrun, seconds }) =>
        `| ${name} | ${runs} | ${overrun} | ${seconds === null ? '' : seconds.toFixed(0)} |`,
    ),
  ].join('\n');
}

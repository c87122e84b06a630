import { BucketController } from '../../core/pacing/controller/bucket-controller.ts';
import { freshState } from '../../core/pacing/controller/controller-state.ts';
import { PacedQueue } from '../../core/pacing/paced-queue.ts';
import { stopWhen } from '../../core/ports/deadline.ts';
import { isThrottle } from './paced-calls.ts';
import { always } from '../../local/emulated-aws/disturbances/step-schedule.ts';
import { CALLS, limits, scenarios, simulationSettings } from './scenarios.ts';
import { Simulation, type SimulationSettings } from './simulation.ts';

/** A run is observed for this time, in virtual milliseconds. */
const OBSERVED_MS = 600_000;

/** Shares of the rate that another application requests. From 1 on, nothing is left for the audit. */
const EXCESSIVE_SHARES = [1, 1.5, 3];

interface Case {
  readonly name: string;
  readonly simulations: readonly SimulationSettings[];
}

export interface HeavyRow {
  readonly name: string;
  readonly runs: number;
  /** Runs in which the rule detected heavy throttling. */
  readonly overrun: number;
  /** Median of the seconds until then. Null if it was never detected. */
  readonly seconds: number | null;
}

/**
 * How often, and how soon, the rule for heavy throttling ends a batch, in scenarios where it should and where it
 * should not.
 */
export async function measureHeavy(seeds: readonly number[]): Promise<HeavyRow[]> {
  const wide = limits.filter(({ size }) => size > 1);
  const each = (make: (limit: (typeof limits)[number], seed: number) => SimulationSettings): SimulationSettings[] =>
    wide.flatMap((limit) => seeds.map((seed) => make(limit, seed)));
  const cases: Case[] = [
    ...scenarios.map((name) => ({
      name,
      simulations: each((limit, seed) => simulationSettings(name, limit, CALLS, seed)),
    })),
    ...EXCESSIVE_SHARES.map((share) => ({
      name: `bystander at ${share * 100} %`,
      simulations: each((limit, seed) => ({ limit, disturbances: { bystanders: [always(share)] }, seed })),
    })),
  ];
  const rows: HeavyRow[] = [];
  for (const { name, simulations } of cases) {
    const times: number[] = [];
    for (const settings of simulations) {
      const seconds = await secondsUntilDetected(new Simulation(settings));
      if (seconds !== null) times.push(seconds);
    }
    times.sort((a, b) => a - b);
    const seconds = times[Math.floor(times.length / 2)];
    rows.push({ name, runs: simulations.length, overrun: times.length, seconds: seconds ?? null });
  }
  return rows;
}

/** Seconds until heavy throttling was detected. Null if it never was. */
async function secondsUntilDetected(simulation: Simulation): Promise<number | null> {
  const { clock, random } = simulation;
  const queue = new PacedQueue({ controller: new BucketController(freshState(0)), clock, random, isThrottle });
  const detectedAt: number[] = [];
  const stopWatching = stopWhen(
    clock,
    () => {
      if (queue.heavilyThrottled) detectedAt.push(clock.now());
      return detectedAt.length > 0 || clock.now() > OBSERVED_MS;
    },
    () => {
      queue.abandon(new Error('The observation has ended.'));
    },
  );
  await Promise.allSettled(Array.from({ length: CALLS }, () => queue.call(simulation.newCall())));
  stopWatching();
  const [first] = detectedAt;
  return first === undefined ? null : first / 1000;
}

export function heavyTable(rows: readonly HeavyRow[]): string {
  return [
    '| scenario | runs | heavy throttling detected | after, seconds (median) |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      ({ name, runs, overrun, seconds }) =>
        `| ${name} | ${runs} | ${overrun} | ${seconds === null ? '' : seconds.toFixed(0)} |`,
    ),
  ].join('\n');
}

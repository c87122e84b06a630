import { BucketController, freshState } from '../../core/pacing/controller.ts';
import { PacedQueue } from '../../core/pacing/paced-queue.ts';
import { stopWhen } from '../../core/ports/stop-when.ts';
import { isThrottle } from './ours.ts';
import { CALLS, limits, scenarios, worldOf } from './scenarios.ts';
import { World, type WorldSettings } from './world.ts';

/** A run that has not met heavy throttling after so long, in virtual milliseconds, does not meet it. */
const WATCHED_MS = 600_000;

/** Shares of the rate that another application asks for: from all of it on, nothing is left to us. */
const GREEDY_SHARES = [1, 1.5, 3];

interface Case {
  readonly name: string;
  readonly worlds: readonly WorldSettings[];
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
  const each = (make: (limit: (typeof limits)[number], seed: number) => WorldSettings): WorldSettings[] =>
    wide.flatMap((limit) => seeds.map((seed) => make(limit, seed)));
  const cases: Case[] = [
    ...scenarios.map((name) => ({ name, worlds: each((limit, seed) => worldOf(name, limit, CALLS, seed)) })),
    ...GREEDY_SHARES.map((bystanderShare) => ({
      name: `bystander at ${bystanderShare * 100} %`,
      worlds: each((limit, seed) => ({ limit, bystanderShare, halvedAtMs: null, seed })),
    })),
  ];
  const rows: HeavyRow[] = [];
  for (const { name, worlds } of cases) {
    const times: number[] = [];
    for (const settings of worlds) {
      const seconds = await overrunAfter(new World(settings));
      if (seconds !== null) times.push(seconds);
    }
    times.sort((a, b) => a - b);
    const seconds = times[Math.floor(times.length / 2)];
    rows.push({ name, runs: worlds.length, overrun: times.length, seconds: seconds ?? null });
  }
  return rows;
}

/** Seconds until the queue was overrun; null where it never was. */
async function overrunAfter(world: World): Promise<number | null> {
  const { clock, random } = world;
  const queue = new PacedQueue({ controller: new BucketController(freshState(0)), clock, random, isThrottle });
  const overrunAt: number[] = [];
  const stopWatching = stopWhen(
    clock,
    () => {
      if (queue.overrun) overrunAt.push(clock.now());
      return overrunAt.length > 0 || clock.now() > WATCHED_MS;
    },
    () => {
      queue.abandon(new Error('Enough is known.'));
    },
  );
  await Promise.allSettled(Array.from({ length: CALLS }, () => queue.call(world.call)));
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

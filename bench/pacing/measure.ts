import { freshState } from '../../core/pacing/controller.ts';
import type { Limit } from '../../local/emulated-aws/token-bucket.ts';
import { baselines } from './baselines.ts';
import { nextDayState, paced, politePace, usualPace, type ControllerSettings } from './ours.ts';
import { parts } from './parts.ts';
import { CALLS, limits, shortestMs, worldOf, type Scenario } from './scenarios.ts';
import { World } from './world.ts';

/** One strategy, once, on one bucket. */
export interface Sample {
  /** Makespan over the physical limit. */
  readonly ratio: number;
  readonly throttled: number;
  readonly lost: number;
  readonly bystanders: number;
  readonly bystandersAlone: number;
}

type Run = (scenario: Scenario, limit: Limit, seed: number) => Promise<Sample>;

/** Another day: its network and bystander draw other numbers. */
const YESTERDAY = 500_009;
const BATCHES = 4;

function sampleOf(world: World, calls: number, lost: number): Sample {
  const { calls: asked, throttled, throttledAlone } = world.bystanders();
  return {
    ratio: world.clock.now() / shortestMs(world.settings, calls),
    throttled: world.throttled / world.sent,
    lost: lost / calls,
    bystanders: asked === 0 ? 0 : throttled / asked,
    bystandersAlone: asked === 0 ? 0 : throttledAlone / asked,
  };
}

const baseline =
  (name: string): Run =>
  async (scenario, limit, seed) => {
    const world = new World(worldOf(scenario, limit, CALLS, seed));
    const send = baselines[name];
    if (send === undefined) throw new Error(`There is no baseline ${name}.`);
    return sampleOf(world, CALLS, await send(world, CALLS));
  };

const firstDay =
  (settings: ControllerSettings, batches = 1): Run =>
  async (scenario, limit, seed) => {
    const world = new World(worldOf(scenario, limit, CALLS, seed));
    const { lost } = await paced(world, CALLS, settings, freshState(0, settings), batches);
    return sampleOf(world, CALLS, lost);
  };

/** @param memoryFactor how wrong the memory is. @param rateFactor what the rate was yesterday, of today's */
const nextDay =
  (settings: ControllerSettings, memoryFactor = 1, rateFactor = 1): Run =>
  async (scenario, limit, seed) => {
    const past = { rate: limit.rate * rateFactor, size: limit.size };
    const before = await paced(new World(worldOf(scenario, past, CALLS, seed + YESTERDAY)), CALLS, settings);
    const world = new World(worldOf(scenario, limit, CALLS, seed));
    const { lost } = await paced(world, CALLS, settings, nextDayState(before, settings, memoryFactor));
    return sampleOf(world, CALLS, lost);
  };

const HUB_ACCOUNTS = 4;

/** Accounts that are charged to one bucket and do not know of each other: the run that finds it out. */
const hubUnnoticed: Run = async (scenario, limit, seed) => {
  const world = new World(worldOf(scenario, limit, HUB_ACCOUNTS * CALLS, seed));
  const outcomes = await Promise.all(Array.from({ length: HUB_ACCOUNTS }, () => paced(world, CALLS, usualPace)));
  const lost = outcomes.reduce((sum, outcome) => sum + outcome.lost, 0);
  return sampleOf(world, HUB_ACCOUNTS * CALLS, lost);
};

/** The same once that is known: one account after another, each going on at the pace of the last, as the workflow does. */
const hub: Run = async (scenario, limit, seed) => {
  const calls = HUB_ACCOUNTS * CALLS;
  const world = new World(worldOf(scenario, limit, calls, seed));
  const { lost } = await paced(world, calls, usualPace, freshState(0), HUB_ACCOUNTS);
  return sampleOf(world, calls, lost);
};

export interface Strategy {
  readonly name: string;
  readonly run: Run;
  readonly limits: readonly Limit[];
}

const wide = limits.filter(({ size }) => size > 1);
/** A bucket of one token: the network's jitter alone causes rejections. */
const narrow: readonly Limit[] = [1, 5, 10, 20, 50].map((rate) => ({ rate, size: 1 }));
const strategy = (name: string, run: Run, on: readonly Limit[] = wide): Strategy => ({ name, run, limits: on });

/** What the table of docs/pacing.md compares. */
export const compared: readonly Strategy[] = [
  ...Object.keys(baselines).map((name) => strategy(name, baseline(name))),
  strategy('first-day', firstDay(usualPace)),
  strategy('with-memory', nextDay(usualPace)),
  strategy('memory-doubled', nextDay(usualPace, 2)),
  strategy('memory-halved', nextDay(usualPace, 0.5)),
  strategy('rate-doubled', nextDay(usualPace, 1, 0.5)),
  strategy('batched', firstDay(usualPace, BATCHES)),
  strategy('polite', firstDay(politePace)),
  strategy('hub-4', hub),
  strategy('hub-4-unnoticed', hubUnnoticed),
  strategy('bucket-1', firstDay(usualPace), narrow),
];

/** The controller without one of its parts, on a first day and on the next: what each part is worth. */
export const withoutParts: readonly Strategy[] = parts.flatMap(({ name, without }) => [
  strategy(`first-day without ${name}`, firstDay(without)),
  strategy(`with-memory without ${name}`, nextDay(without)),
  strategy(`rate-doubled without ${name}`, nextDay(without, 1, 0.5)),
]);

export const strategies: readonly Strategy[] = [...compared, ...withoutParts];

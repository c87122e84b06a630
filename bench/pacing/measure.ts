import { freshState } from '../../core/pacing/controller/controller-state.ts';
import type { Limit } from '../../local/emulated-aws/token-bucket.ts';
import { baselines, type Baseline } from './baselines.ts';
import { sendPaced, politePacing, defaultPacing, type ControllerSettings } from './paced-calls.ts';
import { controllerParts } from './controller-parts.ts';
import { baselineRun, firstDayRun, nextDayRun, type SimulationOf } from './runs.ts';
import { sampleOf, type Cell, type Sample } from './samples.ts';
import { CALLS, limits, scenarios, simulationSettings, type Scenario } from './scenarios.ts';
import { Simulation } from './simulation.ts';

type Run = (scenario: Scenario, limit: Limit, seed: number) => Promise<Sample>;

const BATCHES = 4;

const simulationOf =
  (scenario: Scenario, limit: Limit): SimulationOf =>
  (seed) =>
    new Simulation(simulationSettings(scenario, limit, CALLS, seed));

const baseline =
  (send: Baseline): Run =>
  (scenario, limit, seed) =>
    baselineRun(simulationOf(scenario, limit)(seed), send);

const firstDay =
  (settings: ControllerSettings, batches = 1): Run =>
  (scenario, limit, seed) =>
    firstDayRun(simulationOf(scenario, limit)(seed), settings, batches);

/**
 * @param memoryFactor the remembered rate, divided by the right one
 * @param rateFactor the bucket's rate on the day before, divided by today's rate
 */
const nextDay =
  (settings: ControllerSettings, memoryFactor = 1, rateFactor = 1): Run =>
  (scenario, limit, seed) => {
    const past = { rate: limit.rate * rateFactor, size: limit.size };
    const days = { before: simulationOf(scenario, past), today: simulationOf(scenario, limit) };
    return nextDayRun(seed, days, settings, memoryFactor);
  };

const HUB_ACCOUNTS = 4;

/** Four accounts use one bucket at the same time, and the workflow does not know it yet: the run that detects it. */
const hubUnnoticed: Run = async (scenario, limit, seed) => {
  const simulation = new Simulation(simulationSettings(scenario, limit, HUB_ACCOUNTS * CALLS, seed));
  const outcomes = await Promise.all(
    Array.from({ length: HUB_ACCOUNTS }, () => sendPaced(simulation, CALLS, defaultPacing)),
  );
  const lost = outcomes.reduce((sum, outcome) => sum + outcome.lost, 0);
  return sampleOf(simulation, HUB_ACCOUNTS * CALLS, lost);
};

/**
 * The same when the shared bucket is known: the accounts run one after another, as in the workflow. Each continues at the
 * rate of the previous one.
 */
const hub: Run = async (scenario, limit, seed) => {
  const calls = HUB_ACCOUNTS * CALLS;
  const simulation = new Simulation(simulationSettings(scenario, limit, calls, seed));
  const { lost } = await sendPaced(simulation, calls, defaultPacing, freshState(0), HUB_ACCOUNTS);
  return sampleOf(simulation, calls, lost);
};

export interface Strategy {
  readonly name: string;
  readonly run: Run;
  readonly limits: readonly Limit[];
}

const wide = limits.filter(({ size }) => size > 1);
/** Buckets of one token. The jitter of the network is enough to cause throttles. */
const narrow: readonly Limit[] = [1, 5, 10, 20, 50].map((rate) => ({ rate, size: 1 }));
const strategy = (name: string, run: Run, on: readonly Limit[] = wide): Strategy => ({ name, run, limits: on });

/** The strategies in the table of docs/pacing.md. */
export const compared: readonly Strategy[] = [
  ...Object.entries(baselines).map(([name, send]) => strategy(name, baseline(send))),
  strategy('first-day', firstDay(defaultPacing)),
  strategy('with-memory', nextDay(defaultPacing)),
  strategy('memory-doubled', nextDay(defaultPacing, 2)),
  strategy('memory-halved', nextDay(defaultPacing, 0.5)),
  strategy('rate-doubled', nextDay(defaultPacing, 1, 0.5)),
  strategy('batched', firstDay(defaultPacing, BATCHES)),
  strategy('polite', firstDay(politePacing)),
  strategy('hub-4', hub),
  strategy('hub-4-unnoticed', hubUnnoticed),
  strategy('bucket-1', firstDay(defaultPacing), narrow),
];

/** The controller without one of its parts, on a first day and on the next day. It shows what each part improves. */
export const withoutParts: readonly Strategy[] = controllerParts.flatMap(({ name, without }) => [
  strategy(`first-day without ${name}`, firstDay(without)),
  strategy(`with-memory without ${name}`, nextDay(without)),
  strategy(`rate-doubled without ${name}`, nextDay(without, 1, 0.5)),
]);

export const strategies: readonly Strategy[] = [...compared, ...withoutParts];

/** Every strategy in every scenario, over all its buckets. */
export const scenarioCells: readonly Cell<Scenario>[] = strategies.flatMap(({ name, run, limits: buckets }) =>
  scenarios.map((scenario) => ({
    strategy: name,
    place: scenario,
    measure: async (seed: number) => {
      const samples: Sample[] = [];
      for (const limit of buckets) samples.push(await run(scenario, limit, seed));
      return samples;
    },
  })),
);

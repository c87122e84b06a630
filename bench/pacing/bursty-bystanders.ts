import { withShare, type ControllerSettings } from '../../core/pacing/controller/controller-settings.ts';
import type { Limit } from '../../local/emulated-aws/token-bucket.ts';
import { defaultPacing } from './paced-calls.ts';
import { baselines } from './baselines.ts';
import { markdownTable } from './markdown-table.ts';
import { baselineRun, daysInARow } from './runs.ts';
import { mean, quantile, type Cell, type Sample } from './samples.ts';
import { CALLS } from './scenarios.ts';
import { serverSimulation } from './servers/server-runs.ts';
import { burst } from './servers/servers.ts';
import type { Simulation } from './simulation.ts';
import type { Measured } from './worker-pool.ts';

/** Rates of the buckets, in calls per second. */
const RATES = [1, 5, 10, 20];
/** Sizes of the buckets: the calls of this many seconds. */
const BUCKET_SECONDS = [1, 5, 20];
/** A day has at least the calls of this time, so that it has several bursts. */
const LEAST_SECONDS = 300;
/** A first day, and the measured day with its memory. */
const DAYS = 2;

/** Sends the calls of one day. @param simulationOf makes the simulation of a day from its seed */
type Day = (seed: number, calls: number, simulationOf: (seed: number) => Simulation, rate: number) => Promise<Sample>;

/** A setting of the audit that leaves more or less to others. @param maxRate divided by R */
const withMemory =
  (settings: ControllerSettings, maxRate?: number): Day =>
  async (seed, calls, simulationOf, rate) => {
    const limited = maxRate === undefined ? {} : { maxRate: maxRate * rate };
    const samples = await daysInARow(seed, { days: DAYS, calls, settings, ...limited }, simulationOf);
    const [last] = samples.slice(-1);
    if (last === undefined) throw new Error('There is no day.');
    return last;
  };
/** The SDK's adaptive mode has no memory. */
const adaptive: Day = (seed, calls, simulationOf) => baselineRun(simulationOf(seed), baselines['sdk-adaptive'], calls);

const strategies: readonly { readonly name: string; readonly day: Day }[] = [
  ...[0.99, 0.9, 0.7].map((share) => ({ name: `rate share ${share}`, day: withMemory(withShare(share)) })),
  ...[0.8, 0.5].map((maxRate) => ({ name: `max rate ${maxRate} R`, day: withMemory(defaultPacing, maxRate) })),
  { name: 'sdk-adaptive', day: adaptive },
];

/** A bystander that sends calls only in bursts. Times are in seconds. The first burst is in the middle of the first period. */
interface Bursts {
  /** The mean rate, divided by R. */
  readonly share: number;
  /** The rate in a burst, divided by R. */
  readonly factor: number;
  readonly every: number;
}
const bystanders: readonly Bursts[] = [
  { share: 0.2, factor: 2, every: 30 },
  { share: 0.2, factor: 5, every: 50 },
  { share: 0.6, factor: 2, every: 30 },
  { share: 0.6, factor: 5, every: 50 },
];
const secondsOf = ({ share, factor, every }: Bursts): number => (share * every) / factor;
const nameOf = (bursts: Bursts): string =>
  `${bursts.share * 100} %: ${bursts.factor} R for ${secondsOf(bursts).toFixed(0)} s of ${bursts.every} s`;
const placeOf = (bystander: string, bucketSeconds: number): string => `${bystander}, buckets of ${bucketSeconds} s`;

function dayOn(limit: Limit, bursts: Bursts, day: Day, seed: number): Promise<Sample> {
  const { factor, every } = bursts;
  const disturbances = { bystanders: [burst(factor, every / 2, secondsOf(bursts), every)] };
  const calls = Math.max(CALLS, LEAST_SECONDS * limit.rate);
  const simulationOf = (daySeed: number): Simulation =>
    serverSimulation({ name: '', limit, disturbances }, calls, daySeed);
  return day(seed, calls, simulationOf, limit.rate);
}

/** One sample for each rate and seed. Buckets of one token are left out. */
export const burstyCells: readonly Cell[] = bystanders.flatMap((bursts) =>
  BUCKET_SECONDS.flatMap((bucketSeconds) =>
    strategies.map(({ name, day }): Cell => ({
      strategy: name,
      place: placeOf(nameOf(bursts), bucketSeconds),
      measure: async (seed) => {
        const limits = RATES.map((rate) => ({ rate, size: bucketSeconds * rate })).filter(({ size }) => size > 1);
        const samples: Sample[] = [];
        for (const limit of limits) samples.push(await dayOn(limit, bursts, day, seed));
        return samples;
      },
    })),
  ),
);

/** What a bystander loses on one kind of buckets, and how long the audit takes: over all rates and seeds. */
interface Loss {
  readonly bucketSeconds: number;
  /** Share of the bystander's calls that is throttled because of the audit. */
  readonly median: number;
  readonly mean: number;
  readonly worst: number;
  /** makespan/T*. */
  readonly ratioMedian: number;
  readonly ratioMean: number;
}

export interface BurstyRow {
  readonly bystander: string;
  readonly setting: string;
  readonly losses: readonly Loss[];
}

export function burstyRows(measured: readonly Measured[]): BurstyRow[] {
  return bystanders.map(nameOf).flatMap((bystander) =>
    strategies.map(({ name: setting }) => ({
      bystander,
      setting,
      losses: BUCKET_SECONDS.map((bucketSeconds) => {
        const place = placeOf(bystander, bucketSeconds);
        const samples = measured.find(({ cell }) => cell.strategy === setting && cell.place === place)?.samples ?? [];
        return { bucketSeconds, ...lossOf(samples) };
      }),
    })),
  );
}

function lossOf(samples: readonly Sample[]): Omit<Loss, 'bucketSeconds'> {
  const losses = samples.map(({ bystanders: withAudit, bystandersAlone }) => withAudit - bystandersAlone);
  const ratios = samples.map(({ ratio }) => ratio);
  return {
    median: quantile(losses, 0.5),
    mean: mean(losses),
    worst: Math.max(...losses),
    ratioMedian: quantile(ratios, 0.5),
    ratioMean: mean(ratios),
  };
}

/** One table in Markdown for each size of the buckets. */
export function burstyTables(rows: readonly BurstyRow[]): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const columns = [
    'bystander',
    'setting',
    'loss, median',
    'loss, mean',
    'loss, worst run',
    'makespan/T*, median',
    'makespan/T*, mean',
  ];
  const cells = ({ median, mean: average, worst, ratioMedian, ratioMean }: Loss): string[] => [
    ...[median, average, worst].map(percent),
    ...[ratioMedian, ratioMean].map((ratio) => ratio.toFixed(2)),
  ];
  return BUCKET_SECONDS.map((size) =>
    markdownTable(
      `Buckets of ${size} s:`,
      columns,
      rows.map(({ bystander, setting, losses }) => [
        bystander,
        setting,
        ...losses.filter(({ bucketSeconds }) => bucketSeconds === size).flatMap(cells),
      ]),
    ),
  ).join('\n\n');
}

/** Prints how pacing strategies fare: `npm run bench:pacing [-- --seed N --seeds N --only NAME,… --json]`. */
import { parseArgs } from 'node:util';
import { strategies, type Sample } from './measure.ts';
import { scenarios, type Scenario } from './scenarios.ts';

interface Row {
  readonly strategy: string;
  readonly scenario: Scenario;
  readonly ratioMedian: number;
  readonly ratioP90: number;
  readonly throttled: number;
  readonly lost: number;
  readonly bystanders: number;
  readonly bystandersAlone: number;
}

const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};
const round = (value: number): number => Math.round(value * 1e5) / 1e5;

function rowOf(name: string, scenario: Scenario, samples: readonly Sample[]): Row {
  const median = (field: keyof Sample): number =>
    round(
      quantile(
        samples.map((sample) => sample[field]),
        0.5,
      ),
    );
  const ratios = samples.map(({ ratio }) => ratio);
  return {
    strategy: name,
    scenario,
    ratioMedian: median('ratio'),
    ratioP90: round(quantile(ratios, 0.9)),
    throttled: median('throttled'),
    lost: median('lost'),
    bystanders: median('bystanders'),
    bystandersAlone: median('bystandersAlone'),
  };
}

function table(rows: readonly Row[]): string {
  const percent = (share: number): string => (share * 100).toFixed(1);
  const cell = ({ ratioMedian, ratioP90, throttled, lost, bystanders, bystandersAlone }: Row): string =>
    `${lost > 0.01 ? '–' : `${ratioMedian.toFixed(2)} (${ratioP90.toFixed(2)})`} · ${percent(throttled)} · ${percent(lost)} · ${percent(bystanders)}/${percent(bystandersAlone)}`;
  const names = [...new Set(rows.map(({ strategy }) => strategy))];
  const lines = names.map((name) => [
    name,
    ...scenarios.map((scenario) => {
      const row = rows.find((one) => one.strategy === name && one.scenario === scenario);
      return row === undefined ? '' : cell(row);
    }),
  ]);
  const all = [['strategy', ...scenarios], ['---', ...scenarios.map(() => '---')], ...lines];
  return [
    'makespan/T* median (90th percentile) · throttled % of our calls · lost % · bystanders throttled % with us/without us',
    '',
    ...all.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '2' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const seeds = Array.from({ length: Number(values.seeds) }, (_, n) => first + n);
const chosen = strategies.filter(({ name }) => values.only === undefined || values.only.split(',').includes(name));
const rows: Row[] = [];
for (const { name, run, limits } of chosen) {
  const startedAt = performance.now();
  for (const scenario of scenarios) {
    const samples: Sample[] = [];
    for (const limit of limits) for (const seed of seeds) samples.push(await run(scenario, limit, seed));
    rows.push(rowOf(name, scenario, samples));
  }
  process.stderr.write(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
}
process.stdout.write(values.json ? `${JSON.stringify({ seeds, rows }, null, 2)}\n` : `${table(rows)}\n`);

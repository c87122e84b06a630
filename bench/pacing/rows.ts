import type { Sample } from './measure.ts';
import { scenarios, type Scenario } from './scenarios.ts';

/** One cell of the table. Shares are from 0 to 1. Figures are medians over buckets and seeds; `lost` is the mean. */
export interface Row {
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

export function rowOf(strategy: string, scenario: Scenario, samples: readonly Sample[]): Row {
  const of = (field: keyof Sample, share: number): number => {
    const values = samples.map((sample) => sample[field]);
    return round(quantile(values, share));
  };
  return {
    strategy,
    scenario,
    ratioMedian: of('ratio', 0.5),
    ratioP90: of('ratio', 0.9),
    throttled: of('throttled', 0.5),
    // The mean: a median would hide calls that are lost on only a few buckets.
    lost: round(samples.reduce((sum, { lost }) => sum + lost, 0) / samples.length),
    bystanders: of('bystanders', 0.5),
    bystandersAlone: of('bystandersAlone', 0.5),
  };
}

export function table(rows: readonly Row[]): string {
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
    'makespan/T* median (90th percentile) · throttled % of our calls · lost % · bystander calls throttled % with the audit/without it',
    '',
    ...all.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

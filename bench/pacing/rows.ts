import { figuresOf, type Figures } from './figures.ts';
import type { Sample } from './samples.ts';
import { scenarios, type Scenario } from './scenarios.ts';

/** One cell of the table of strategies and scenarios. */
export interface Row extends Figures {
  readonly strategy: string;
  readonly scenario: Scenario;
}

export const rowOf = (strategy: string, scenario: Scenario, samples: readonly Sample[]): Row => ({
  strategy,
  scenario,
  ...figuresOf(samples),
});

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

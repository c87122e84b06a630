import { figuresOf, type Figures } from './figures.ts';
import { markdownTable } from './markdown-table.ts';
import type { Sample } from './samples.ts';
import { scenarios, type Scenario } from './scenarios.ts';

/** The figures of one strategy in one scenario. */
export interface Row extends Figures {
  readonly strategy: string;
  readonly scenario: Scenario;
}

export const rowOf = (strategy: string, scenario: Scenario, samples: readonly Sample[]): Row => ({
  strategy,
  scenario,
  ...figuresOf(samples),
});

const percent = (share: number): string => (share * 100).toFixed(1);
const isWithBystander = (scenario: Scenario): boolean => scenario.includes('bystander');

const ratioCell = ({ lost, ratioMedian, ratioP90 }: Row): string =>
  lost > 0.01 ? '–' : `${ratioMedian.toFixed(2)} (${ratioP90.toFixed(2)})`;

function bystanderCell({ bystanders, bystandersAlone }: Row): string {
  const alone = percent(bystandersAlone);
  return alone === '0.0' ? percent(bystanders) : `${percent(bystanders)} (${alone})`;
}

/** One table in Markdown for each figure: a line for each strategy, a column for each scenario. */
export function tables(rows: readonly Row[]): string {
  const names = [...new Set(rows.map(({ strategy }) => strategy))];
  const of = (title: string, columns: readonly Scenario[], cell: (row: Row) => string): string => {
    const lines = names.map((name) => [
      name,
      ...columns.map((scenario) => {
        const row = rows.find((one) => one.strategy === name && one.scenario === scenario);
        return row === undefined ? '' : cell(row);
      }),
    ]);
    return markdownTable(title, ['strategy', ...columns], lines);
  };
  return [
    of('makespan/T*: median (90th percentile). –: more than 1 % of the calls were lost.', scenarios, ratioCell),
    of("Throttled calls, in % of the strategy's calls: median.", scenarios, ({ throttled }) => percent(throttled)),
    of("Lost calls, in % of the strategy's calls: mean.", scenarios, ({ lost }) => percent(lost)),
    of(
      "Throttled calls of the bystander, in % of its calls: median. In parentheses: without the strategy's calls, if it is not 0.0.",
      scenarios.filter(isWithBystander),
      bystanderCell,
    ),
  ].join('\n\n');
}

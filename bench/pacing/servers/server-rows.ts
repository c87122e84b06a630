import { figuresOf, type Figures } from '../figures.ts';
import { quantile, type Sample } from '../samples.ts';
import { boundsOf, exceededOn } from './server-bounds.ts';
import type { Measured } from '../worker-pool.ts';

/** One server: the audit's figures, and the medians of makespan/T* of the baselines. */
export interface ServerRow {
  readonly server: string;
  readonly firstDay: Figures;
  /** Null if only first days are measured. */
  readonly withMemory: Figures | null;
  /** Null if this baseline is not measured. */
  readonly adaptive: number | null;
  readonly aimd: number | null;
  /** Two audits on one limit: medians. Null for other servers. */
  readonly smallerShare: number | null;
  readonly firstEnd: number | null;
  /** Of the medians of makespan/T*, and of the worst run. */
  readonly bound: number;
  readonly worstBound: number;
  /** Whether all figures are within their bounds. */
  readonly met: boolean;
}

export function serverRows(measured: readonly Measured[]): ServerRow[] {
  const names = [...new Set(measured.map(({ cell }) => cell.place))];
  return names.map((server) => {
    const samplesOf = (strategy: string): readonly Sample[] =>
      measured.find(({ cell }) => cell.place === server && cell.strategy === strategy)?.samples ?? [];
    return rowOf(server, samplesOf);
  });
}

function rowOf(server: string, samplesOf: (strategy: string) => readonly Sample[]): ServerRow {
  const firstDay = samplesOf('first-day');
  const withMemory = samplesOf('with-memory');
  const medianOf = (samples: readonly Sample[], figure: (sample: Sample) => number | undefined): number | null => {
    const values = samples.map(figure).filter((value) => value !== undefined);
    return values.length === 0 ? null : quantile(values, 0.5);
  };
  const baseline = (strategy: string): number | null => medianOf(samplesOf(strategy), ({ ratio }) => ratio);
  const adaptive = baseline('sdk-adaptive');
  const aimd = baseline('aimd');
  const bounds = boundsOf(
    server,
    [adaptive, aimd].filter((ratio) => ratio !== null),
  );
  const row = {
    server,
    firstDay: figuresOf(firstDay),
    withMemory: withMemory.length === 0 ? null : figuresOf(withMemory),
    adaptive,
    aimd,
    smallerShare: medianOf(firstDay, ({ smallerShare }) => smallerShare),
    firstEnd: medianOf(firstDay, ({ firstEnd }) => firstEnd),
    bound: bounds.median,
    worstBound: bounds.worst,
  };
  return { ...row, met: exceededOn(row).length === 0 };
}

const ratio = (value: number | null): string => (value === null ? '' : value.toFixed(2));
const withWorst = (figures: Figures | null): string =>
  figures === null ? '' : `${ratio(figures.ratioMedian)} [${ratio(figures.ratioWorst)}]`;

const columns: readonly (readonly [string, (row: ServerRow) => string])[] = [
  ['server', ({ server }) => server],
  ['first day', ({ firstDay }) => withWorst(firstDay)],
  ['throttled %', ({ firstDay }) => (100 * firstDay.throttledMean).toFixed(1)],
  ['attempts', ({ firstDay, withMemory }) => String(Math.max(firstDay.attempts, withMemory?.attempts ?? 0))],
  ['with memory', ({ withMemory }) => withWorst(withMemory)],
  ['adaptive', ({ adaptive }) => ratio(adaptive)],
  ['aimd', ({ aimd }) => ratio(aimd)],
  ['bound', ({ bound }) => ratio(bound)],
  ['met', ({ met }) => (met ? 'yes' : 'no')],
];
const auditColumns: typeof columns = [
  ['share of the slower audit', ({ smallerShare }) => ratio(smallerShare)],
  ['first end', ({ firstEnd }) => ratio(firstEnd)],
];

function tableOf(of: typeof columns, rows: readonly ServerRow[]): string[] {
  const lines = [
    of.map(([title]) => title),
    of.map(() => '---'),
    ...rows.map((row) => of.map(([, cell]) => cell(row))),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`);
}

/** Two tables in Markdown, for one audit on a server and for two audits, and the number of rows within their bounds. */
export function serverTable(rows: readonly ServerRow[]): string {
  const single = rows.filter(({ smallerShare }) => smallerShare === null);
  const double = rows.filter(({ smallerShare }) => smallerShare !== null);
  return [
    'makespan/T* median [worst] · throttled % of calls on the first day (mean) · the highest number of attempts of a call · makespan/T* median of the baselines',
    '',
    ...(single.length === 0 ? [] : [...tableOf(columns, single), '']),
    ...(double.length === 0
      ? []
      : [...tableOf([...columns.slice(0, 4), ...auditColumns, ...columns.slice(6)], double), '']),
    `${rows.filter(({ met }) => met).length} of ${rows.length} within their bounds`,
  ].join('\n');
}

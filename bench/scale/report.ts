import type { Figures } from './figures.ts';
import { LARGE, MAKESPAN_BOUND, MEMORY_BOUND, ORGANIZATION_BOUND, scenarios, SMALL, TIME_BOUND } from './scenarios.ts';

/** Milliseconds of processor time per principal. */
const timeOf = ({ cpuSeconds, principals }: Figures): number => (cpuSeconds * 1000) / principals;

/** The limit of the slowest operation, in seconds. */
const limitOf = ({ operations }: Figures): number => Math.max(...operations.map(({ limitSeconds }) => limitSeconds));

/** One sentence for each exceeded bound and each incomplete run. */
export function exceededBounds(measured: readonly Figures[]): string[] {
  const small = measured.find(({ name }) => name === SMALL);
  const large = measured.find(({ name }) => name === LARGE);
  return [
    ...measured.flatMap((figures) => [...incomplete(figures), ...tooSlow(figures)]),
    ...(small === undefined || large === undefined ? [] : growsWithSize(small, large)),
  ];
}

function incomplete({ name, status, complete }: Figures): string[] {
  const scenario = scenarios.find((one) => one.name === name);
  const expected = (scenario?.accounts ?? 0) * (scenario?.principals ?? 0);
  if (status === 'COMPLETE' && complete === expected) return [];
  return [`${name}: the run is ${status}, with ${complete} of ${expected} principals complete.`];
}

function tooSlow(figures: Figures): string[] {
  const { organizationSeconds, runSeconds, name } = figures;
  if (organizationSeconds !== null && runSeconds / organizationSeconds > ORGANIZATION_BOUND) {
    const times = (runSeconds / organizationSeconds).toFixed(3);
    return [`${name}: the run took ${times} times its limit. The bound is ${ORGANIZATION_BOUND}.`];
  }
  const ratio = figures.batchesSeconds / limitOf(figures);
  const isBounded = scenarios.some(({ name, bounded }) => name === figures.name && bounded === true);
  if (!isBounded || ratio <= MAKESPAN_BOUND) return [];
  return [`${figures.name}: the batches took ${ratio.toFixed(3)} times their limit. The bound is ${MAKESPAN_BOUND}.`];
}

function growsWithSize(small: Figures, large: Figures): string[] {
  const time = timeOf(large) / timeOf(small);
  const bytes = ((large.megabytes.live - small.megabytes.live) * (1 << 20)) / (large.principals - small.principals);
  const sizes = `With ${large.principals} principals instead of ${small.principals}`;
  return [
    ...(time <= TIME_BOUND
      ? []
      : [`${sizes}, one principal takes ${time.toFixed(2)} times the processor time. The bound is ${TIME_BOUND}.`]),
    ...(bytes <= MEMORY_BOUND
      ? []
      : [`${sizes}, one more principal takes ${Math.round(bytes)} bytes of heap. The bound is ${MEMORY_BOUND}.`]),
  ];
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |\n`;
const heading = (names: readonly string[]): string => row(names) + row(names.map(() => '---'));

/**
 * The figures of each scenario. If its makespan has a bound, also the calls of each operation in the busiest
 * account.
 */
export function table(measured: readonly Figures[]): string {
  const sizes = heading([
    'scenario',
    'accounts',
    'principals',
    'wall s',
    'processor ms per principal',
    'MB before',
    'MB maximum',
    'MB of heap in use',
    'transitions',
    'dollars',
    'dollars per 1,000 principals',
    'virtual s',
  ]);
  const rows = measured.map((figures) =>
    row([
      figures.name,
      figures.accounts,
      figures.principals,
      figures.wallSeconds.toFixed(1),
      timeOf(figures).toFixed(2),
      Math.round(figures.megabytes.before),
      Math.round(figures.megabytes.peak),
      Math.round(figures.megabytes.live),
      figures.transitions,
      figures.dollars.toFixed(4),
      ((figures.dollars * 1000) / figures.principals).toFixed(4),
      Math.round(figures.runSeconds),
    ]),
  );
  const bounded = measured.filter(({ name }) => scenarios.some((one) => one.name === name && one.bounded === true));
  return [sizes, ...rows, ...bounded.map(makespan), ...measured.flatMap(organizationTime)].join('');
}

function organizationTime({ name, organizationSeconds, runSeconds }: Figures): string[] {
  if (organizationSeconds === null) return [];
  const times = (runSeconds / organizationSeconds).toFixed(3);
  return [`\n${name}: ${Math.round(runSeconds)} s, ${times} times the limit of ${Math.round(organizationSeconds)} s\n`];
}

function makespan(figures: Figures): string {
  const limit = limitOf(figures);
  const batches = `batches ${figures.batchesSeconds.toFixed(1)} s, ${(figures.batchesSeconds / limit).toFixed(3)} times`;
  const run = `whole run ${figures.runSeconds.toFixed(1)} s, ${(figures.runSeconds / limit).toFixed(3)} times`;
  return [
    `\n${figures.name}: the limit of the slowest operation is ${limit.toFixed(1)} s; ${batches}; ${run}.\n\n`,
    heading(['operation', 'sent', 'throttled', 'limit s']),
    ...figures.operations.map(({ operation, sent, throttled, limitSeconds }) =>
      row([operation, sent, throttled, limitSeconds.toFixed(1)]),
    ),
  ].join('');
}

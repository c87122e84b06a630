/**
 * Compares pacing strategies in virtual time and prints tables: `npm run bench:pacing [-- --seed N --seeds N --only
 * NAME,… | --parts | --heavy | --bursty | --servers | --check, --json]`. With --servers, --only selects servers by parts of their
 * names, and --check checks only servers.
 */
import { availableParallelism } from 'node:os';
import { burstyRows, burstyTables } from './bursty-bystanders.ts';
import { heavyTable, measureHeavy } from './heavy-throttling.ts';
import { exceededBounds } from './bounds.ts';
import { readOptions, UsageError } from './options.ts';
import { rowOf, tables } from './rows.ts';
import { exceededOnGrid, GRID_SEEDS, gridRows, gridTable } from './servers/burst-grid.ts';
import { dayRows, dayTable, exceededOnDays } from './servers/day-rows.ts';
import { exceededOn } from './servers/server-bounds.ts';
import { splitKnown } from './unmet-bounds.ts';
import { serverRows, serverTable } from './servers/server-rows.ts';
import { measureAll } from './worker-pool.ts';

const print = (json: boolean, value: unknown, text: string): void => {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
};

/** @returns the exit code */
async function main(): Promise<number> {
  const { seeds, json, check, heavy, ...cells } = readOptions(process.argv.slice(2));
  const { strategyCells, serverCells, dayCells, gridCells, burstyCells } = cells;
  if (heavy) {
    const rows = await measureHeavy(seeds);
    print(json, { seeds, heavy: rows }, heavyTable(rows));
    return 0;
  }
  const startedAt = performance.now();
  const cores = availableParallelism();
  const rows = (await measureAll(strategyCells, seeds, cores)).map(({ cell, samples }) =>
    rowOf(cell.strategy, cell.place, samples),
  );
  const servers = serverRows(await measureAll(serverCells, seeds, cores));
  const days = dayRows(await measureAll(dayCells, seeds, cores));
  const grid = gridRows(await measureAll(gridCells, seeds.slice(0, GRID_SEEDS), cores));
  const bursty = burstyCells.length === 0 ? [] : burstyRows(await measureAll(burstyCells, seeds, cores));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stderr.write(`${Object.values(cells).reduce((sum, { length }) => sum + length, 0)} cells in ${seconds} s\n`);
  const printed = [
    ...(rows.length > 0 ? [tables(rows)] : []),
    ...(servers.length > 0 ? [serverTable(servers)] : []),
    ...(days.length > 0 ? [dayTable(days)] : []),
    ...(grid.length > 0 ? [gridTable(grid)] : []),
    ...(bursty.length > 0 ? [burstyTables(bursty)] : []),
  ];
  print(json, { seeds, rows, servers, days, grid, bursty }, printed.join('\n\n'));
  if (!check) return 0;
  const sentences = [
    ...exceededBounds(rows),
    ...servers.flatMap(exceededOn),
    ...days.flatMap(exceededOnDays),
    ...grid.flatMap(exceededOnGrid),
  ];
  const { known, failed } = splitKnown(sentences);
  for (const sentence of known) process.stderr.write(`Not met yet: ${sentence}\n`);
  for (const sentence of failed) process.stderr.write(`${sentence}\n`);
  return failed.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error: unknown) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

/**
 * Generates log files and measures reading them and answering all questions: `npm run bench:logs [-- --events N
 * --workers N --seed N --memory MEGABYTES]`. Exits with 1 if a bound of one or ten million events is exceeded.
 */
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { defaultThresholds } from '../../core/doctor/thresholds.ts';
import { logQueryNames } from '../../core/ports/log-queries.ts';
import { DuckDbQueries } from '../../local/log-analysis/duckdb-queries.ts';
import { FolderLogFiles } from '../../local/log-analysis/folder-log-files.ts';
import { defaultWorkers, readLogs } from '../../local/log-analysis/read-logs.ts';
import { generateLogs } from './generate-logs.ts';

/** Bounds for a million events and for ten: processor seconds and megabytes. */
const bounds: Readonly<Record<number, { readonly cpu: number; readonly megabytes: number }>> = {
  1_000_000: { cpu: 30, megabytes: 600 },
  10_000_000: { cpu: 300, megabytes: 2_000 },
};

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    workers: { type: 'string', default: String(defaultWorkers()) },
    seed: { type: 'string', default: '1' },
    memory: { type: 'string' },
    /** Used internally: the folder that this process measures. */
    measure: { type: 'string' },
  },
});
const events = Number(values.events);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Processor seconds of the process with all its threads, elapsed seconds, and the most resident memory so far. */
function used(): { cpu: number; wall: number; megabytes: number } {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpu: (userCPUTime + systemCPUTime) / 1e6, wall: performance.now() / 1000, megabytes: maxRSS / 1024 };
}

async function measure(folder: string): Promise<void> {
  const rowsFolder = join(folder, 'rows');
  let before = used();
  const step = (name: string): void => {
    const now = used();
    const [cpu, wall] = [now.cpu - before.cpu, now.wall - before.wall];
    say(
      `${name.padEnd(18)} ${cpu.toFixed(1).padStart(7)} CPU s ${wall.toFixed(1).padStart(7)} s ${now.megabytes.toFixed(0).padStart(6)} MB`,
    );
    before = now;
  };
  step('start');
  const source = new FolderLogFiles(join(folder, 'logs'));
  const result = await readLogs({ source, rowsFolder, since: null, until: null, workers: Number(values.workers) });
  step('read');
  const memoryMegabytes = Number(values.memory ?? (events > 2_000_000 ? 1_200 : 200));
  const queries = await DuckDbQueries.load({ rowsFolder, thresholds: defaultThresholds, memoryMegabytes });
  step('load');
  for (const name of logQueryNames) {
    await queries.ask(name);
    step(name);
  }
  queries.close();
  const { cpu, megabytes } = used();
  say(
    `${result.files} files, ${result.events} events, ${result.rows} rows: ${cpu.toFixed(1)} CPU s, ${megabytes.toFixed(0)} MB`,
  );
  const bound = bounds[events];
  if (bound !== undefined && (cpu > bound.cpu || megabytes > bound.megabytes)) {
    say(`More than ${bound.cpu} CPU s or ${bound.megabytes} MB.`);
    process.exitCode = 1;
  }
}

if (values.measure !== undefined) {
  await measure(values.measure);
} else {
  const folder = await mkdtemp(join(tmpdir(), 'iam-audit-logs-'));
  try {
    const { json, gzip } = await generateLogs(join(folder, 'logs'), events, Number(values.seed));
    say(`${events} events: ${(gzip / 1e6).toFixed(0)} MB gzip, ${(json / 1e6).toFixed(0)} MB JSON`);
    // In a process of its own: the generator's memory does not count.
    const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--measure', folder], {
      execArgv: ['--import', 'tsx'],
    });
    process.exitCode = await new Promise<number>((resolve) =>
      child.once('exit', (code) => {
        resolve(code ?? 1);
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

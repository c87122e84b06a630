import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRecord } from '../../core/doctor/records/project-record.ts';
import type { Thresholds } from '../../core/doctor/thresholds.ts';
import { DuckDbQueries } from '../../local/log-analysis/duckdb-queries.ts';
import type { DoctorProgress } from './doctor-progress.ts';
import type { DoctorOptions } from './doctor.ts';
import { downloadEventHistory } from './lookup-source.ts';
import type { PreparedLogs } from './prepared-logs.ts';

/** Ten million events need less than 2 GB in all. */
const MEMORY_MEGABYTES = 1_200;

/** Reads the logs that the options name. @throws SourceUnreadable @throws LogQueryError */
export async function prepareLogs(
  options: DoctorOptions,
  thresholds: Thresholds,
  progress: DoctorProgress,
): Promise<PreparedLogs> {
  const folder = await mkdtemp(join(tmpdir(), 'iam-audit-doctor-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const rowsFolder = join(folder, 'rows');
    await mkdir(rowsFolder);
    const { from, to, leftOut } = await downloadEventHistory(options, join(folder, 'logs'), progress);
    const text = await readFile(join(folder, 'logs', 'event-history.ndjson'), 'utf8');
    const lines = text.split('\n').filter((line) => line !== '');
    const rows = lines.flatMap((line) => {
      const projection = projectRecord(JSON.parse(line));
      return projection.kind === 'row' ? [JSON.stringify(projection.row)] : [];
    });
    await writeFile(join(rowsFolder, 'rows.ndjson'), rows.join('\n'));
    const queries = await DuckDbQueries.load({ rowsFolder, thresholds, memoryMegabytes: MEMORY_MEGABYTES });
    return {
      queries,
      source: {
        kind: 'lookup',
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        events: lines.length,
        leftOut: [...leftOut],
        complete: leftOut.length === 0,
      },
      close: async () => {
        queries.close();
        await remove();
      },
    };
  } catch (error: unknown) {
    await remove();
    throw error;
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnosis } from '../core/contract/doctor/diagnosis.ts';
import { examine } from '../core/doctor/diagnosis/examine.ts';
import { defaultThresholds } from '../core/doctor/thresholds.ts';
import { BYSTANDER_ROLE, BYSTANDER_USER } from '../local/emulated-aws/cloudtrail/bystander-calls.ts';
import type { TrailFiles } from '../local/emulated-aws/cloudtrail/trail-files.ts';
import { DuckDbQueries } from '../local/log-analysis/duckdb-queries.ts';
import { FolderLogFiles } from '../local/log-analysis/folder-log-files.ts';
import { readLogs } from '../local/log-analysis/read-logs.ts';

/** Enough for the few thousand calls of a demo. */
const MEMORY_MEGABYTES = 200;

/** What the doctor finds in the logs of the emulated account. @throws LogQueryError */
export async function diagnoseTrail(trail: TrailFiles): Promise<Diagnosis> {
  const folder = await mkdtemp(join(tmpdir(), 'iam-audit-demo-'));
  try {
    const logs = join(folder, 'logs');
    const rowsFolder = join(folder, 'rows');
    await trail.write(logs);
    const source = new FolderLogFiles(logs);
    const read = await readLogs({ source, rowsFolder, since: null, until: null, workers: 0 });
    const thresholds = defaultThresholds;
    const queries = await DuckDbQueries.load({ rowsFolder, thresholds, memoryMegabytes: MEMORY_MEGABYTES });
    try {
      return await examine({
        queries,
        thresholds,
        source: { kind: 'cloudtrail', from: null, to: null, events: read.events, leftOut: [], complete: true },
      });
    } finally {
      queries.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the doctor says about the bystander: one line for each of its habits that a question finds. */
export function bystanderHabitsInWords({ questions }: Diagnosis): string[] {
  const names = [`role/${BYSTANDER_ROLE}`, `user/${BYSTANDER_USER}`];
  const habits = questions.flatMap(({ id, callers }) =>
    callers
      .filter(({ caller }) => names.some((name) => caller.endsWith(`:${name}`)))
      .map(({ caller, diagnosis }) => `doctor, ${id}: ${caller}. ${diagnosis}`),
  );
  return habits.length === 0 ? ['doctor found no habit of the other application that causes throttling.'] : habits;
}

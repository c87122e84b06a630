import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnosis } from '../core/contract/doctor/diagnosis.ts';
import { defaultThresholds } from '../core/doctor/thresholds.ts';
import { BYSTANDER_ROLE, BYSTANDER_USER } from '../local/emulated-aws/cloudtrail/bystander-calls.ts';
import type { TrailFiles } from '../local/emulated-aws/cloudtrail/trail-files.ts';
import { examineRows, sourceOf } from '../local/log-analysis/examine-rows.ts';
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
    return await examineRows({
      rowsFolder,
      thresholds: defaultThresholds,
      memoryMegabytes: MEMORY_MEGABYTES,
      source: sourceOf(read),
    });
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

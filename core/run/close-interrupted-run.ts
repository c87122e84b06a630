import { objects } from '../contract/objects.ts';
import { RunSummary } from '../contract/run.ts';
import type { Services } from '../ports/services.ts';
import { DamagedObject } from '../ports/store.ts';
import { readObject } from '../ports/stored-objects.ts';

/** Sets the status of an interrupted run from RUNNING to FAILED, and warns. Otherwise its `run.json` would say RUNNING forever. */
export async function closeInterruptedRun(
  runId: string,
  { store, clock, warn }: Pick<Services, 'store' | 'clock' | 'warn'>,
): Promise<void> {
  let stored;
  try {
    stored = await readObject(store, objects.run(runId), RunSummary);
  } catch (error: unknown) {
    if (!(error instanceof DamagedObject)) throw error;
    warn(`${error.message} Run ${runId} was interrupted and can't be continued. Start a run that resumes none.`, error);
    return;
  }
  if (stored?.value.status === 'RUNNING') {
    const closed: RunSummary = { ...stored.value, status: 'FAILED', finishedAt: new Date(clock.now()).toISOString() };
    await store.write(objects.run(runId), `${JSON.stringify(closed, null, 2)}\n`, { ifMatch: stored.etag });
  }
  warn(`Run ${runId} was interrupted. Start a run with --resume ${runId} to continue it.`);
}

import { RunEnded } from '../run/claim.ts';
import { DamagedObject, type ObjectStore, type WriteCondition } from '../ports/store.ts';
import { readRunVersion } from './stored-runs.ts';

/**
 * Checks that a run has not ended, before it is planned. A late second invocation of PlanRun must not replace the results of its run.
 * @returns the condition for the write of `run.json`: nobody has written it since then. Undefined if it is damaged: it is replaced.
 * @throws RunEnded, StoreError
 */
export async function assertNotEnded(store: ObjectStore, runId: string): Promise<WriteCondition | undefined> {
  try {
    const stored = await readRunVersion(store, runId);
    if (stored === null) return { ifNoneMatch: '*' };
    // A run that another one closed has no results. It is planned again if its execution is redriven.
    if (stored.run.status !== 'RUNNING' && stored.run.accounts.length > 0) throw new RunEnded(runId);
    return { ifMatch: stored.etag };
  } catch (error: unknown) {
    if (error instanceof DamagedObject) return undefined;
    throw error;
  }
}

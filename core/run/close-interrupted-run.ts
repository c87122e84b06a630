import * as v from 'valibot';
import { objects } from '../contract/objects.ts';
import { RunSummary } from '../contract/run.ts';
import type { Services } from '../ports/services.ts';

/** Sets the status of an interrupted run from RUNNING to FAILED, and warns. Otherwise its `run.json` would say RUNNING forever. */
export async function closeInterruptedRun(
  runId: string,
  { store, clock, warn }: Pick<Services, 'store' | 'clock' | 'warn'>,
): Promise<void> {
  const stored = await store.read(objects.run(runId));
  const run = stored === null ? null : v.parse(RunSummary, JSON.parse(stored.text));
  if (stored !== null && run?.status === 'RUNNING') {
    const closed: RunSummary = { ...run, status: 'FAILED', finishedAt: new Date(clock.now()).toISOString() };
    await store.write(objects.run(runId), `${JSON.stringify(closed, null, 2)}\n`, { ifMatch: stored.etag });
  }
  warn(`Run ${runId} was interrupted. Start a run with --resume ${runId} to continue it.`);
}

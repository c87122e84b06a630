import type { ExecutionInput } from '../contract/execution-input.ts';
import type { RunSummary } from '../contract/run.ts';
import type { Services } from '../ports/services.ts';
import { unlessDamaged } from '../ports/stored-objects.ts';
import { latestRunId, readRun } from './stored-runs.ts';

/**
 * The most runs that are read to find the latest run of all accounts and principals. More runs of some accounts or
 * principals in a row are unlikely.
 */
const MOST_RUNS = 50;

/**
 * Whether a run is a run of all accounts and principals, or resumes the latest such run. A run that resumes an older one
 * does not show the state of today.
 */
export async function isWholeScope(
  services: Pick<Services, 'store' | 'warn'>,
  wanted: ExecutionInput,
  resumed: RunSummary | null,
): Promise<boolean> {
  if (limitsAccounts(wanted) || wanted.principals !== undefined) return false;
  if (resumed === null) return true;
  if (resumed.wholeScope !== true) return false;
  const read = async (): Promise<boolean> => {
    const latest = await latestWholeRun(services);
    return latest !== null && (await completes(services, latest, resumed.runId));
  };
  return unlessDamaged(read, false, (damage) => {
    services.warn(`${damage.message} So this run does not count as a run of all accounts and principals.`, damage);
  });
}

/** Whether the input limits the run to some of the accounts. */
export const limitsAccounts = ({ accounts, accountIds, include, exclude }: ExecutionInput): boolean =>
  accountIds !== undefined || Array.isArray(accounts) || include !== undefined || exclude !== undefined;

async function latestWholeRun({ store, warn }: Pick<Services, 'store' | 'warn'>): Promise<RunSummary | null> {
  let runId = await latestRunId(store, warn);
  for (let count = 0; runId !== null && count < MOST_RUNS; count += 1) {
    const run: RunSummary | null = await readRun(store, runId);
    if (run === null || run.wholeScope === true) return run;
    runId = run.previous ?? null;
  }
  return null;
}

/** Whether `run` is the run `runId`, or was resumed from it, over any number of runs. */
async function completes({ store }: Pick<Services, 'store'>, run: RunSummary, runId: string): Promise<boolean> {
  let current: RunSummary | null = run;
  for (let count = 0; current !== null && count < MOST_RUNS; count += 1) {
    if (current.runId === runId) return true;
    current = current.resumes === undefined ? null : await readRun(store, current.resumes);
  }
  return false;
}

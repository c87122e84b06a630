import type { RunSummary } from '../core/contract/run.ts';
import type { Change } from '../core/diff/changes.ts';
import { compareRuns } from '../core/diff/compare-runs.ts';
import { diffInWords } from '../core/diff/diff-in-words.ts';
import { latestRunId, readRun } from '../core/objects/stored-runs.ts';
import type { ObjectStore } from '../core/ports/store.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { say } from './output.ts';
import { noRun, withResults, type ResultsOptions } from './results.ts';

export interface DiffOptions extends Omit<ResultsOptions, 'run'> {
  readonly from?: string;
  readonly to?: string;
  readonly json: boolean;
}

/** What has changed between two runs: the last one and the last full one before it, or those that are named. */
export const diff = (options: DiffOptions): Promise<ExitCode> =>
  withResults(options, async ({ store }) => {
    const toId = options.to ?? (await latestRunId(store));
    const to = toId === null ? null : await readRun(store, toId);
    if (to === null) return noRun(store, options.to);
    const from = options.from === undefined ? await baseBefore(store, to) : await readRun(store, options.from);
    if (from === null) {
      if (options.from !== undefined) return noRun(store, options.from);
      say(`Before run ${to.runId} there is no run of all principals to compare it with. Name one with --from.`);
      return exitCodes.failed;
    }
    const unfinished = [from, to].find(({ status }) => status === 'RUNNING');
    if (unfinished !== undefined) {
      say(`Run ${unfinished.runId} has not ended: there is nothing to compare yet.`);
      return exitCodes.failed;
    }
    const changes: Change[] = [];
    for await (const change of compareRuns(store, from, to)) changes.push(change);
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ from: from.runId, to: to.runId, changes }, null, 2)}\n`);
    } else {
      for (const line of diffInWords(from, to, changes)) process.stdout.write(`${line}\n`);
    }
    if (changes.some(({ kind }) => kind !== 'notCompared')) return exitCodes.found;
    return changes.length === 0 ? exitCodes.complete : exitCodes.partial;
  });

/** The last run before this one that looked at everything, the accounts of this one too: a limited one is no base. */
async function baseBefore(store: ObjectStore, to: RunSummary): Promise<RunSummary | null> {
  let runId = to.previous ?? null;
  while (runId !== null) {
    const run = await readRun(store, runId);
    if (run === null) return null;
    if (isBaseOf(run, to)) return run;
    runId = run.previous ?? null;
  }
  return null;
}

function isBaseOf({ scope, status, accounts }: RunSummary, to: RunSummary): boolean {
  if (status === 'FAILED' || status === 'RUNNING' || scope.principals !== 'all') return false;
  const audited = new Set(accounts.map(({ accountId }) => accountId));
  // Who names no accounts audits those that there are: one that is new since is said not to be compared.
  return scope.accounts === 'all' || to.accounts.every(({ accountId }) => audited.has(accountId));
}

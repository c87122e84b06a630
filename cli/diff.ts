import type { Change, DiffAnswer } from '../core/contract/answers/diff.ts';
import type { RunSummary } from '../core/contract/run.ts';
import { compareRuns } from '../core/diff/compare-runs.ts';
import { diffInWords } from '../core/diff/diff-in-words.ts';
import { latestRunId, readRun } from '../core/objects/stored-runs.ts';
import type { ObjectStore } from '../core/ports/store.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printJson, say } from './output.ts';
import { sayRunNotFound, withResults, type ResultsOptions } from './results.ts';

export interface DiffOptions extends Omit<ResultsOptions, 'run'> {
  readonly from?: string;
  readonly to?: string;
  readonly json: boolean;
}

/** Shows what changed between two runs: by default the last run and the last comparable run before it. */
export const diff = (options: DiffOptions): Promise<ExitCode> =>
  withResults(options, async ({ store }) => {
    const toId = options.to ?? (await latestRunId(store, say));
    const to = toId === null ? null : await readRun(store, toId);
    if (to === null) return sayRunNotFound(store, options.to);
    const from = options.from === undefined ? await lastComparableRun(store, to) : await readRun(store, options.from);
    if (from === null) {
      if (options.from !== undefined) return sayRunNotFound(store, options.from);
      say(
        `Run ${to.runId} can't be compared: no earlier run audited all principals of its accounts. Choose a run with --from.`,
      );
      return exitCodes.failed;
    }
    const unfinished = [from, to].find(({ status }) => status === 'RUNNING');
    if (unfinished !== undefined) {
      say(`Run ${unfinished.runId} has not ended. Compare it when it has ended.`);
      return exitCodes.failed;
    }
    const changes: Change[] = [];
    for await (const change of compareRuns(store, from, to)) changes.push(change);
    const answer: DiffAnswer = { schemaVersion: 1, from: from.runId, to: to.runId, changes };
    if (options.json) printJson(answer);
    else for (const line of diffInWords(from, to, changes)) process.stdout.write(`${line}\n`);
    if (changes.some(({ kind }) => kind !== 'notCompared')) return exitCodes.somethingFound;
    return changes.length === 0 ? exitCodes.complete : exitCodes.partial;
  });

/** The last run before `to` that audited all principals of the accounts of `to`; null if there is none. */
async function lastComparableRun(store: ObjectStore, to: RunSummary): Promise<RunSummary | null> {
  let runId = to.previous ?? null;
  while (runId !== null) {
    const run = await readRun(store, runId);
    if (run === null) return null;
    if (isComparable(run, to)) return run;
    runId = run.previous ?? null;
  }
  return null;
}

function isComparable({ scope, status, accounts }: RunSummary, to: RunSummary): boolean {
  if (status === 'FAILED' || status === 'RUNNING' || scope.principals !== 'all') return false;
  const audited = new Set(accounts.map(({ accountId }) => accountId));
  // A run of all accounts is comparable even if an account was added later: the diff lists that account as not compared.
  return scope.accounts === 'all' || to.accounts.every(({ accountId }) => audited.has(accountId));
}

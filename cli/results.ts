import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import open from 'open';
import type { AuditExecutions } from '../aws/audit-executions.ts';
import { objects } from '../core/contract/objects.ts';
import type { RunSummary } from '../core/contract/run.ts';
import { heldClaim, latestRunId, readRun } from '../core/objects/stored-runs.ts';
import { StoreError, type ObjectStore } from '../core/ports/store.ts';
import { FolderStore } from '../local/folder-store.ts';
import { localExecutions } from '../local/local-executions.ts';
import { withDeployed, type DeployedOptions } from './deployed.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { exitCodeOf, messageOf, printRun, refusalOf, say, sayRun } from './output.ts';

export interface ResultsOptions extends DeployedOptions {
  /** A folder of results on this machine; without it the bucket of the deployed audit. */
  readonly out?: string;
  readonly run?: string;
}

/** The report as a page, its findings as a table, the run in figures. */
const formats = { html: objects.report, csv: objects.findingsTable, json: objects.run } as const;

export type StatusOptions = ResultsOptions & { readonly json: boolean };
export type ReportOptions = ResultsOptions & { readonly open: boolean; readonly format: keyof typeof formats };

interface Results {
  readonly store: ObjectStore;
  /** Null: they are in a bucket. */
  readonly folder: FolderStore | null;
  /** What became of a run that left no run.json, as a sentence; null where nothing is known of it. */
  readonly withoutSummary: (runId: string) => Promise<string | null>;
  /** How an execution that has ended did so; null while it is at work. */
  readonly endOf: (execution: string) => Promise<string | null>;
}

/** Opens the results that the options name. */
export async function withResults(
  options: ResultsOptions,
  work: (results: Results) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (options.out === undefined) {
    return withDeployed(options, ({ store, executions }) =>
      work({
        store,
        folder: null,
        withoutSummary: (runId) => withoutSummary(executions, runId),
        endOf: async (execution) => {
          const state = await executions.state(execution);
          return state.kind === 'running' ? null : state.status;
        },
      }),
    );
  }
  const folder = new FolderStore({ folder: options.out });
  try {
    const endOf = async (execution: string): Promise<string | null> =>
      (await localExecutions.isRunning(execution)) ? null : 'its process is gone';
    return await work({ store: folder, folder, endOf, withoutSummary: () => Promise.resolve(null) });
  } catch (error: unknown) {
    if (!(error instanceof StoreError)) throw error;
    say(error.message);
    return exitCodes.failed;
  }
}

async function withoutSummary(executions: AuditExecutions, runId: string): Promise<string | null> {
  const execution = await executions.ofRun(runId);
  if (execution === null) return null;
  const state = await executions.state(execution.arn);
  if (state.kind === 'running') {
    return `Run ${runId} has not begun to audit: it is being planned, or waits for another run's end (${execution.name}, since ${execution.startedAt}).`;
  }
  const refusal = refusalOf(JSON.parse(state.output ?? 'null'));
  if (refusal !== null) return `Run ${runId} was refused: ${refusal}`;
  return `Run ${runId} ended as ${state.status} before it was planned${state.cause === null ? '.' : `: ${messageOf(state.cause)}`}`;
}

export const noRun = (store: ObjectStore, asked: string | undefined): ExitCode => {
  say(asked === undefined ? `There is no run in ${store.bucket} yet.` : `There is no run ${asked} in ${store.bucket}.`);
  return exitCodes.failed;
};

/** How the last run, or a given one, went or goes. */
export const status = (options: StatusOptions): Promise<ExitCode> =>
  withResults(options, async ({ store, endOf, withoutSummary }) => {
    const claim = await heldClaim(store);
    const read = (runId: string | null): Promise<RunSummary | null> =>
      runId === null ? Promise.resolve(null) : readRun(store, runId);
    // A run that is in progress is what somebody asks for who names none.
    const run =
      options.run === undefined
        ? ((await read(claim?.runId ?? null)) ?? (await read(await latestRunId(store))))
        : await read(options.run);
    if (run === null) {
      const fate = options.run === undefined ? null : await withoutSummary(options.run);
      if (fate === null) return noRun(store, options.run);
      say(fate);
      return exitCodes.failed;
    }
    if (options.json) printRun(run);
    if (run.status !== 'RUNNING') {
      sayRun(run);
      return exitCodeOf(run);
    }
    const end = claim?.runId === run.runId ? await endOf(claim.execution) : 'another run took over';
    if (end === null) {
      await sayRunning(store, run.runId, run.startedAt);
      return exitCodes.complete;
    }
    say(`Run ${run.runId} broke off (${end}). What it found is kept: --resume ${run.runId} goes on with it.`);
    return exitCodes.failed;
  });

async function sayRunning(store: ObjectStore, runId: string, startedAt: string): Promise<void> {
  let planned = 0;
  let done = 0;
  if (await store.exists(objects.accounts(runId))) {
    for await (const line of store.readLines(objects.accounts(runId))) if (line !== '') planned += 1;
  }
  for await (const key of store.list(objects.accountsOf(runId))) if (key.endsWith('/account.json')) done += 1;
  say(`Run ${runId} is in progress since ${startedAt}: ${done} of ${planned} accounts done.`);
}

/** The report of the last run, or of a given one: to be read, kept or opened. */
export const report = (options: ReportOptions): Promise<ExitCode> =>
  withResults(options, async ({ store, folder }) => {
    const runId = options.run ?? (await latestRunId(store));
    if (runId === null) return noRun(store, options.run);
    const key = formats[options.format](runId);
    const stored = await store.read(key);
    if (stored === null) {
      if ((await readRun(store, runId)) === null) return noRun(store, runId);
      say(`Run ${runId} has no report yet: it is still in progress, or broke off.`);
      return exitCodes.failed;
    }
    if (options.open) {
      const path = folder === null ? await saved(runId, stored.text, options.format) : folder.path(key);
      say(`Opening ${path}`);
      await open(path);
    } else {
      process.stdout.write(stored.text);
    }
    return exitCodes.complete;
  });

/** Who can do what is for nobody else's eyes: a folder of one's own. */
async function saved(runId: string, text: string, format: ReportOptions['format']): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'iam-audit-')), `${runId}.${format}`);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

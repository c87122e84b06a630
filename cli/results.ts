import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditExecutions } from '../aws/audit-executions.ts';
import { objects } from '../core/contract/objects.ts';
import type { RunSummary } from '../core/contract/run.ts';
import { asffFindings } from '../core/export/asff.ts';
import { jsonArray, type ExportedRun } from '../core/export/exported-run.ts';
import { ocsfFindings } from '../core/export/ocsf.ts';
import { sarifLog } from '../core/export/sarif.ts';
import { heldClaim, latestRunId, readRun } from '../core/objects/stored-runs.ts';
import { DamagedObject, ObjectNotFound, StoreError, type ObjectStore } from '../core/ports/store.ts';
import { allFindingsOf } from '../core/summary/findings/run-findings.ts';
import { FolderStore } from '../local/folder-store.ts';
import packageFile from '../package.json' with { type: 'json' };
import { regionOfEnvironment } from './aws-credentials.ts';
import { localExecutions } from '../local/local-executions.ts';
import { DEFAULT_OUT } from './default-out.ts';
import { opensInBrowser } from './open-in-browser.ts';
import { withDeployed, type DeployedOptions } from './deployed.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printableJson } from '../core/wording/printable.ts';
import { note, printLine, printLines, say } from './output.ts';
import { expectWhole } from './whole-report.ts';
import { exitCodeOf, messageOf, printRunJson, refusalOf, summaryInWords } from './run-outcome.ts';
import { WrongUsage } from './wrong-usage.ts';

export interface ResultsOptions extends DeployedOptions {
  /** A folder with results on this machine. If undefined: the default folder if it has results, otherwise the deployed audit. */
  readonly out?: string;
  readonly run?: string;
}

/** The object that each format prints: the report, the findings as a table, `run.json`. */
const storedFormats = { html: objects.report, csv: objects.findingsTable, json: objects.run } as const;

/** The formats of other tools are made from the findings when they are asked for. */
const exportFormats = {
  asff: (run: ExportedRun, region: string) => jsonArray(asffFindings(run, region)),
  ocsf: (run: ExportedRun) => jsonArray(ocsfFindings(run)),
  sarif: (run: ExportedRun) => sarifLog(run, packageFile.version),
} as const;

type StoredFormat = keyof typeof storedFormats;
const isStored = (format: ReportOptions['format']): format is StoredFormat => format in storedFormats;

export type StatusOptions = ResultsOptions & { readonly json: boolean };
export type ReportOptions = ResultsOptions & {
  readonly open: boolean;
  /** The service that the findings are imported into. */
  readonly push?: 'security-hub';
  readonly format: StoredFormat | keyof typeof exportFormats;
};

interface Results {
  readonly store: ObjectStore;
  /** Null if the results are in a bucket. */
  readonly folder: FolderStore | null;
  /** What happened to a run that has no run.json, as a sentence; null if it is not known. */
  readonly withoutSummary: (runId: string) => Promise<string | null>;
  /** Why an execution has ended; null if it is still running. */
  readonly endReason: (execution: string) => Promise<string | null>;
}

/** Opens the results that the options name. */
export async function withResults(
  options: ResultsOptions,
  work: (results: Results) => Promise<ExitCode>,
): Promise<ExitCode> {
  const out = options.out ?? (await resultsHere(options));
  if (out === null) {
    return withDeployed(options, ({ store, executions }) =>
      work({
        store,
        folder: null,
        withoutSummary: (runId) => withoutSummary(executions, runId),
        endReason: async (execution) => {
          const state = await executions.state(execution);
          return state.kind === 'running' ? null : state.status;
        },
      }),
    );
  }
  if ((await stat(out).catch(() => null))?.isDirectory() === false) {
    throw new WrongUsage(`${out} is not a folder. Name the folder of the results with --out.`);
  }
  const folder = new FolderStore({ folder: out });
  try {
    const endReason = async (execution: string): Promise<string | null> =>
      (await localExecutions.isRunning(execution)) ? null : 'its process has ended';
    return await work({ store: folder, folder, endReason, withoutSummary: () => Promise.resolve(null) });
  } catch (error: unknown) {
    if (!(error instanceof StoreError)) throw error;
    say(error.message);
    sayDamageAdvice(error);
    return exitCodes.failed;
  }
}

/** Says what to do about an object of a run that is damaged or missing. */
function sayDamageAdvice(error: StoreError): void {
  const isOfRun = error instanceof DamagedObject || error instanceof ObjectNotFound;
  const runId = isOfRun ? /^runs\/([^/]+)\//.exec(error.key)?.[1] : undefined;
  if (runId === undefined) return;
  say(`So run ${runId} can't answer this. Name another run, or start a new one, which does not need this object.`);
}

/**
 * The default folder, if it has results and no option names the deployed audit or the account that it is in. Variables
 * such as AWS_REGION don't count: they may be set for other programs.
 */
async function resultsHere({ stack, stateMachineArn, region, profile }: ResultsOptions): Promise<string | null> {
  if ([stack, stateMachineArn, region, profile].some((named) => named !== undefined)) return null;
  const folder = new FolderStore({ folder: DEFAULT_OUT });
  // During the first run there is only its claim.
  const hasResults = (await folder.exists(objects.latest)) || (await folder.exists(objects.claim));
  if (!hasResults) return null;
  note(`Results: ${DEFAULT_OUT}. For those of the deployed audit, name its Region (--region) or its stack (--stack).`);
  return DEFAULT_OUT;
}

async function withoutSummary(executions: AuditExecutions, runId: string): Promise<string | null> {
  const execution = await executions.ofRun(runId);
  if (execution === null) return null;
  const state = await executions.state(execution.arn);
  if (state.kind === 'running') {
    return `Run ${runId} has not started to audit: it is being planned, or it waits for the end of another run (${execution.name}, since ${execution.startedAt}).`;
  }
  const refusal = refusalOf(JSON.parse(state.output ?? 'null'));
  if (refusal !== null) return `Run ${runId} was refused: ${refusal.message}`;
  return `Run ${runId} ended with status ${state.status} before it was planned${state.cause === null ? '.' : `: ${messageOf(state.cause)}`}`;
}

/** Says that a run, or any run, is missing. @returns the exit code for a failure */
export const sayRunNotFound = (store: ObjectStore, runId: string | undefined): ExitCode => {
  say(
    runId === undefined
      ? `There is no run in ${store.bucket} yet. Start one with iam-audit run or iam-audit start.`
      : `There is no run ${runId} in ${store.bucket}. See the last run with iam-audit status.`,
  );
  return exitCodes.failed;
};

/** Reads a run of the results that the options name: by default the last one. */
export const withRun = (
  options: ResultsOptions,
  work: (store: ObjectStore, run: RunSummary) => Promise<ExitCode>,
): Promise<ExitCode> =>
  withResults(options, async ({ store }) => {
    const runId = options.run ?? (await latestRunId(store, say));
    const run = runId === null ? null : await readRun(store, runId);
    return run === null ? sayRunNotFound(store, options.run) : work(store, run);
  });

/** Shows the status of a run: by default the run in progress, otherwise the last one. */
export const status = (options: StatusOptions): Promise<ExitCode> =>
  withResults(options, async ({ store, endReason, withoutSummary }) => {
    const claim = await heldClaim(store, say);
    const read = (runId: string | null): Promise<RunSummary | null> =>
      runId === null ? Promise.resolve(null) : readRun(store, runId);
    const run =
      options.run === undefined
        ? ((await read(claim?.runId ?? null)) ?? (await read(await latestRunId(store, say))))
        : await read(options.run);
    if (run === null) {
      const outcome = options.run === undefined ? null : await withoutSummary(options.run);
      if (outcome === null) return sayRunNotFound(store, options.run);
      say(outcome);
      return exitCodes.failed;
    }
    // The status is the result. With --json the result is JSON, and the words are messages.
    const tell = options.json ? note : printLine;
    if (options.json) printRunJson(run);
    if (run.status !== 'RUNNING') {
      for (const line of summaryInWords(run)) tell(line);
      return exitCodeOf(run);
    }
    const reason = claim?.runId === run.runId ? await endReason(claim.execution) : 'another run started after it';
    if (reason === null) {
      tell(await progressInWords(store, run.runId, run.startedAt));
      return exitCodes.complete;
    }
    tell(`Run ${run.runId} was interrupted (${reason}). Its results are kept. Continue it with --resume ${run.runId}.`);
    return exitCodes.failed;
  });

async function progressInWords(store: ObjectStore, runId: string, startedAt: string): Promise<string> {
  let planned = 0;
  let done = 0;
  if (await store.exists(objects.accounts(runId))) {
    for await (const line of store.readLines(objects.accounts(runId))) if (line !== '') planned += 1;
  }
  for await (const key of store.list(objects.accountsOf(runId))) if (key.endsWith('/account.json')) done += 1;
  return `Run ${runId} has been in progress since ${startedAt}: ${done} of ${planned} accounts done.`;
}

/** Prints or opens the report of a run: by default of the last one. */
export const report = (options: ReportOptions): Promise<ExitCode> =>
  withResults(options, async ({ store, folder }) => {
    const runId = options.run ?? (await latestRunId(store, say));
    if (runId === null) return sayRunNotFound(store, options.run);
    const { format } = options;
    if (options.push !== undefined) return pushFindingsOf(store, runId, options);
    if (!isStored(format)) return exportFindings(store, runId, format, options);
    const key = storedFormats[format](runId);
    const stored = await store.read(key);
    if (stored === null) {
      const run = await readRun(store, runId);
      if (run === null) return sayRunNotFound(store, runId);
      return sayObjectNotFound(run, key, 'report');
    }
    await expectWhole(store, runId, { key, format, text: stored.text });
    if (!options.open) {
      process.stdout.write(format === 'json' ? printableJson(stored.text) : stored.text);
      return exitCodes.complete;
    }
    const path = folder === null ? await savePrivately(runId, stored.text, format) : folder.path(key);
    note(`Opening ${path}`);
    if (await opensInBrowser(path)) return exitCodes.complete;
    say('No browser could be opened on this machine. Open this file:');
    printLine(path);
    return exitCodes.failed;
  });

/** Prints the findings of a run in the format of another tool. */
async function exportFindings(
  store: ObjectStore,
  runId: string,
  format: keyof typeof exportFormats,
  options: ReportOptions,
): Promise<ExitCode> {
  if (options.open) {
    say(`error: --open opens the report in a browser. It does not go with --format ${format}.`);
    return exitCodes.usage;
  }
  const exported = await findingsToExport(store, runId);
  if (exported === null) return exitCodes.failed;
  await printLines(printableLines(exportFormats[format](exported, regionOf(options))));
  return exitCodes.complete;
}

/** Imports the findings of a run into another service. */
async function* printableLines(json: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of json) yield printableJson(line);
}

async function pushFindingsOf(store: ObjectStore, runId: string, options: ReportOptions): Promise<ExitCode> {
  if (options.open || options.format !== 'html') {
    say('error: --push imports findings. It does not go with --open or --format.');
    return exitCodes.usage;
  }
  const exported = await findingsToExport(store, runId);
  if (exported === null) return exitCodes.failed;
  return (await import('./push-findings.ts')).pushToSecurityHub(exported, options);
}

/**
 * Null if the run has no findings: the reason has been printed. Every finding is read once before, so that no half of a document
 * is printed and no half of the findings is imported.
 * @throws DamagedObject
 */
async function findingsToExport(store: ObjectStore, runId: string): Promise<ExportedRun | null> {
  const run = await readRun(store, runId);
  if (run === null) {
    sayRunNotFound(store, runId);
    return null;
  }
  const key = objects.findings(runId);
  if (run.finishedAt === null || !(await store.exists(key))) {
    sayObjectNotFound(run, key, 'findings');
    return null;
  }
  await readToEnd(allFindingsOf(store, run));
  return { run, findings: allFindingsOf(store, run) };
}

async function readToEnd(items: AsyncIterable<unknown>): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

/** Says why a run does not have an object. @returns the exit code for a failure */
function sayObjectNotFound({ runId, status: ended, finishedAt }: RunSummary, key: string, what: string): ExitCode {
  say(
    finishedAt === null
      ? `Run ${runId} has no ${what} yet: it is still in progress or was interrupted. See iam-audit status --run ${runId}.`
      : `The object ${key} is missing, but run ${runId} ended ${ended}. Name another run, or start a new one.`,
  );
  return exitCodes.failed;
}

/** Security Hub keeps findings by Region. IAM's are shown in us-east-1 unless another Region is named. */
const regionOf = ({ region }: ResultsOptions): string => region ?? regionOfEnvironment() ?? 'us-east-1';

/** Saves the report in a new folder and file that only the user can read, because it lists permissions. */
async function savePrivately(runId: string, text: string, format: StoredFormat): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'iam-audit-')), `${runId}.${format}`);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

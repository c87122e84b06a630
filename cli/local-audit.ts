import { randomUUID } from 'node:crypto';
import type { SdkAccountAccess } from '../aws/account-access.ts';
import { defaultSettings } from '../core/contract/environment.ts';
import type { ExecutionInput } from '../core/contract/execution-input.ts';
import { objects } from '../core/contract/objects.ts';
import { releaseClaim } from '../core/run/claim.ts';
import { readRun } from '../core/objects/stored-runs.ts';
import { summariseRun } from '../core/states/summarise-run.ts';
import { localAccounts, type AuditSettings, type Services } from '../core/ports/services.ts';
import { UnstoredWork } from '../core/ports/calls/unstored-work.ts';
import { MonotonicClock } from '../core/ports/monotonic-clock.ts';
import { CountedStore } from '../core/ports/store-requests.ts';
import { FolderStore } from '../local/folder-store.ts';
import { localExecutionId, localExecutions } from '../local/local-executions.ts';
import { systemClock } from '../local/system-clock.ts';
import { runWorkflow, type LocalRunResult } from '../local/run-workflow.ts';
import { resumeAdvice } from './error-messages.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { reportPage } from '../report-app/built/page.ts';
import { say } from './output.ts';
import { exitCodeOf, messageOf, printRunJson, refusalOf, saySummary, sayWorstFindings } from './run-outcome.ts';
import { Progress } from './progress.ts';
import { noteSynthesis } from './synthesis-note.ts';

export interface LocalAudit {
  readonly folder: string;
  readonly access: SdkAccountAccess;
  readonly input: ExecutionInput;
  readonly settings?: Partial<AuditSettings>;
  readonly json: boolean;
  /** The command that resumes an unfinished run, without the run's ID; null if the run can't be resumed. */
  readonly resumeWith: string | null;
}

/** Audits on this machine, and shows the progress and the result. */
export async function auditLocally({
  folder,
  access,
  input,
  settings,
  json,
  resumeWith,
}: LocalAudit): Promise<ExitCode> {
  const store = new FolderStore({ folder });
  const progress = new Progress(process.stderr, () => access.totals());
  // All accounts of a run read some of the objects, and each would print the same warning about them.
  const warned = new Set<string>();
  const services: Services = {
    store,
    access,
    executions: localExecutions,
    // If the clock of this machine is set back during a run, waits do not become longer.
    clock: new MonotonicClock(systemClock),
    random: Math.random,
    unstoredWork: new UnstoredWork(),
    settings: {
      ...defaultSettings,
      ...localAccounts,
      notify: 'never',
      ...settings,
    },
    warn: (message) => {
      if (warned.has(message)) return;
      warned.add(message);
      progress.clear();
      say(`warning: ${message}`);
    },
    onProgress: (event) => {
      progress.progressed(event);
    },
  };
  const abort = new AbortController();
  const interrupt = (): void => {
    progress.clear();
    if (abort.signal.aborted) {
      say('Stopped at once. The results written so far are kept; the next run says how to resume.');
      process.exit(exitCodes.interrupted);
    }
    say('Stopping: calls in progress are finished and their results are written. Press Ctrl-C again to stop at once.');
    abort.abort();
  };
  process.on('SIGINT', interrupt);
  const name = randomUUID();
  try {
    await store.removeLeftovers();
    const result = await runWorkflow({
      name,
      id: localExecutionId(name),
      input,
      services,
      signal: abort.signal,
      onEvent: (event) => {
        progress.event(event);
      },
      onSynthesis: () => {
        progress.clear();
        noteSynthesis();
      },
    });
    if (result.status === 'ABORTED') await summariseStoppedRun(result.runId, store, services);
    progress.stop();
    return await sayOutcome(result, { store, json, resumeWith, warned });
  } finally {
    progress.stop();
    process.off('SIGINT', interrupt);
  }
}

/** Prints how the run ended, in words and, with `json`, as `run.json`. */
async function sayOutcome(
  result: LocalRunResult,
  {
    store,
    json,
    resumeWith,
    warned,
  }: Pick<LocalAudit, 'json' | 'resumeWith'> & { readonly store: FolderStore; readonly warned: ReadonlySet<string> },
): Promise<ExitCode> {
  const { runId } = result;
  const run = await readRun(store, runId);
  if (run === null) {
    const refusal = result.status === 'SUCCEEDED' ? refusalOf(result.output) : null;
    if (refusal !== null) {
      say(refusal.message);
      return refusal.exitCode;
    }
    const reason = result.status === 'SUCCEEDED' ? `Run ${runId} ended without a run.json.` : messageOf(result.cause);
    say(result.status === 'ABORTED' ? `Run ${runId} was stopped before it began. Nothing was audited.` : reason);
    const advice = result.status === 'FAILED' ? resumeAdvice({ code: result.error, message: reason }) : null;
    if (advice !== null) say(advice);
    return exitCodes.failed;
  }
  if (run.status === 'RUNNING') {
    // The execution's error says why. The numbers in run.json are those of its beginning.
    sayEndWithoutSummary(runId, result);
  } else {
    saySummary(run, warned);
    await sayWorstFindings(store, run);
    say(`Report: ${store.path(objects.report(runId))}`);
  }
  if (run.status !== 'COMPLETE' && resumeWith !== null) {
    say(`To audit what is missing: ${resumeWith} --resume ${runId}`);
  }
  if (json) printRunJson(run);
  // The workflow has ended, so a run that is still RUNNING did not succeed.
  return run.status === 'RUNNING' ? exitCodes.failed : exitCodeOf(run);
}

/** Says why a run ended without a summary, and what must change before it can be continued. */
function sayEndWithoutSummary(runId: string, result: LocalRunResult): void {
  if (result.status === 'SUCCEEDED') {
    say(`Run ${runId} has no summary.`);
    return;
  }
  const message = messageOf(result.cause);
  say(`Run ${runId} ended before it was summarised, but what it found is kept: ${message}`);
  const advice = resumeAdvice({ code: result.error, message });
  if (advice !== null) say(advice);
}

/** Summarises a stopped run from the evidence that it wrote. A later run can resume it. */
async function summariseStoppedRun(runId: string, store: FolderStore, services: Services): Promise<void> {
  const run = await readRun(store, runId);
  if (run === null) {
    await releaseClaim(store, runId);
  } else if (run.status === 'RUNNING') {
    const error = { code: 'Interrupted', message: 'The run was stopped.' };
    const counted = new CountedStore(store);
    await summariseRun(
      { runId, error },
      { ...services, store: counted },
      { remainingMs: () => 0, memoryMegabytes: 1024, storeRequests: () => counted.requests },
      reportPage,
    );
  }
}

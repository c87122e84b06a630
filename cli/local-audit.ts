import { randomUUID } from 'node:crypto';
import type { SdkAccountAccess } from '../aws/account-access.ts';
import { defaultSettings } from '../core/contract/environment.ts';
import type { ExecutionInput } from '../core/contract/execution-input.ts';
import { objects } from '../core/contract/objects.ts';
import type { CallCounts } from '../core/contract/run.ts';
import { releaseClaim } from '../core/run/claim.ts';
import { readRun } from '../core/objects/stored-runs.ts';
import { summariseRun } from '../core/states/summarise-run.ts';
import type { AuditSettings, Services } from '../core/ports/services.ts';
import { CountedStore } from '../core/ports/store-requests.ts';
import { FolderStore } from '../local/folder-store.ts';
import { localExecutionId, localExecutions } from '../local/local-executions.ts';
import { systemClock } from '../local/system-clock.ts';
import { runWorkflow, type LocalRunResult } from '../local/run-workflow.ts';
import { exitCodes, INTERRUPTED, type ExitCode } from './exit-codes.ts';
import { exitCodeOf, messageOf, refusalOf, printRun, say, sayRun } from './output.ts';
import { Progress, type Counted } from './progress.ts';

export interface LocalAudit {
  readonly folder: string;
  readonly access: SdkAccountAccess;
  readonly input: ExecutionInput;
  readonly settings?: Partial<AuditSettings>;
  readonly json: boolean;
  /** The command that goes on with an unfinished run, without the run's id; null where there is none. */
  readonly resumeWith: string | null;
}

/** Audits on this machine, shows how it goes, and says in the end what came of it. */
export async function auditLocally({
  folder,
  access,
  input,
  settings,
  json,
  resumeWith,
}: LocalAudit): Promise<ExitCode> {
  const store = new FolderStore({ folder });
  const progress = new Progress(process.stderr, () => totals(access.totals()));
  const services: Services = {
    store,
    access,
    executions: localExecutions,
    clock: systemClock,
    random: Math.random,
    settings: { ...defaultSettings, accountIds: null, onlyConfigured: false, notify: 'never', ...settings },
    warn: (message) => {
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
      say('Left at once. What was written before is kept; the next run says how to go on with it.');
      process.exit(INTERRUPTED);
    }
    say('Stopping: what is in flight is finished and written. Press Ctrl-C again to leave at once.');
    abort.abort();
  };
  process.on('SIGINT', interrupt);
  const name = randomUUID();
  try {
    const result = await runWorkflow({
      name,
      id: localExecutionId(name),
      input,
      services,
      signal: abort.signal,
      onEvent: (event) => {
        progress.event(event);
      },
    });
    if (result.status === 'ABORTED') await closeAborted(result.runId, store, services);
    progress.stop();
    return await conclude(result, store, json, resumeWith);
  } finally {
    progress.stop();
    process.off('SIGINT', interrupt);
  }
}

/** Says how the run ended, in words or as `run.json`. */
async function conclude(
  result: LocalRunResult,
  store: FolderStore,
  json: boolean,
  resumeWith: string | null,
): Promise<ExitCode> {
  const { runId } = result;
  const run = await readRun(store, runId);
  if (run === null) {
    const reason =
      result.status === 'SUCCEEDED' ? (refusalOf(result.output) ?? 'It left no run.json.') : messageOf(result.cause);
    say(result.status === 'ABORTED' ? `Run ${runId} was stopped before it began: nothing was audited.` : reason);
    return exitCodes.failed;
  }
  sayRun(run);
  if (run.status === 'RUNNING') {
    // The run ended without a summary: the execution's own fault says why.
    say(result.status === 'SUCCEEDED' ? `Run ${runId} has no summary.` : messageOf(result.cause));
  } else {
    say(`Report: ${store.path(objects.report(runId))}`);
  }
  if (run.status !== 'COMPLETE' && resumeWith !== null) {
    say(`To go on with what is missing: ${resumeWith} --resume ${runId}`);
  }
  if (json) printRun(run);
  // What nobody works on any more and has no end is no success.
  return run.status === 'RUNNING' ? exitCodes.failed : exitCodeOf(run);
}

function totals(calls: Readonly<Record<string, CallCounts>>): Counted {
  const all = Object.values(calls);
  const sum = (field: keyof Counted): number => all.reduce((total, counts) => total + counts[field], 0);
  return { sent: sum('sent'), throttled: sum('throttled') };
}

/** A run that was stopped is summarised from what it has left: its evidence is good, and a later run resumes it. */
async function closeAborted(runId: string, store: FolderStore, services: Services): Promise<void> {
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
    );
  }
}

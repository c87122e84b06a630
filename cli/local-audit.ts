import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { SdkAccountAccess } from '../aws/account-access.ts';
import { RunSummary, type CallCounts } from '../core/contract/run.ts';
import type { ExecutionInput } from '../core/contract/execution-input.ts';
import { defaultSettings } from '../core/contract/environment.ts';
import { objects } from '../core/contract/objects.ts';
import { printable, summariseInWords } from '../core/report/summary.ts';
import { runIdOf } from '../core/run/run-id.ts';
import { summariseRun } from '../core/run/summarise-run.ts';
import type { AuditSettings, Services } from '../core/services.ts';
import { FolderStore } from '../local/folder-store.ts';
import { localExecutionId, localExecutions } from '../local/local-executions.ts';
import { systemClock } from '../local/real-time.ts';
import { runWorkflow } from '../local/run-workflow.ts';
import { Progress, type Counted } from './progress.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';

export interface LocalAudit {
  readonly folder: string;
  readonly access: SdkAccountAccess;
  readonly input: ExecutionInput;
  readonly settings?: Partial<AuditSettings>;
  readonly json: boolean;
}

/** Audits on this machine, shows how it goes, and says in the end what came of it. */
export async function auditLocally({ folder, access, input, settings, json }: LocalAudit): Promise<ExitCode> {
  const store = new FolderStore({ folder });
  const services: Services = {
    store,
    access,
    executions: localExecutions,
    clock: systemClock,
    random: Math.random,
    settings: { ...defaultSettings, accountIds: null, ...settings },
    warn: (message) => process.stderr.write(`warning: ${printable(message)}\n`),
  };
  const abort = new AbortController();
  const interrupt = (): void => {
    if (abort.signal.aborted) process.exit(130);
    process.stderr.write(
      '\nStopping: what is in flight is finished and written. Press Ctrl-C again to leave at once.\n',
    );
    abort.abort();
  };
  process.on('SIGINT', interrupt);
  const progress = new Progress(process.stderr, () => totals(access.totals()));
  const name = randomUUID();
  const startedAt = new Date().toISOString();
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
    progress.stop();
    const runId = await runIdOf(name, startedAt);
    if (result.status === 'ABORTED') await closeAborted(store, services);
    const run = await lastRun(store);
    if (run === null || (result.status === 'FAILED' && result.error !== 'RunFailed')) {
      const cause = result.status === 'SUCCEEDED' ? '' : messageOf(result.cause);
      process.stderr.write(`${printable(cause === '' ? `Run ${runId} left no result.` : cause)}\n`);
      return exitCodes.failed;
    }
    for (const line of summariseInWords(run)) process.stderr.write(`${line}\n`);
    process.stderr.write(`Report: ${store.path(objects.report(run.runId))}\n`);
    if (run.status !== 'COMPLETE') process.stderr.write(`To go on with what is missing: --resume ${run.runId}\n`);
    if (json) process.stdout.write(`${JSON.stringify(run, null, 2)}\n`);
    return exitCodes[run.status === 'COMPLETE' ? 'complete' : run.status === 'PARTIAL' ? 'partial' : 'failed'];
  } finally {
    progress.stop();
    process.off('SIGINT', interrupt);
  }
}

function totals(calls: Readonly<Record<string, CallCounts>>): Counted {
  const all = Object.values(calls);
  const sum = (field: keyof Counted): number => all.reduce((total, counts) => total + counts[field], 0);
  return { sent: sum('sent'), throttled: sum('throttled') };
}

/** The message in a Lambda's cause, which is JSON; any other cause as it is. */
function messageOf(cause: string): string {
  try {
    const parsed = v.safeParse(v.object({ errorMessage: v.string() }), JSON.parse(cause));
    return parsed.success ? parsed.output.errorMessage : cause;
  } catch {
    return cause;
  }
}

const Latest = v.object({ runId: v.string() });

async function lastRun(store: FolderStore): Promise<RunSummary | null> {
  const latest = await store.read(objects.latest);
  if (latest === null) return null;
  const stored = await store.read(objects.run(v.parse(Latest, JSON.parse(latest.text)).runId));
  return stored === null ? null : v.parse(RunSummary, JSON.parse(stored.text));
}

/** A run that was stopped is summarised from what it has left: its evidence is good, and a later run resumes it. */
async function closeAborted(store: FolderStore, services: Services): Promise<void> {
  const claim = await store.read(objects.claim);
  if (claim === null) return;
  const { runId } = v.parse(Latest, JSON.parse(claim.text));
  if (!(await store.exists(objects.accounts(runId)))) return;
  const error = { code: 'Interrupted', message: 'The run was stopped.' };
  await summariseRun({ runId, error }, services, { remainingMs: () => 0, memoryMegabytes: 1024 });
}

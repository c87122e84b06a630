import { randomBytes } from 'node:crypto';
import type { AccountProgress, AuditExecutions, ExecutionState, StartedExecution } from '../aws/audit-executions.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { runIdOf } from '../core/run/run-id.ts';
import { heldClaim, readRun } from '../core/objects/stored-runs.ts';
import { systemClock } from '../local/real-time.ts';
import { withDeployed, type Deployed, type DeployedOptions } from './deployed.ts';
import { exitCodes, INTERRUPTED, type ExitCode } from './exit-codes.ts';
import { LiveLine } from './live-line.ts';
import { exitCodeOf, messageOf, refusalOf, printRun, say, sayRun } from './output.ts';
import { duration } from './progress.ts';
import { executionInput, type ScopeOptions } from './scope-options.ts';

export type StartOptions = DeployedOptions & ScopeOptions & { readonly wait: boolean; readonly json: boolean };

type Ended = Extract<ExecutionState, { kind: 'ended' }>;

/** Soon at first, for short runs; then as seldom as a person would look. */
const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 10_000;

/** Starts the deployed workflow, and follows it if asked to. */
export const start = (options: StartOptions): Promise<ExitCode> =>
  withDeployed(options, async (deployed) => {
    const running = await deployed.executions.running();
    if (running.length > 0) {
      const claim = await heldClaim(deployed.store);
      for (const line of inProgress(running, claim?.execution ?? null)) say(line);
      return exitCodes.failed;
    }
    const started = await deployed.executions.start(executionName(), executionInput(options));
    const runId = await runIdOf(started.name, started.startedAt);
    say(`Started run ${runId}: ${started.arn}`);
    if (options.wait) return follow(deployed, started, runId, options.json);
    const refusal = await refusedAtOnce(deployed, started, runId);
    if (refusal !== null) {
      say(`The run was refused: ${refusal}`);
      return exitCodes.failed;
    }
    say(`Follow it: iam-audit status --run ${runId}`);
    return exitCodes.complete;
  });

/**
 * Says which run is in progress, and which executions wait for its end.
 * @param holder the execution that holds the claim: the one that audits
 */
function inProgress(running: readonly StartedExecution[], holder: string | null): string[] {
  const auditing = running.find(({ arn }) => arn === holder) ?? running.at(-1);
  if (auditing === undefined) return [];
  return [
    `A run is in progress already: ${auditing.name}, since ${auditing.startedAt}. Wait for it (iam-audit status), or stop it: ${stopCommand(auditing)}`,
    ...running
      .filter((execution) => execution !== auditing)
      .map(({ name, startedAt }) => `${name}, started by the schedule at ${startedAt}, waits for its end.`),
  ];
}

/** Planning takes a few seconds, and a mistyped input is refused before it. */
const PLANNING_MS = 20_000;

/** Why the run was refused; null once it has been planned, or where planning takes longer than a person would wait. */
async function refusedAtOnce(
  { executions, store }: Deployed,
  started: StartedExecution,
  runId: string,
): Promise<string | null> {
  const until = systemClock.now() + PLANNING_MS;
  while (systemClock.now() < until) {
    await systemClock.sleep(FIRST_POLL_MS);
    const state = await passing(() => executions.state(started.arn));
    if (state?.kind === 'ended') return refusalOf(JSON.parse(state.output ?? 'null'));
    if ((await readRun(store, runId)) !== null) return null;
  }
  return null;
}

/** Unique, and valid as an execution's name. */
const executionName = (): string =>
  `manual-${new Date(systemClock.now()).toISOString().replace(/[^0-9TZ]/g, '')}-${randomBytes(3).toString('hex')}`;

const stopCommand = ({ arn }: StartedExecution): string => `aws stepfunctions stop-execution --execution-arn ${arn}`;

async function follow(
  { executions, store }: Deployed,
  started: StartedExecution,
  runId: string,
  json: boolean,
): Promise<ExitCode> {
  const line = new LiveLine(process.stderr);
  const sayGoesOn = (): void => {
    line.clear();
    say(`The run goes on. Follow it: iam-audit status --run ${runId}. Stop it: ${stopCommand(started)}`);
  };
  const interrupt = (): void => {
    sayGoesOn();
    process.exit(INTERRUPTED);
  };
  process.on('SIGINT', interrupt);
  try {
    const ended = await awaitEnd(executions, started, line).catch((error: unknown) => {
      sayGoesOn();
      throw error;
    });
    line.clear();
    const run = await readRun(store, runId);
    if (run === null || run.status === 'RUNNING') {
      const refusal = refusalOf(JSON.parse(ended.output ?? 'null'));
      if (refusal !== null) {
        say(`The run was refused: ${refusal}`);
        return exitCodes.failed;
      }
      const why = [ended.error ?? '', messageOf(ended.cause ?? '')].filter((part) => part !== '').join(': ');
      say(`The run ended as ${ended.status}${why === '' ? '' : `: ${why}`}`);
      return exitCodes.failed;
    }
    sayRun(run);
    say(`Report: iam-audit report --open --run ${runId}`);
    if (json) printRun(run);
    return exitCodeOf(run);
  } finally {
    process.off('SIGINT', interrupt);
  }
}

async function awaitEnd(executions: AuditExecutions, started: StartedExecution, line: LiveLine): Promise<Ended> {
  const since = Date.parse(started.startedAt);
  for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(LONGEST_POLL_MS, waitMs * 1.5)) {
    await systemClock.sleep(waitMs);
    const state = await passing(() => executions.state(started.arn));
    if (state?.kind === 'ended') return state;
    // Progress is a courtesy: who may not see it follows the run all the same.
    const accounts = await executions.accounts(started.arn).catch((error: unknown) => {
      if (error instanceof AwsFault) return null;
      throw error;
    });
    line.show(`${progressOf(accounts)} · for ${duration(systemClock.now() - since)}`);
  }
}

/** A fault that passes is no reason to stop following: null, and the next poll asks again. */
async function passing<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error: unknown) {
    if (error instanceof AwsFault && (error.kind === 'transient' || error.kind === 'throttled')) return null;
    throw error;
  }
}

function progressOf(accounts: AccountProgress | null): string {
  if (accounts === null) return 'planning';
  const { total, succeeded, running, failed } = accounts;
  return `${succeeded} of ${total} accounts done · ${running} running${failed === 0 ? '' : ` · ${failed} failed`}`;
}

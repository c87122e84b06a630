import { randomBytes } from 'node:crypto';
import type { AccountProgress, AuditExecutions, ExecutionState, StartedExecution } from '../aws/audit-executions.ts';
import type { StartedRun } from '../core/contract/answers/started-run.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { runIdOf } from '../core/run/run-id.ts';
import { heldClaim, readRun } from '../core/objects/stored-runs.ts';
import { systemClock } from '../local/system-clock.ts';
import { withDeployed, type Deployed, type DeployedOptions } from './deployed.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { LiveLine } from './live-line.ts';
import { printJson, say } from './output.ts';
import {
  exitCodeOf,
  messageOf,
  printRunJson,
  refusalOf,
  saySummary,
  sayWorstFindings,
  type Refusal,
} from './run-outcome.ts';
import { duration } from './progress.ts';
import { exceptionsFileProblem } from '../core/findings/exceptions.ts';
import { shellQuoted } from './shell-quoted.ts';
import { WrongUsage } from './wrong-usage.ts';
import { executionInput, type ScopeOptions } from './scope-options.ts';

export type StartOptions = DeployedOptions & ScopeOptions & { readonly wait: boolean; readonly json: boolean };

type Ended = Extract<ExecutionState, { kind: 'ended' }>;

/** The first poll comes early, for short runs. The interval then grows to the maximum. */
const FIRST_POLL_MS = 1_000;
const MAX_POLL_MS = 10_000;

/** Starts the deployed workflow. With `wait` it follows the run to its end. */
export async function start(options: StartOptions): Promise<ExitCode> {
  const problem = options.exceptions === undefined ? null : exceptionsFileProblem(options.exceptions);
  if (problem !== null) throw new WrongUsage(`error: --exceptions: ${problem}`);
  return withDeployed(options, async (deployed) => {
    const running = await deployed.executions.running();
    if (running.length > 0) {
      const claim = await heldClaim(deployed.store, say);
      for (const line of inProgressMessages(running, claim?.execution ?? null)) say(line);
      return exitCodes.failed;
    }
    const started = await deployed.executions.start(executionName(), executionInput(options));
    const runId = await runIdOf(started.name, started.startedAt);
    say(`Started run ${runId}: ${started.arn}`);
    if (options.wait) return follow(deployed, started, runId, options.json);
    const refusal = await refusalWhilePlanning(deployed, started, runId);
    if (refusal !== null) {
      say(`The run was refused: ${refusal.message}`);
      return refusal.exitCode;
    }
    say(`Follow it: iam-audit status ${selection(options)}--run ${runId}`);
    const answer: StartedRun = { schemaVersion: 1, runId, execution: started.arn, startedAt: started.startedAt };
    if (options.json) printJson(answer);
    return exitCodes.complete;
  });
}

/** The options that select the deployed audit, for commands to follow a run: results may lie in the default folder too. */
const selection = ({ profile, region, stack, stateMachineArn }: DeployedOptions): string =>
  Object.entries({ '--profile': profile, '--region': region, '--stack': stack, '--state-machine-arn': stateMachineArn })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${shellQuoted(value)} `]))
    .join('');

/**
 * Says which run is in progress, and which executions wait for its end.
 * @param holder the execution that holds the claim, which is the one that audits
 */
function inProgressMessages(running: readonly StartedExecution[], holder: string | null): string[] {
  const auditing = running.find(({ arn }) => arn === holder) ?? running.at(-1);
  if (auditing === undefined) return [];
  return [
    `A run is already in progress: ${auditing.name}, since ${auditing.startedAt}. Wait until it ends (iam-audit status), or stop it: ${stopCommand(auditing)}`,
    ...running
      .filter((execution) => execution !== auditing)
      .map(
        ({ name, startedAt }) =>
          `Execution ${name}, started by the schedule at ${startedAt}, waits until this run ends.`,
      ),
  ];
}

/** Planning takes a few seconds. A wrong input is refused during this time. */
const PLANNING_MS = 20_000;

/** Why the run was refused; null if it was planned, or if planning takes longer than `PLANNING_MS`. */
async function refusalWhilePlanning(
  { executions, store }: Deployed,
  started: StartedExecution,
  runId: string,
): Promise<Refusal | null> {
  const until = systemClock.now() + PLANNING_MS;
  while (systemClock.now() < until) {
    await systemClock.sleep(FIRST_POLL_MS);
    const state = await nullIfTransient(() => executions.state(started.arn));
    if (state?.kind === 'ended') return refusalOf(JSON.parse(state.output ?? 'null'));
    if ((await readRun(store, runId)) !== null) return null;
  }
  return null;
}

/** A unique name that is valid for an execution. */
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
  const sayRunContinues = (): void => {
    line.clear();
    say(`The run continues. Follow it: iam-audit status --run ${runId}. Stop it: ${stopCommand(started)}`);
  };
  const interrupt = (): void => {
    sayRunContinues();
    process.exit(exitCodes.interrupted);
  };
  process.on('SIGINT', interrupt);
  try {
    const ended = await waitForEnd(executions, started, line).catch((error: unknown) => {
      sayRunContinues();
      throw error;
    });
    line.clear();
    const run = await readRun(store, runId);
    if (run === null || run.status === 'RUNNING') {
      const refusal = refusalOf(JSON.parse(ended.output ?? 'null'));
      if (refusal !== null) {
        say(`The run was refused: ${refusal.message}`);
        return refusal.exitCode;
      }
      const why = [ended.error ?? '', messageOf(ended.cause ?? '')].filter((part) => part !== '').join(': ');
      say(`The run ended with status ${ended.status}${why === '' ? '' : `: ${why}`}`);
      return exitCodes.failed;
    }
    saySummary(run);
    await sayWorstFindings(store, run);
    say(`Report: iam-audit report --open --run ${runId}`);
    if (json) printRunJson(run);
    return exitCodeOf(run);
  } finally {
    process.off('SIGINT', interrupt);
  }
}

async function waitForEnd(executions: AuditExecutions, started: StartedExecution, line: LiveLine): Promise<Ended> {
  const since = Date.parse(started.startedAt);
  for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(MAX_POLL_MS, waitMs * 1.5)) {
    await systemClock.sleep(waitMs);
    const state = await nullIfTransient(() => executions.state(started.arn));
    if (state?.kind === 'ended') return state;
    // Progress is optional: a caller without permission to read it can still wait for the end.
    const accounts = await executions.accounts(started.arn).catch((error: unknown) => {
      if (error instanceof AwsFault) return null;
      throw error;
    });
    line.show(`${progressOf(accounts)} · ${duration(systemClock.now() - since)} so far`);
  }
}

/** Returns null for a transient or throttled call. The next poll tries again. */
async function nullIfTransient<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
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

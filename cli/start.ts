import { randomBytes } from 'node:crypto';
import type { AccountProgress, AuditExecutions, StartedExecution } from '../aws/audit-executions.ts';
import { runIdOf } from '../core/run/run-id.ts';
import { readRun } from '../core/run/stored-runs.ts';
import { systemClock } from '../local/real-time.ts';
import { withDeployed, type Deployed, type DeployedOptions } from './deployed.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { LiveLine } from './live-line.ts';
import { exitCodeOf, messageOf, printRun, say, sayRun } from './output.ts';
import { duration } from './progress.ts';
import { executionInput, type ScopeOptions } from './scope-options.ts';

export type StartOptions = DeployedOptions & ScopeOptions & { readonly wait: boolean; readonly json: boolean };

/** Soon at first, for short runs; then as seldom as a person would look. */
const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 10_000;
const INTERRUPTED = 130;

/** Starts the deployed workflow, and follows it if asked to. */
export const start = (options: StartOptions): Promise<ExitCode> =>
  withDeployed(options, async (deployed) => {
    const running = await deployed.executions.running();
    if (running !== null) {
      say(
        `A run is in progress already: ${running.name}, since ${running.startedAt}. Wait for it (iam-audit status), or stop it: ${stopCommand(running)}`,
      );
      return exitCodes.failed;
    }
    const started = await deployed.executions.start(executionName(), executionInput(options));
    const runId = await runIdOf(started.name, started.startedAt);
    say(`Started run ${runId}: ${started.arn}`);
    if (options.wait) return follow(deployed, started, runId, options.json);
    say(`Follow it: iam-audit status --run ${runId}`);
    return exitCodes.complete;
  });

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
  const interrupt = (): void => {
    line.clear();
    say(`The run goes on. Follow it: iam-audit status --run ${runId}. Stop it: ${stopCommand(started)}`);
    process.exit(INTERRUPTED);
  };
  process.on('SIGINT', interrupt);
  try {
    const ended = await awaitEnd(executions, started, line);
    line.clear();
    const run = await readRun(store, runId);
    if (run === null || run.status === 'RUNNING') {
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

async function awaitEnd(executions: AuditExecutions, started: StartedExecution, line: LiveLine) {
  const since = Date.parse(started.startedAt);
  for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(LONGEST_POLL_MS, waitMs * 1.5)) {
    await systemClock.sleep(waitMs);
    const state = await executions.state(started.arn);
    if (state.kind === 'ended') return state;
    line.show(`${progressOf(await executions.accounts(started.arn))} · for ${duration(systemClock.now() - since)}`);
  }
}

function progressOf(accounts: AccountProgress | null): string {
  if (accounts === null) return 'planning';
  const { total, succeeded, running, failed } = accounts;
  return `${succeeded} of ${total} accounts done · ${running} running${failed === 0 ? '' : ` · ${failed} failed`}`;
}

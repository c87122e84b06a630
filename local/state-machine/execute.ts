import { Execution } from './execution.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import { ExecutionTime } from './execution-time.ts';
import { ExecutionAborted, StateFault } from './faults.ts';
import { newJournal, type Journal } from './journal.ts';
import type { LoadedMachine } from './loaded-state.ts';
import { checkPayload } from './payload.ts';
import { timestamp } from './timestamp.ts';
import { Variables } from './variables.ts';

export interface ExecutionStart {
  readonly name: string;
  readonly id: string;
  readonly input: unknown;
  /** Milliseconds since the epoch. The context object shows it as StartTime. */
  readonly startedAt: number;
}

export type ExecutionResult = {
  /** State transitions that Step Functions would bill. */
  readonly transitions: number;
} & (
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; readonly error: string; readonly cause: string }
);

/**
 * Runs a state machine from start to end.
 * @param journal that of an earlier call whose execution did not succeed: the execution is redriven
 */
export async function execute(
  machine: LoadedMachine,
  start: ExecutionStart,
  environment: ExecutionEnvironment,
  journal: Journal = newJournal(),
): Promise<ExecutionResult> {
  const { id, name, input, startedAt } = start;
  const count = { transitions: 0 };
  // A redrive has the whole time again.
  const begunAt = journal.at === null ? startedAt : environment.clock.now();
  const deadline = machine.timeoutSeconds === null ? Number.POSITIVE_INFINITY : begunAt + machine.timeoutSeconds * 1000;
  const time = new ExecutionTime(environment.clock, deadline, environment.signal);
  const execution = new Execution(
    environment,
    { Id: id, Name: name, StartTime: timestamp(startedAt), Input: input },
    time,
    count,
    journal,
  );
  try {
    checkPayload(input, 'the execution’s input');
    const output = await execution.run(machine.processor, input, Variables.ofExecution());
    return { status: 'SUCCEEDED', output, ...count };
  } catch (error: unknown) {
    if (error instanceof ExecutionAborted) {
      return { status: 'ABORTED', error: 'Aborted', cause: error.message, ...count };
    }
    if (!(error instanceof StateFault)) throw error;
    const timedOut = error.error === 'States.Timeout' && time.isOver;
    return { status: timedOut ? 'TIMED_OUT' : 'FAILED', error: error.error, cause: error.reason, ...count };
  }
}

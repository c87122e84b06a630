/** The definition is not one that can be run here. Names the state, and the field where there is one. */
export class DefinitionError extends Error {
  override name = 'DefinitionError';
  constructor(
    /** The state's name, behind those of the Maps around it; empty for the machine itself. */
    readonly state: string,
    readonly field: string | null,
    problem: string,
  ) {
    super(`${state === '' ? 'The state machine' : `State ${state}`}${field === null ? '' : `, ${field}`}: ${problem}`);
  }
}

/** What a state failed with: Step Functions' error name and cause. */
export class StateFault extends Error {
  override name = 'StateFault';
  constructor(
    readonly error: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${error}: ${reason}`, options);
  }
}

/** The execution was stopped from outside. */
export class ExecutionAborted extends Error {
  override name = 'ExecutionAborted';
}

/** ErrorHandling that States.ALL does not match (Step Functions Developer Guide, "Error names"). */
const UNCATCHABLE = ['States.DataLimitExceeded', 'States.Runtime'];

/** Whether `names`, an ErrorEquals, speaks of this fault. */
export function matchesFault(names: readonly string[], { error }: StateFault): boolean {
  if (names.includes(error)) return true;
  if (UNCATCHABLE.includes(error)) return false;
  return names.includes('States.ALL') || (names.includes('States.TaskFailed') && error !== 'States.Timeout');
}

/** What a fault of a Lambda function looks like to the workflow: the error's name, and a cause in JSON. */
export function taskFault(error: unknown): StateFault {
  if (error instanceof StateFault) return error;
  if (!(error instanceof Error)) return new StateFault('Error', JSON.stringify({ errorMessage: String(error) }));
  const cause = {
    errorType: error.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n').slice(0, 8),
  };
  return new StateFault(error.name, JSON.stringify(cause), { cause: error });
}

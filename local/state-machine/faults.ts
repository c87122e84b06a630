/** The definition cannot be run here. The error names the state and, if there is one, the field. */
export class DefinitionError extends Error {
  override name = 'DefinitionError';
  constructor(
    /**
     * The names of the Maps around the state and the state's name, separated by slashes; empty for the state machine.
     */
    readonly state: string,
    readonly field: string | null,
    problem: string,
  ) {
    super(`${state === '' ? 'The state machine' : `State ${state}`}${field === null ? '' : `, ${field}`}: ${problem}`);
  }
}

/** A state's failure, with an error name and a cause as in Step Functions. */
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

/** The execution was stopped by its abort signal. */
export class ExecutionAborted extends Error {
  override name = 'ExecutionAborted';
}

/** Errors that States.ALL does not match (Step Functions Developer Guide, "Error names"). */
const UNCATCHABLE = ['States.DataLimitExceeded', 'States.Runtime'];

/** Whether `names`, the value of an ErrorEquals, matches this fault. */
export function matchesFault(names: readonly string[], { error }: StateFault): boolean {
  if (names.includes(error)) return true;
  if (UNCATCHABLE.includes(error)) return false;
  return names.includes('States.ALL') || (names.includes('States.TaskFailed') && error !== 'States.Timeout');
}

/** Converts an error of a Lambda function into the fault that the workflow receives: a name, and a cause in JSON. */
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

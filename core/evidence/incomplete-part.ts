import { AwsFault } from '../ports/aws-fault.ts';
import type { PartKind, WorklistLine } from '../contract/account-objects.ts';
import type { LastAccessed, Permissions, Problem } from '../contract/evidence.ts';
import { interrupted } from './interrupted.ts';
import { failedLastAccessed, type Outcome } from './last-accessed.ts';
import { failedPermissions } from './permissions.ts';

export type PartOutcome = Outcome<LastAccessed> | Outcome<Permissions>;

/** Not a fault: the time ran out, and the next attempt does the rest. */
export class OutOfTime extends Error {
  override name = 'Interrupted';
}

/** The reason for not starting work while another application uses up the rate. */
export const overrun = (): AwsFault =>
  new AwsFault(
    'throttled',
    'Throttling',
    'AWS throttled nearly every call (Rate exceeded): another application uses up the rate.',
  );

const throttledProblem = (step: PartKind, { message }: AwsFault): Problem => ({ step, code: 'Throttled', message });

/** The problem of a part on which no work was started. */
export const notStarted = (step: PartKind, isOverrun: boolean): Problem =>
  isOverrun ? throttledProblem(step, overrun()) : { step, ...interrupted };

/** Whether AWS refused the session: a new one is needed. */
export const endsSession = (error: unknown): boolean =>
  error instanceof AwsFault && (error.kind === 'expired' || error.kind === 'unauthenticated');

/**
 * The result of a part after an error. A part with a temporary fault is left to the next attempt. A permanent fault
 * is recorded now.
 * @param now milliseconds since the epoch
 * @throws `error`, if it is not a fault of AWS
 */
export function incompletePart(error: unknown, line: WorklistLine, part: PartKind, now: number): PartOutcome {
  if (error instanceof OutOfTime) return { kind: 'later', problem: notStarted(part, false) };
  if (!(error instanceof AwsFault)) throw error;
  const problem: Problem = { step: part, code: error.code, message: error.message };
  switch (error.kind) {
    case 'throttled':
      return { kind: 'later', problem: throttledProblem(part, error) };
    case 'expired':
    case 'unauthenticated':
    case 'transient':
      return { kind: 'later', problem };
    case 'denied':
    case 'missing':
    case 'refused':
    case 'other':
      return failedPart(line, part, problem, now);
  }
}

/** @param now when the part was given up, milliseconds since the epoch */
export function failedPart(line: WorklistLine, part: PartKind, problem: Problem, now: number): PartOutcome {
  return part === 'lastAccessed'
    ? { kind: 'known', part: failedLastAccessed(now), problems: [problem] }
    : { kind: 'known', part: failedPermissions(now, line.ruledOut), problems: [problem] };
}

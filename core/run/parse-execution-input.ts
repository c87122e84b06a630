import { DAY_MS } from '../ports/clock.ts';
import * as v from 'valibot';
import { ExecutionInput } from '../contract/execution-input.ts';

/** The execution's input does not match the contract. */
export class InvalidInput extends Error {
  override name = 'InvalidInput';
}

/** Validates the input. @throws InvalidInput with the name of each wrong field */
export function parseExecutionInput(input: unknown): ExecutionInput {
  const parsed = v.safeParse(ExecutionInput, input ?? {});
  if (parsed.success) return parsed.output;
  const fields = Object.keys(ExecutionInput.entries).join(', ');
  const sentences = parsed.issues.map((issue) => {
    const field = v.getDotPath(issue) ?? 'the input';
    if (issue.expected === 'never') return `${field}: there is no such field; the fields are ${fields}`;
    return `${field}: ${issue.message}, but is ${issue.received}`;
  });
  throw new InvalidInput(`The execution's input is not valid. ${sentences.join('. ')}.`);
}

/** The scheduled day, YYYY-MM-DD in the schedule's time zone; null for manual runs. @throws InvalidInput */
export function scheduledDayOf({ scheduledTime, timeZone = 'UTC' }: ExecutionInput, now: number): string | null {
  if (scheduledTime === undefined) return null;
  // A claim for a future day would prevent the runs of all scheduled days before it.
  if (Date.parse(scheduledTime) > now + DAY_MS) {
    throw new InvalidInput(`scheduledTime: must be at most one day in the future, but is "${scheduledTime}".`);
  }
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    new Date(scheduledTime),
  );
}

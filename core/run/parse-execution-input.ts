import { DAY_MS } from '../ports/clock.ts';
import * as v from 'valibot';
import { ExecutionInput } from '../contract/execution-input.ts';

/** The execution was started with something that the contract does not know. */
export class InvalidInput extends Error {
  override name = 'InvalidInput';
}

/** What the contract knows, in the words of a person who mistyped it. @throws InvalidInput naming the field */
export function parseExecutionInput(input: unknown): ExecutionInput {
  const parsed = v.safeParse(ExecutionInput, input ?? {});
  if (parsed.success) return parsed.output;
  const known = Object.keys(ExecutionInput.entries).join(', ');
  const sentences = parsed.issues.map((issue) => {
    const field = v.getDotPath(issue) ?? 'the input';
    if (issue.expected === 'never') return `${field}: there is no such field; there are ${known}`;
    return `${field}: ${issue.message}, and was ${issue.received}`;
  });
  throw new InvalidInput(`The execution's input is not valid. ${sentences.join('. ')}.`);
}

/** The day for which a run was scheduled, YYYY-MM-DD where its schedule is; null for runs started by hand. @throws InvalidInput */
export function scheduledDayOf({ scheduledTime, timeZone = 'UTC' }: ExecutionInput, now: number): string | null {
  if (scheduledTime === undefined) return null;
  // A day to come would be claimed, and every scheduled day until then not be run.
  if (Date.parse(scheduledTime) > now + DAY_MS) {
    throw new InvalidInput(`scheduledTime: must not be later than a day from now, and was "${scheduledTime}".`);
  }
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    new Date(scheduledTime),
  );
}

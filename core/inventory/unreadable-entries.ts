import type { UnreadableEntry } from '../contract/messages.ts';
import type { FailureCause } from '../contract/run.ts';
import type { UnreadableEntity } from '../ports/iam.ts';

/** Characters of a message: the entries are part of a payload of Step Functions. */
const MOST_CHARACTERS = 200;
/** Entries that a message names. */
const MOST_NAMED = 5;

export const unreadableEntries = (entities: readonly UnreadableEntity[]): UnreadableEntry[] =>
  entities.map(({ kind, arn, fault: { code, message } }) => ({
    ...{ kind, arn, code },
    message: message.slice(0, MOST_CHARACTERS),
  }));

/** Why an account is not complete; null if every entry of its inventory can be read. */
export function unreadableCause(entries: readonly UnreadableEntry[]): FailureCause | null {
  const [first] = entries;
  if (first === undefined) return null;
  const names = entries.slice(0, MOST_NAMED).map(({ kind, arn }) => arn ?? `a ${kind} whose ARN can't be read`);
  const all = [...names, ...(entries.length > MOST_NAMED ? [`${entries.length - MOST_NAMED} more`] : [])].join(', ');
  const message = `The inventory has entries that can't be read, so nothing is known about them: ${all}. ${first.message}`;
  return { code: first.code, message };
}

/**
 * Whether a principal that the inventory does not have may exist.
 * @param entries those that can't be read
 */
export const mayBeUnreadable = (entries: readonly UnreadableEntry[], principalArn: string): boolean =>
  entries.some(({ kind, arn }) => (kind === 'user' || kind === 'role') && (arn === null || arn === principalArn));

import * as v from 'valibot';
import { PrincipalPattern } from './execution-input.ts';

const isDay = (text: string): boolean => {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

const Words = v.pipe(v.string('must be text'), v.regex(/\S/, 'must not be empty'));

/** An exception: an owner accepts a rule's findings on principals, for a reason, until a day. */
export const Exception = v.strictObject({
  rule: v.pipe(v.string('must be the ID of a rule'), v.regex(/\S/, 'must be the ID of a rule')),
  /** The principal's ARN; `*` and `?` are wildcards. For findings on the account itself, the root user's ARN. */
  arn: PrincipalPattern,
  owner: Words,
  reason: Words,
  /** The last day on which the exception is valid, in UTC. */
  expires: v.pipe(v.string('must be a day such as "2027-03-31"'), v.check(isDay, 'must be a day such as "2027-03-31"')),
});
export type Exception = v.InferOutput<typeof Exception>;

/** `config/exceptions.json`. Entries are validated one by one, so an invalid entry does not affect the others. */
export const ExceptionsFile = v.strictObject({ exceptions: v.array(v.unknown(), 'must be a list') });

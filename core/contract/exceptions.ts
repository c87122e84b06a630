import * as v from 'valibot';
import { PrincipalPattern } from './execution-input.ts';

const isDay = (text: string): boolean => {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

const Words = v.pipe(v.string('must be text'), v.regex(/\S/, 'must not be empty'));

/** One exception: findings of a rule on principals are accepted, by somebody, for a reason, until a day. */
export const Exception = v.strictObject({
  rule: v.pipe(v.string('must be a rule’s id'), v.regex(/\S/, 'must be a rule’s id')),
  /** The principal's ARN; `*` and `?` are wildcards. Of the account itself its root's. */
  arn: PrincipalPattern,
  owner: Words,
  reason: Words,
  /** The last day on which it holds, in UTC. */
  expires: v.pipe(v.string('must be a day such as "2027-03-31"'), v.check(isDay, 'must be a day such as "2027-03-31"')),
});
export type Exception = v.InferOutput<typeof Exception>;

/** `config/exceptions.json`. Its entries are looked at one by one: one that is wrong takes no other with it. */
export const ExceptionsFile = v.strictObject({ exceptions: v.array(v.unknown(), 'must be a list') });

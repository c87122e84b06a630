import { InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { valueForms, type Tags, type ValueForm } from '../core/member-role/iam-values.ts';
import { suggestionFor } from '../core/wording/near-names.ts';

/** STS API Reference, AssumedRoleUser. */
const SESSION_ARN = /^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/[\w+=,.@-]+$/;

/** Parses an option's text. The schema's message completes commander's "argument '…' is invalid". */
export const parseWith =
  <T>(schema: v.GenericSchema<unknown, T>) =>
  (text: string): T => {
    const parsed = v.safeParse(schema, text);
    if (parsed.success) return parsed.output;
    const { message } = parsed.issues[0];
    // The contract's own messages are without a subject.
    throw new InvalidArgumentError(message.startsWith('must ') ? `It ${message}.` : message);
  };

/** Text in a form that a setting of the stack has too. */
export const parseForm = ({ pattern, requirement }: ValueForm): ((text: string) => string) =>
  parseWith(v.pipe(v.string(), v.regex(pattern, `It ${requirement}.`)));

/** An account ID, described as it is typed on the command line. */
export const accountId = parseForm({
  pattern: /^\d{12}$/,
  requirement: 'must be an AWS account ID of 12 digits, such as 123456789012',
});

/** The ARN of a role. A name, and the ARN of a session in a role, are answered with what to give instead. */
export function roleArn(text: string): string {
  const [, partition, accountId, name] = SESSION_ARN.exec(text) ?? [];
  if (name !== undefined) {
    throw new InvalidArgumentError(
      `It is the ARN of a session. It must be the ARN of the role: if the role has no path, arn:${partition}:iam::${accountId}:role/${name}.`,
    );
  }
  const ownName = valueForms.memberRoleName.pattern.test(text)
    ? ' For the name of a role that is assumed in each account, use --role-name.'
    : '';
  const { pattern, requirement } = valueForms.roleArn;
  return parseWith(v.pipe(v.string(), v.regex(pattern, `It ${requirement}.${ownName}`)))(text);
}

/** Refuses an option that is given twice, where the first value would otherwise be lost without a word. */
export const once =
  <T>(parse: (text: string) => T) =>
  (text: string, before: T | undefined): T => {
    if (before === undefined) return parse(text);
    throw new InvalidArgumentError('It is given twice, and only one value is possible.');
  };

export const collect =
  <T>(parse: (text: string) => T) =>
  (text: string, list: T[]): T[] => [...list, parse(text)];

/** Adds a tag of the form KEY=VALUE to those given before. */
export const addTag =
  (schema: v.GenericSchema<unknown, Tags>) =>
  (text: string, tags: Tags): Tags => {
    const at = text.indexOf('=');
    if (at < 1) throw new InvalidArgumentError('It must be KEY=VALUE, such as CostCenter=1234.');
    const key = text.slice(0, at);
    if (key in tags) throw new InvalidArgumentError(`The tag ${key} is given twice.`);
    const parsed = v.safeParse(schema, { ...tags, [key]: text.slice(at + 1) });
    if (parsed.success) return parsed.output;
    const [issue] = parsed.issues;
    const [place] = issue.path ?? [];
    const subject =
      place === undefined ? 'The tags' : 'origin' in place && place.origin === 'key' ? 'The key' : 'The value';
    throw new InvalidArgumentError(`${subject} ${issue.message}.`);
  };

/** A number in these bounds. */
export function number(least: number, most: number, whole: boolean): (text: string) => number {
  const requirement = `It must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`;
  return parseWith(
    v.pipe(
      v.string(),
      v.regex(whole ? /^\d+$/ : /^\d+(\.\d+)?$/, requirement),
      v.transform(Number),
      v.minValue(least, requirement),
      v.maxValue(most, requirement),
    ),
  );
}

/** An option with one of a few values. A wrong value is answered with the nearest one, and with all of them. */
export function choice(flags: string, description: string, values: readonly string[]): Option {
  const option = new Option(flags, description).choices(values);
  return option.argParser((text: string) => {
    if (values.includes(text)) return text;
    throw new InvalidArgumentError(
      `${suggestionFor(text, values).trimStart()} Allowed choices are ${values.join(', ')}.`.trimStart(),
    );
  });
}

import { InvalidArgumentError } from 'commander';
import * as v from 'valibot';
import type { ValueForm } from '../core/member-role/iam-values.ts';

/** Parses an option's text. The schema's message completes commander's "argument '…' is invalid". */
export const parseWith =
  <T>(schema: v.GenericSchema<unknown, T>) =>
  (text: string): T => {
    const parsed = v.safeParse(schema, text);
    if (parsed.success) return parsed.output;
    throw new InvalidArgumentError(parsed.issues[0].message);
  };

/** Text in a form that a setting of the stack has too. */
export const parseForm = ({ pattern, requirement }: ValueForm): ((text: string) => string) =>
  parseWith(v.pipe(v.string(), v.regex(pattern, `It ${requirement}.`)));

export const collect =
  <T>(parse: (text: string) => T) =>
  (text: string, list: T[]): T[] => [...list, parse(text)];

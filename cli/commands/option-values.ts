import { InvalidArgumentError } from 'commander';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { fileFault } from '../../local/file-faults.ts';
import { parseWith } from '../option-parsers.ts';

export const Action = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9-]+:[a-z0-9]+$/i, 'It must be one action without wildcards, such as iam:PassRole.'),
);

export const Resource = v.pipe(
  v.string(),
  v.regex(
    /^arn:[^:*?]+:[^:*?]+:[^:*?]*:[^:*?]*:[^*?]+$/,
    'It must be the ARN of one resource without wildcards, such as arn:aws:s3:::bucket/key.',
  ),
);

export const Unit = v.pipe(
  v.string(),
  v.regex(
    /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/,
    'It must be the ID of an organizational unit or of a root, such as ou-ab12-11111111.',
  ),
);

export const Region = v.pipe(
  v.string(),
  v.regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'It must be a Region such as eu-west-1.'),
);

/** Adds an action to those given before. */
export const collectActions = (text: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  parseWith(Action)(text),
];

/** Maximum length of an exceptions file. It leaves room for the other fields of the execution's input. */
const MAX_CHARACTERS = 200_000;

export function fileText(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error: unknown) {
    throw new InvalidArgumentError(`The file can't be read: ${fileFault(error)}.`);
  }
  if (text.length <= MAX_CHARACTERS) return text;
  throw new InvalidArgumentError(
    `The file has ${text.length} characters; the maximum is ${MAX_CHARACTERS}. Store it as config/exceptions.json in the results instead.`,
  );
}

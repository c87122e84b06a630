import * as v from 'valibot';
import { ScanInputError, type InputFile } from './scanned-account.ts';

/** @throws ScanInputError if the file is not JSON, for example because it was cut off */
export function parsedJson({ name, text }: InputFile): unknown {
  // PowerShell writes a byte order mark.
  const json = text.replace(/^\uFEFF/, '');
  if (json.trim() === '') throw new ScanInputError(`${name}: is empty. It must be JSON.`);
  try {
    return JSON.parse(json);
  } catch (error: unknown) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw new ScanInputError(`${name}: is not JSON, or only a part of it: ${error.message}.`, { cause: error });
  }
}

/** @param place the file, and the position in it @throws ScanInputError that names the field */
export function parsedBy<T>(schema: v.GenericSchema<unknown, T>, content: unknown, place: string): T {
  const parsed = v.safeParse(schema, content, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new ScanInputError(`${place}: ${problemOf(issue)}.`);
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  const field = fieldOf(issue);
  const subject = field === '' ? 'it' : field;
  if (issue.input === undefined) return `${subject} is missing, and it is required`;
  const own = issue.message.startsWith('must ') ? issue.message : null;
  if (own?.startsWith('must have ') === true && typeof issue.input === 'object') return `${subject} ${own}`;
  return `${subject} ${own ?? `must be ${inWords(issue.expected ?? 'something else')}`}, but is ${received(issue)}`;
}

/** Names of JavaScript's types, as people who write JSON know them. */
const words: Readonly<Record<string, string>> = {
  string: 'a text',
  Array: 'a list',
  Object: 'an object',
  number: 'a number',
  boolean: 'true or false',
};

const inWords = (expected: string): string =>
  expected
    .replace(/[()]/g, '')
    .split(' | ')
    .map((one) => words[one] ?? one)
    .join(' or ');

const MOST_CHARACTERS = 60;

function received({ input, received: kind }: v.BaseIssue<unknown>): string {
  if (typeof input !== 'string') return inWords(kind);
  return `"${input.length > MOST_CHARACTERS ? `${input.slice(0, MOST_CHARACTERS)}…` : input}"`;
}

/** `UserDetailList[3].Arn`. */
const fieldOf = ({ path }: v.BaseIssue<unknown>): string =>
  (path ?? []).reduce<string>((text, { key }) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');

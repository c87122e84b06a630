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
  const is = field === '' ? '' : `${field} `;
  const own = issue.message.startsWith('must ') ? issue.message : null;
  // A list's own message is more telling than that of a union of forms.
  const expected = own ?? `must be ${issue.expected ?? 'something else'}`;
  return `${is}${expected}, but is ${received(issue)}`;
}

const MOST_CHARACTERS = 60;

function received({ input, received: kind }: v.BaseIssue<unknown>): string {
  if (input === undefined) return 'missing';
  if (typeof input !== 'string') return kind;
  return `"${input.length > MOST_CHARACTERS ? `${input.slice(0, MOST_CHARACTERS)}…` : input}"`;
}

/** `UserDetailList[3].Arn`. */
const fieldOf = ({ path }: v.BaseIssue<unknown>): string =>
  (path ?? []).reduce<string>((text, { key }) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');

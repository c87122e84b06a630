import * as v from 'valibot';
import { Document, textOf } from './document.ts';
import { parsedBy, parsedJson } from './parsed-file.ts';
import { readStatements } from '../policies/statements.ts';
import { ScanInputError, type InputFile } from './scanned-account.ts';

/** AWS's policy FullAWSAccess, which is attached to each root, unit and account by default. */
const FULL_ACCESS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

const Levels = v.array(v.array(Document));
/** The answer of `aws organizations describe-policy`. */
const Described = v.object({ Policy: v.object({ Content: v.string() }) });

/**
 * Service control policies. A file is one policy, also as `aws organizations describe-policy` prints it, or a list of levels
 * from the root to the account, each a list of policies. Files with one policy are one level together.
 * @throws ScanInputError
 */
export function serviceControlOf(files: readonly InputFile[]): {
  readonly levels: readonly (readonly string[])[] | null;
  readonly warnings: readonly string[];
} {
  if (files.length === 0) return { levels: null, warnings: [] };
  const levels: string[][] = [];
  const single: string[] = [];
  for (const file of files) {
    const content = parsedJson(file);
    if (Array.isArray(content)) {
      const given = parsedBy(Levels, content, file.name);
      levels.push(...given.map((level, n) => level.map((one, at) => policyText(one, `${file.name}: [${n}][${at}]`))));
      continue;
    }
    const described = v.safeParse(Described, content);
    const policy: unknown = described.success ? described.output.Policy.Content : content;
    single.push(policyText(parsedBy(Document, policy, file.name), `${file.name}: the file`));
  }
  const warnings: string[] = [];
  const all = [...levels, ...(single.length === 0 ? [] : [single])].map((level, index) => {
    if (level.some(mayAllow)) return level;
    warnings.push(
      `Level ${index + 1} of the service control policies has no Allow statement. AWS's policy FullAWSAccess is added to it.`,
    );
    return [...level, FULL_ACCESS];
  });
  return { levels: all, warnings };
}

/** @throws ScanInputError if it has no statements that can be read: it would deny everything */
function policyText(document: v.InferOutput<typeof Document>, subject: string): string {
  const text = textOf(document);
  const read = readStatements(text);
  if (read.kind === 'readable') return text;
  throw new ScanInputError(
    `${subject} is no service control policy: ${read.reason}. A policy has a list Statement of Effect, Action or NotAction, and Resource.`,
  );
}

function mayAllow(document: string): boolean {
  const read = readStatements(document);
  return read.kind === 'readable' && read.statements.some(({ allows }) => allows);
}

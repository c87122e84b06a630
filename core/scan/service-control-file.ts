import * as v from 'valibot';
import { Document, textOf } from './document.ts';
import { parsedBy, parsedJson } from './parsed-file.ts';
import { readStatements } from '../policies/statements.ts';
import type { InputFile } from './scanned-account.ts';

/** AWS's policy FullAWSAccess, which is attached to each root, unit and account by default. */
const FULL_ACCESS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

const Levels = v.array(v.array(Document));

/**
 * Service control policies. A file is one policy, or a list of levels from the root to the account, each a list of
 * policies. Files with one policy are one level together.
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
      levels.push(...parsedBy(Levels, content, file.name).map((level) => level.map(textOf)));
    } else single.push(textOf(parsedBy(Document, content, file.name)));
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

function mayAllow(document: string): boolean {
  const read = readStatements(document);
  return read.kind === 'unreadable' || read.statements.some(({ allows }) => allows);
}

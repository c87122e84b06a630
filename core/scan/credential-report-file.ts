import * as v from 'valibot';
import { CredentialReportUnreadable, parseCredentialReport } from '../inventory/credential-report.ts';
import type { CredentialReportResult } from '../inventory/read-account.ts';
import { parsedBy, parsedJson } from './parsed-file.ts';
import { ScanInputError, type InputFile } from './scanned-account.ts';

/** The JSON of `aws iam get-credential-report`: the CSV in Base64. */
const Response = v.object({
  Content: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/=\s]*$/, 'must be Base64')),
  GeneratedTime: v.optional(
    v.pipe(
      v.string(),
      v.check((time) => !Number.isNaN(Date.parse(time)), 'must be a time such as 2026-11-26T22:00:00Z'),
    ),
  ),
});

/**
 * A credential report: its CSV, or the JSON that the AWS CLI prints, and the accounts in its rows.
 * @param now milliseconds since the epoch. A CSV does not say when AWS made it: it counts as made now
 * @throws ScanInputError
 */
export function credentialReportOf(
  file: InputFile,
  now: number,
): { readonly accountIds: readonly string[]; readonly credentials: CredentialReportResult } {
  let csv = file.text.replace(/^\uFEFF/, '');
  let generatedAt = new Date(now).toISOString();
  if (csv.trimStart().startsWith('{')) {
    const { Content, GeneratedTime } = parsedBy(Response, parsedJson(file), file.name);
    csv = decodedBase64(Content, file.name);
    if (GeneratedTime !== undefined) generatedAt = new Date(GeneratedTime).toISOString();
  }
  try {
    const report = parseCredentialReport(csv, generatedAt);
    const ids = [...csv.matchAll(/,arn:[^:,]+:iam::(\d{12}):/g)].map(([, accountId = '']) => accountId);
    return { accountIds: [...new Set(ids)], credentials: { kind: 'report', report } };
  } catch (error: unknown) {
    if (!(error instanceof CredentialReportUnreadable)) throw error;
    throw new ScanInputError(
      `${file.name}: ${error.message} It must be the CSV of IAM's credential report, or the JSON of aws iam get-credential-report.`,
      { cause: error },
    );
  }
}

function decodedBase64(text: string, name: string): string {
  let binary: string;
  try {
    binary = atob(text.replaceAll(/\s/g, ''));
  } catch (error: unknown) {
    // A DOMException, which not every runtime makes an instance of Error.
    throw new ScanInputError(`${name}: Content must be Base64.`, { cause: error });
  }
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}

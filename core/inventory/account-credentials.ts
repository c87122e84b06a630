import type { AccountCredentials, Credentials, PrincipalIdentity, Problem } from '../contract/evidence.ts';
import type { CredentialAnswer } from './read-account.ts';

/**
 * The account's own record in the credential report: its root user, and how old the report was.
 * @param now milliseconds since the epoch: when it was read
 */
export function accountCredentials(answer: CredentialAnswer, now: number): AccountCredentials {
  if (answer.kind === 'problem') {
    return { root: null, credentialReportAt: null, credentialReportAgeMinutes: null, problems: [answer.problem] };
  }
  const { root, generatedAt } = answer.report;
  const message = `The credential report of ${generatedAt} has no row of the root user that can be read.`;
  return {
    root,
    credentialReportAt: generatedAt,
    // AWS's clock may be a little ahead of ours.
    credentialReportAgeMinutes: Math.max(0, Math.round((now - Date.parse(generatedAt)) / 60_000)),
    problems: root === null ? [{ step: 'credentials', code: 'ReportFailed', message }] : [],
  };
}

/** What the report says of a user. Null without a problem where the user is too new for it. */
export function userCredentials(
  { arn, createdAt }: Pick<PrincipalIdentity, 'arn' | 'createdAt'>,
  answer: CredentialAnswer,
): { credentials: Credentials | null; problems: Problem[] } {
  if (answer.kind === 'problem') return { credentials: null, problems: [answer.problem] };
  const { byArn, generatedAt } = answer.report;
  const created = Date.parse(createdAt);
  const row = byArn.get(arn);
  const rowCreated = row === undefined || row.createdAt === null ? null : Date.parse(row.createdAt);
  // AWS makes a report at most every four hours: who is younger than it can't be in it, and a row of that name is of
  // somebody who was deleted. It tells both times in whole seconds.
  const predecessor = rowCreated !== null && rowCreated < created - 1_000;
  if (predecessor || created > Date.parse(generatedAt)) return { credentials: null, problems: [] };
  if (row !== undefined) return { credentials: row.credentials, problems: [] };
  const message = `The credential report of ${generatedAt} has no row of this user that can be read.`;
  return { credentials: null, problems: [{ step: 'credentials', code: 'ReportFailed', message }] };
}

import type { AccountCredentials, Credentials, PrincipalIdentity, Problem } from '../contract/evidence.ts';
import { usersWithPassword, type CredentialReportResult, type PasswordPolicyResult } from './read-account.ts';

/**
 * The account's own data from the credential report: its root user, and the report's age.
 * @param now when the report was read, milliseconds since the epoch
 */
export function accountCredentials(
  result: CredentialReportResult,
  password: PasswordPolicyResult,
  now: number,
): AccountCredentials {
  const passwordPolicy = password.kind === 'policy' ? password.policy : null;
  const further = password.kind === 'problem' ? [password.problem] : [];
  if (result.kind === 'problem') {
    return {
      ...{ root: null, credentialReportAt: null, credentialReportAgeMinutes: null, usersWithPassword: null },
      passwordPolicy,
      problems: [result.problem, ...further],
    };
  }
  const { root, generatedAt } = result.report;
  const message = `The credential report of ${generatedAt} has no readable row for the root user.`;
  return {
    root,
    credentialReportAt: generatedAt,
    // AWS's clock may be slightly ahead of this one.
    credentialReportAgeMinutes: Math.max(0, Math.round((now - Date.parse(generatedAt)) / 60_000)),
    usersWithPassword: usersWithPassword(result),
    passwordPolicy,
    problems: [...(root === null ? [{ step: 'credentials' as const, code: 'ReportFailed', message }] : []), ...further],
  };
}

/** The user's credentials from the report. Null without a problem if the user is newer than the report. */
export function userCredentials(
  { arn, createdAt }: Pick<PrincipalIdentity, 'arn' | 'createdAt'>,
  result: CredentialReportResult,
): { credentials: Credentials | null; problems: Problem[] } {
  if (result.kind === 'problem') return { credentials: null, problems: [result.problem] };
  const { byArn, generatedAt } = result.report;
  const created = Date.parse(createdAt);
  const row = byArn.get(arn);
  const rowCreated = row === undefined || row.createdAt === null ? null : Date.parse(row.createdAt);
  // AWS makes a report at most every four hours. A user created after the report is not in it. A row with that user's
  // ARN then belongs to a deleted user of the same name. AWS gives both times in whole seconds.
  const isDeletedNamesake = rowCreated !== null && rowCreated < created - 1_000;
  if (isDeletedNamesake || created > Date.parse(generatedAt)) return { credentials: null, problems: [] };
  if (row !== undefined) return { credentials: row.credentials, problems: [] };
  const message = `The credential report of ${generatedAt} has no readable row for this user.`;
  return { credentials: null, problems: [{ step: 'credentials', code: 'ReportFailed', message }] };
}

/**
 * Whether the report shows that a user has no credentials except those in its columns for passwords and access keys.
 * @param credentials the user's row. Null: the report has no row of this user; it may have one of a deleted user of the same name
 */
export const hasOnlyReportedCredentials = (
  arn: string,
  credentials: Credentials | null,
  result: CredentialReportResult,
): boolean =>
  credentials !== null && result.kind === 'report' && result.report.byArn.get(arn)?.onlyReportedCredentials === true;

import type { AccountCredentials } from '../contract/evidence.ts';
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
  const message = `The credential report of ${generatedAt} does not list the root user.`;
  return {
    root,
    credentialReportAt: generatedAt,
    // AWS's clock may be a little ahead of ours.
    credentialReportAgeMinutes: Math.max(0, Math.round((now - Date.parse(generatedAt)) / 60_000)),
    problems: root === null ? [{ step: 'credentials', code: 'ReportFailed', message }] : [],
  };
}

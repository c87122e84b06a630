import { ASSUME_ROLE_DENIED } from '../aws/assume-role-fault.ts';
import { NOT_FROM_AWS } from '../aws/foreign-response.ts';
import type { AwsFault } from '../core/ports/aws-fault.ts';
import type { FailureCause } from '../core/contract/run.ts';

const PRINT_POLICY = 'npx iam-audit run --print-policy prints the minimum policy';

/**
 * What went wrong, and what the user can do about it.
 * @param permissions a clause that says where the required permissions are listed; it ends the message
 */
export function faultMessage({ kind, code, message }: AwsFault, permissions = PRINT_POLICY): string {
  if (code === 'RegionDisabledException') return message;
  if (code === ASSUME_ROLE_DENIED) return `AWS did not allow assuming the role. ${message}`;
  switch (kind) {
    case 'unauthenticated':
      if (/profile/i.test(message))
        return `${message} Choose a profile of ~/.aws/config with --profile or AWS_PROFILE.`;
      if (code === 'CredentialsProviderError') {
        return 'No AWS credentials were found. Sign in (aws sso login, aws configure) or choose a profile with --profile.';
      }
      return `AWS rejected the credentials (${code}). Sign in again, or choose another profile with --profile. Credentials of AWS GovCloud (US) or of China are accepted only in Regions there: name one with --region or AWS_REGION.`;
    case 'expired':
      return 'The AWS credentials have expired. Sign in again (for example: aws sso login).';
    case 'denied':
      return deniedMessage(message, permissions);
    case 'transient':
      return `AWS can't be reached (${code}: ${message}). Check the network, the proxy and AWS_ENDPOINT_URL.`;
    case 'throttled':
      return 'AWS throttled the calls. Try again in a minute.';
    case 'missing':
    case 'refused':
    case 'other':
      return `AWS returned the error ${code}: ${message}`;
  }
}

/** What to do about an account that failed; null if its error message already says it. */
export function accountAdvice(cause: FailureCause): string | null {
  const { code, message } = cause;
  if (code === 'AccessDenied' && !message.includes('--')) return deniedMessage(message);
  return resumeAdvice(cause);
}

/** What to do about principals that lack evidence; null if nothing is known to help. */
export function evidenceAdvice(cause: FailureCause): string | null {
  if (cause.code !== 'AccessDenied') return resumeAdvice(cause);
  const action = /not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)/.exec(cause.message)?.[1];
  return `AWS denied ${action === undefined ? 'a required permission' : `the permission ${action}`}; ${PRINT_POLICY}.`;
}

/** What must change before the run can be continued; null if it is not known. */
export function resumeAdvice({ code, message }: FailureCause): string | null {
  if (/^(ExpiredToken|RequestExpired)/.test(code)) {
    return 'The AWS credentials expired during the run. Sign in again (for example: aws sso login), then continue the run with --resume.';
  }
  if (message.includes('no space is left')) {
    return 'The device of the results is full. Free some space, then continue the run with --resume.';
  }
  if (code === NOT_FROM_AWS)
    return 'Check the network, the proxy and AWS_ENDPOINT_URL, then continue the run with --resume.';
  return null;
}

const deniedMessage = (message: string, permissions = PRINT_POLICY): string =>
  message.includes('sts:AssumeRole')
    ? `AWS did not allow assuming the role (${message}). Check the role name, its trust policy and --external-id.`
    : `AWS denied a required permission (${message}); ${permissions}.`;

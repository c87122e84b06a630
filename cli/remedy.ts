import type { AwsFault } from '../core/ports/aws-fault.ts';
import type { FailureCause } from '../core/contract/run.ts';

const PRINT_POLICY = 'iam-audit run --print-policy prints the least policy that is needed';

/**
 * One sentence with what to do, for whoever started the command.
 * @param permissions where the permissions that are needed are listed
 */
export function remedy({ kind, code, message }: AwsFault, permissions = PRINT_POLICY): string {
  if (code === 'RegionDisabledException') return message;
  switch (kind) {
    case 'unauthenticated':
      if (/profile/i.test(message)) return `${message} Name one of ~/.aws/config with --profile or AWS_PROFILE.`;
      if (code === 'CredentialsProviderError') {
        return 'No AWS credentials were found: sign in (aws sso login, aws configure) or name a profile with --profile.';
      }
      return `AWS does not accept these credentials (${code}): sign in again, or name another profile with --profile.`;
    case 'expired':
      return 'The AWS credentials have expired: sign in again (aws sso login, or whatever issued them).';
    case 'denied':
      return deniedRemedy(message, permissions);
    case 'transient':
      return `AWS can't be reached (${code}: ${message}): check the network, the proxy and AWS_ENDPOINT_URL.`;
    case 'throttled':
      return 'AWS throttles these calls: try again in a minute.';
    case 'missing':
    case 'refused':
    case 'other':
      return `AWS answered ${code}: ${message}`;
  }
}

/** What to do about an account that failed; null where its message says it already. */
export function accountRemedy({ code, message }: FailureCause): string | null {
  if (code === 'AccessDenied' && !message.includes('--')) return deniedRemedy(message);
  if (code === 'ExpiredToken') return 'Sign in again, and go on with --resume.';
  return null;
}

const deniedRemedy = (message: string, permissions = PRINT_POLICY): string =>
  message.includes('sts:AssumeRole')
    ? `AWS denies the role (${message}): check the role's name, its trust policy and --external-id.`
    : `AWS denies what is needed (${message}): ${permissions}.`;

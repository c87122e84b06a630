import type { Remedy } from '../../contract/doctor/diagnosis.ts';
import { adviceForAws } from './aws-callers.ts';
import type { RemedyContext } from './context.ts';
import { roleSessionExamples } from './role-session-examples.ts';
import { selectExamples } from './select-examples.ts';

/** Every role allows this, and role chaining too. */
const ONE_HOUR = 3_600;
/** botocore renews a session 15 minutes before its end: `_DEFAULT_ADVISORY_REFRESH_TIMEOUT` in botocore/credentials.py. */
const BOTOCORE_RENEWS_BEFORE = 900;

/** Advice for Python if sessions are so short that botocore renews them again and again; null otherwise. */
export const shortForBotocore = ({ clients, sessionSeconds }: RemedyContext): string | null => {
  const seconds = sessionSeconds ?? ONE_HOUR;
  if (seconds >= 2 * BOTOCORE_RENEWS_BEFORE || !clients.some(({ language }) => language === 'python')) return null;
  return `Boto3 renews a session 15 minutes before its end, so a session of ${seconds} seconds is renewed with nearly every call. Request at least 1,800 seconds.`;
};

/** The remedy for sessions that are requested again although an earlier one is still valid. */
export const credentialCache = (context: RemedyContext): Remedy => {
  const aws = adviceForAws(context);
  if (aws !== null) return { text: aws, examples: [] };
  const sentences = [
    'Request a session once, and use it for all calls until shortly before its end. Then a process needs about one call an hour.',
    'Create the credentials provider when the process starts, not for each request. The providers of the SDKs keep the session and renew it.',
    context.clients.some(({ runtime }) => runtime === 'lambda')
      ? 'In Lambda, create it outside of the handler, so that all invocations of an execution environment share it.'
      : null,
    context.operation === 'sts:GetSessionToken' || context.operation === 'sts:GetFederationToken'
      ? 'Sessions of this operation last 12 hours by default, and at most 36 hours.'
      : null,
    shortForBotocore(context),
  ];
  return {
    text: sentences.filter((sentence) => sentence !== null).join(' '),
    examples: selectExamples(roleSessionExamples(context, ONE_HOUR), context.clients),
  };
};

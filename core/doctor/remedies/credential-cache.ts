import type { Remedy } from '../../contract/doctor/diagnosis.ts';
import { adviceForAws } from './aws-callers.ts';
import type { Language } from '../clients/sdks.ts';
import type { RemedyContext } from './examples/context.ts';
import { roleSessionExamples } from './examples/role-session-examples.ts';
import { selectExamples } from './examples/select-examples.ts';
import {
  federationTokenExamples,
  sessionTokenExamples,
  webIdentityExamples,
} from './examples/token-session-examples.ts';

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

const ONCE = 'Request a session once, and use it for all calls until shortly before its end.';
const ONE_PROVIDER =
  'Create the credentials provider when the process starts, not for each request. The providers of the SDKs keep the session and renew it.';
const LAMBDA =
  'In Lambda, create it outside of the handler, so that all invocations of an execution environment share it.';
const USER_ON_AWS =
  "The caller is an IAM user, but its program runs on AWS. Let the role of the function, task, pod or instance assume the role instead of the user: the examples use that role's credentials.";

/** The classes of SDKs for which there is no example of code. */
const providers: Readonly<Partial<Record<Language, string>>> = {
  ruby: 'In the SDK for Ruby, it is Aws::AssumeRoleCredentials.',
  dotnet: 'In the SDK for .NET, it is AssumeRoleAWSCredentials.',
  php: 'In the SDK for PHP, it is CredentialProvider::assumeRole, wrapped in CredentialProvider::memoize.',
  rust: 'In the SDK for Rust, it is aws_config::sts::AssumeRoleProvider.',
  cpp: 'In the SDK for C++, it is Aws::Auth::STSAssumeRoleCredentialsProvider.',
  kotlin: 'In the SDK for Kotlin, it is StsAssumeRoleCredentialsProvider.',
  swift: 'In the SDK for Swift, it is STSAssumeRoleAWSCredentialIdentityResolver.',
};

/** The remedy for sessions that are requested again although an earlier one is still valid. */
export const credentialCache = (context: RemedyContext): Remedy => {
  const aws = adviceForAws(context);
  if (aws !== null) return { text: aws, examples: [] };
  switch (context.operation) {
    case 'sts:GetSessionToken':
      return sessionToken(context);
    case 'sts:GetFederationToken':
      return federationToken(context);
    case 'sts:AssumeRoleWithWebIdentity':
      return webIdentity(context);
    case 'sts:AssumeRoleWithSAML':
      return { text: SAML, examples: [] };
    default:
      return role(context);
  }
};

const inLambda = ({ clients }: RemedyContext): string | null =>
  clients.some(({ runtime }) => runtime === 'lambda') ? LAMBDA : null;

const joined = (...sentences: readonly (string | null)[]): string =>
  sentences.filter((sentence) => sentence !== null).join(' ');

function role(context: RemedyContext): Remedy {
  const { clients, kind } = context;
  const isUserOnAws = kind === 'user' && clients.some(({ runtime }) => runtime !== null);
  const languages = new Set(clients.filter(({ tool }) => tool === null).map(({ language }) => language));
  return {
    text: joined(
      ONCE,
      'Then a process needs about one call an hour.',
      ONE_PROVIDER,
      ...[...languages].map((language) => providers[language] ?? null),
      inLambda(context),
      isUserOnAws ? USER_ON_AWS : null,
      shortForBotocore(context),
    ),
    examples: selectExamples(roleSessionExamples(context, ONE_HOUR), clients),
  };
}

/** Seconds. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html; the root user gets one hour. */
const LONG_SESSION = 43_200;

const lengthOf = ({ kind }: RemedyContext): string =>
  kind === 'root'
    ? "A session of the account's root user lasts one hour at most. Use a role instead of the root user."
    : 'Sessions of this operation last 12 hours by default, and at most 36 hours.';

const sessionToken = (context: RemedyContext): Remedy => ({
  text: joined(
    ONCE,
    lengthOf(context),
    'Without MFA, the session cannot call IAM and allows nothing that the access key itself does not allow, so the program can also call with the key and request no session.',
    inLambda(context),
  ),
  examples: selectExamples(sessionTokenExamples(context.kind === 'root' ? ONE_HOUR : LONG_SESSION), context.clients),
});

const federationToken = (context: RemedyContext): Remedy => ({
  text: joined(
    'Request a session once for each federated user, and give it out again until shortly before its end.',
    lengthOf(context),
    inLambda(context),
  ),
  examples: selectExamples(federationTokenExamples(context.kind === 'root' ? ONE_HOUR : LONG_SESSION), context.clients),
});

const webIdentity = (context: RemedyContext): Remedy => ({
  text: joined(
    ONCE,
    'The SDKs do this if AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN are set and the clients share their credentials. Short jobs each need a session: run several tasks in one job.',
    inLambda(context),
  ),
  examples: selectExamples(webIdentityExamples(context, ONE_HOUR), context.clients),
});

const SAML =
  'Request a session once for each person, and keep it until shortly before its end. The session can last up to the maximum session duration of the role, at most 12 hours: set it with DurationSeconds, or in the SAML attribute SessionDuration.';

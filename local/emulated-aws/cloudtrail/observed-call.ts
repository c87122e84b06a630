import type { AccountDirectory } from '../account.ts';
import type { EmulatedCall } from '../protocol.ts';
import { signingRegionOf, type Session } from '../sessions.ts';
import { hostOf, nameOf, type CallerIdentity, type RecordedCall } from './recorded-call.ts';
import { requestParameters } from './request-parameters.ts';

/** Address of every caller, from the range for documents (RFC 5737): the real one is always the loopback address. */
const CALLER_ADDRESS = '203.0.113.10';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface ObservedCall {
  readonly call: EmulatedCall;
  readonly session: Session;
  readonly headers: Headers;
  readonly accounts: AccountDirectory;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly error: RecordedCall['error'];
}

/** The call as CloudTrail sees it; null for calls to other services than IAM and STS. */
export function recordedCall({ call, session, headers, accounts, atMs, error }: ObservedCall): RecordedCall | null {
  const { service, action, parameters } = call;
  if (service !== 'iam' && service !== 'sts') return null;
  const region = signingRegionOf(headers) || 'us-east-1';
  const base = { service, region, endpoint: 'regional' } as const;
  return {
    ...base,
    atMs,
    operation: action,
    parameters: requestParameters(parameters),
    caller: callerOf(session, accounts),
    error,
    userAgent: textOf(headers['user-agent']) ?? '',
    ip: CALLER_ADDRESS,
    hostHeader: hostHeader(textOf(headers.host), base),
  };
}

/** Clients reach the emulation at a loopback address: then the name of the endpoint that they stand for. */
const hostHeader = (host: string | undefined, endpoint: Parameters<typeof hostOf>[0]): string =>
  host === undefined || /^(127\.|localhost|\[::1\])/.test(host) ? hostOf(endpoint) : host;

function callerOf(session: Session, accounts: AccountDirectory) {
  const { kind, accountId, arn, userId, accessKeyId, issuedAt } = session;
  const sourceIdentity = session.assumed?.sourceIdentity ?? null;
  const account = accounts.get(accountId);
  if (kind === 'user') {
    const user = account?.users.get(nameOf(arn));
    const caller: CallerIdentity = {
      kind,
      accountId,
      arn: user?.arn ?? arn,
      principalId: user?.id ?? userId,
      accessKeyId,
    };
    return caller;
  }
  const [, roleName = '', sessionName = ''] = arn.split('/');
  const role = account?.roles.get(roleName);
  const caller: CallerIdentity = {
    kind: 'session',
    accountId,
    roleArn: role?.arn ?? `arn:aws:iam::${accountId}:role/${roleName}`,
    roleId: role?.id ?? userId.split(':')[0] ?? '',
    sessionName,
    accessKeyId,
    issuedAtMs: issuedAt,
    ...(sourceIdentity === null ? {} : { sourceIdentity }),
  };
  return caller;
}

const textOf = (header: string | readonly string[] | undefined): string | undefined =>
  header === undefined || typeof header === 'string' ? header : header[0];

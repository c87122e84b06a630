import type { Random } from '../../../core/ports/clock.ts';
import { accountOf, nameOf, type RecordedCall } from './recorded-call.ts';
import { callerAccount, foreignIdentity, userIdentity } from './user-identity.ts';

export interface RecordOptions {
  /** 1.05 lacks what later versions added; 1.08 has no details of STS requests. */
  readonly eventVersion: '1.05' | '1.08' | '1.11';
  /** Whether throttled calls keep their request parameters. AWS does not say which; both are possible. */
  readonly refusedParameters: 'kept' | 'null';
}

export const currentRecords: RecordOptions = { eventVersion: '1.11', refusedParameters: 'null' };

/** A record as it stands in a log file, and the account and Region whose file has it. */
export interface TrailRecord {
  readonly accountId: string;
  readonly region: string;
  readonly atMs: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/**
 * The records of one call: two, with the same `sharedEventID`, for a role of another account that was assumed,
 * otherwise one.
 */
export function trailRecords(call: RecordedCall, options: RecordOptions, random: Random): TrailRecord[] {
  const roleArn = call.parameters?.roleArn;
  const roleAccount =
    call.operation.startsWith('AssumeRole') && typeof roleArn === 'string' ? accountOf(roleArn) : null;
  const own = callerAccount(call.caller);
  const accountId = own ?? roleAccount ?? '';
  const isShared = roleAccount !== null && call.error === null && own !== roleAccount;
  const shared = isShared ? { sharedEventID: uuid(random) } : {};
  const body = bodyOf(call, options, random);
  const record = (recipient: string, identity: Record<string, unknown>): TrailRecord => ({
    accountId: recipient,
    region: body.awsRegion,
    atMs: call.atMs,
    record: {
      eventVersion: options.eventVersion,
      userIdentity: identity,
      ...body,
      eventID: uuid(random),
      ...(options.eventVersion === '1.05' ? {} : { readOnly: isReadOnly(call.operation) }),
      eventType: 'AwsApiCall',
      ...(options.eventVersion === '1.05' ? {} : { managementEvent: true }),
      recipientAccountId: recipient,
      ...shared,
      ...(options.eventVersion === '1.05' ? {} : { eventCategory: 'Management', ...tlsDetails(call) }),
    },
  });
  const first = record(accountId, userIdentity(call));
  return isShared && own !== null ? [first, record(roleAccount, foreignIdentity(call.caller))] : [first];
}

function bodyOf(call: RecordedCall, { eventVersion, refusedParameters }: RecordOptions, random: Random) {
  const { atMs, service, operation, parameters, error, caller, userAgent, ip } = call;
  const isService = caller.kind === 'service';
  const keepsParameters = error === null || (refusedParameters === 'kept' && error.code !== 'AccessDenied');
  return {
    eventTime: new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    eventSource: `${service}.amazonaws.com`,
    eventName: operation,
    // Calls of the global endpoint are recorded in us-east-1, whatever Region serves them.
    awsRegion: service === 'iam' || call.endpoint === 'global' ? 'us-east-1' : call.region,
    sourceIPAddress: isService ? caller.service : ip,
    userAgent: isService ? caller.service : userAgent,
    ...(error === null ? {} : { errorCode: error.code, errorMessage: error.message }),
    requestParameters: keepsParameters ? parameters : null,
    responseElements: error === null ? responseElements(call, random) : null,
    ...(service === 'sts' && eventVersion === '1.11' ? { additionalEventData: requestDetails(call, random) } : {}),
    requestID: uuid(random),
  };
}

const isReadOnly = (operation: string): boolean => /^(Get|List|Simulate|Generate|AssumeRole|Describe)/.test(operation);

const tlsDetails = ({ caller, hostHeader }: RecordedCall) =>
  caller.kind === 'service'
    ? {}
    : {
        tlsDetails: {
          tlsVersion: 'TLSv1.3',
          cipherSuite: 'TLS_AES_128_GCM_SHA256',
          clientProvidedHostHeader: hostHeader,
        },
      };

/** `ExtendedRequestId` has the Region and the time in milliseconds. AWS does not document it. */
function requestDetails({ region, endpoint, atMs }: RecordedCall, random: Random): Record<string, unknown> {
  const text = `1:${region}:S:${Math.floor(atMs)}:R:${letters(random, 8)}`;
  return {
    ExtendedRequestId: Buffer.from(text).toString('base64'),
    RequestDetails: { endpointType: endpoint, awsServingRegion: region },
  };
}

function responseElements({ operation, parameters, caller, atMs }: RecordedCall, random: Random): unknown {
  if (!operation.startsWith('AssumeRole')) return null;
  const { roleArn, roleSessionName, durationSeconds } = parameters ?? {};
  if (typeof roleArn !== 'string' || typeof roleSessionName !== 'string') return null;
  const seconds = typeof durationSeconds === 'number' ? durationSeconds : 3_600;
  const role = nameOf(roleArn);
  // Role chaining keeps the source identity of the caller's session.
  const sourceIdentity = (caller.kind === 'session' ? caller.sourceIdentity : undefined) ?? parameters?.sourceIdentity;
  return {
    credentials: {
      accessKeyId: `ASIA${letters(random, 16)}`,
      sessionToken: `IQoJb3JpZ2luX2Vj${letters(random, 24)}`,
      expiration: expiration(atMs + 1_000 * seconds),
    },
    assumedRoleUser: {
      assumedRoleId: `AROA${letters(random, 17)}:${roleSessionName}`,
      arn: `arn:aws:sts::${accountOf(roleArn)}:assumed-role/${role}/${roleSessionName}`,
    },
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  };
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `Nov 23, 2026, 4:15:32 PM`, in UTC, as CloudTrail shows the end of a session. */
function expiration(ms: number): string {
  const time = new Date(ms);
  const hour = time.getUTCHours();
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${hour % 12 === 0 ? 12 : hour % 12}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;
  return `${months[time.getUTCMonth()] ?? ''} ${time.getUTCDate()}, ${time.getUTCFullYear()}, ${clock} ${hour < 12 ? 'AM' : 'PM'}`;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Random capital letters and digits, as in access keys and principal IDs. */
export const letters = (random: Random, count: number): string => {
  let text = '';
  for (let n = 0; n < count; n += 1) text += alphabet.charAt(Math.floor(32 * random()));
  return text;
};

/** A random UUID of version 4. */
export function uuid(random: Random): string {
  const part = (): string =>
    Math.floor(65_536 * random())
      .toString(16)
      .padStart(4, '0');
  return `${part()}${part()}-${part()}-4${part().slice(1)}-a${part().slice(1)}-${part()}${part()}${part()}`;
}

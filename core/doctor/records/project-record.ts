import * as v from 'valibot';
import type { RecordRow } from './columns.ts';
import { sessionPattern } from './session-pattern.ts';
import { firstCharacters, textKey, wellFormed } from './text-key.ts';

const Text = v.nullish(v.pipe(v.string(), v.transform(wellFormed)), null);
const Fields = v.nullish(v.record(v.string(), v.unknown()), null);

/** The fields of a CloudTrail record that the doctor reads. Older event versions lack many of them. */
const CloudTrailRecord = v.object({
  eventID: v.pipe(v.string(), v.transform(wellFormed)),
  sharedEventID: Text,
  eventTime: v.pipe(v.string(), v.isoTimestamp('must be an ISO 8601 time such as 2026-11-20T10:00:00Z')),
  eventSource: v.string(),
  eventName: v.pipe(v.string(), v.transform(wellFormed)),
  awsRegion: Text,
  errorCode: Text,
  errorMessage: Text,
  sourceIPAddress: Text,
  userAgent: Text,
  recipientAccountId: Text,
  userIdentity: v.object({
    type: Text,
    principalId: Text,
    arn: Text,
    accountId: Text,
    accessKeyId: Text,
    invokedBy: Text,
    sessionContext: v.nullish(v.object({ sessionIssuer: v.nullish(v.object({ arn: Text }), null) }), null),
  }),
  requestParameters: Fields,
  additionalEventData: v.nullish(
    v.object({ RequestDetails: v.nullish(v.object({ endpointType: Text, awsServingRegion: Text }), null) }),
    null,
  ),
  tlsDetails: v.nullish(v.object({ clientProvidedHostHeader: Text }), null),
});

/**
 * A record's place in the analysis: a row; a call to another service; an event of another category, such as a data
 * event or an Insight; or a record that can't be read, with the field that is wrong.
 */
export type Projection =
  | { readonly kind: 'row'; readonly row: RecordRow }
  | { readonly kind: 'otherService' }
  | { readonly kind: 'otherCategory'; readonly category: string }
  | { readonly kind: 'invalid'; readonly problem: string };

const services: Readonly<Record<string, 'iam' | 'sts'>> = { 'iam.amazonaws.com': 'iam', 'sts.amazonaws.com': 'sts' };

/** The fields that decide whether a record belongs to the analysis. */
const Routing = v.object({ eventSource: v.string(), eventCategory: Text });

/** The columns of a CloudTrail record that was parsed from JSON. Never throws. */
export function projectRecord(record: unknown): Projection {
  const routing = v.safeParse(Routing, record);
  if (!routing.success) return { kind: 'invalid', problem: problemOf(routing.issues[0]) };
  const { eventSource, eventCategory } = routing.output;
  if (eventCategory !== null && eventCategory !== 'Management') {
    return { kind: 'otherCategory', category: eventCategory };
  }
  const service = Object.hasOwn(services, eventSource) ? services[eventSource] : undefined;
  if (service === undefined) return { kind: 'otherService' };
  const parsed = v.safeParse(CloudTrailRecord, record);
  if (!parsed.success) return { kind: 'invalid', problem: problemOf(parsed.issues[0]) };
  const sec = Math.floor(Date.parse(parsed.output.eventTime) / 1000);
  if (!Number.isFinite(sec)) return { kind: 'invalid', problem: 'eventTime is not a time' };
  return { kind: 'row', row: rowOf(parsed.output, service, sec) };
}

function rowOf(record: v.InferOutput<typeof CloudTrailRecord>, service: 'iam' | 'sts', sec: number): RecordRow {
  const { userIdentity, requestParameters: parameters } = record;
  const details = record.additionalEventData?.RequestDetails;
  const sessionName = textIn(parameters, 'roleSessionName');
  return {
    event_id: record.eventID,
    shared_event_id: record.sharedEventID,
    sec,
    service,
    operation: record.eventName,
    region: record.awsRegion,
    error_code: record.errorCode,
    error_message: record.errorMessage === null ? null : firstCharacters(record.errorMessage, MAX_MESSAGE),
    ip: record.sourceIPAddress,
    user_agent: record.userAgent === null ? null : firstCharacters(record.userAgent, MAX_USER_AGENT),
    identity_type: userIdentity.type,
    principal_id: userIdentity.principalId,
    arn: userIdentity.arn,
    account_id: userIdentity.accountId,
    access_key: userIdentity.accessKeyId,
    issuer_arn: userIdentity.sessionContext?.sessionIssuer?.arn ?? null,
    invoked_by: userIdentity.invokedBy,
    recipient_account: record.recipientAccountId,
    endpoint_type: details?.endpointType ?? null,
    serving_region: details?.awsServingRegion ?? null,
    host_header: record.tlsDetails?.clientProvidedHostHeader ?? null,
    params: parameters === null ? null : textKey(JSON.stringify(parameters)),
    role_arn: textIn(parameters, 'roleArn'),
    session_name: sessionName,
    session_pattern: sessionName === null ? null : sessionPattern(sessionName),
    session_limits: sessionLimits(parameters),
    duration: numberIn(parameters, 'durationSeconds'),
    target: targetOf(parameters),
  };
}

const MAX_MESSAGE = 200;
const MAX_USER_AGENT = 500;

/** The parameters that make one session of a role different from another, in AWS's spelling. */
const limitingParameters = ['policy', 'policyArns', 'tags', 'transitiveTagKeys', 'externalId', 'sourceIdentity'];

function sessionLimits(parameters: Readonly<Record<string, unknown>> | null): string | null {
  if (parameters === null) return null;
  const limits = limitingParameters.map((name) => (Object.hasOwn(parameters, name) ? parameters[name] : null));
  return limits.every((limit) => limit === null || limit === undefined) ? null : textKey(JSON.stringify(limits));
}

const targetParameters = ['policyArn', 'roleName', 'userName', 'groupName', 'instanceProfileName'];

function targetOf(parameters: Readonly<Record<string, unknown>> | null): string | null {
  for (const name of targetParameters) {
    const text = textIn(parameters, name);
    if (text !== null) return text;
  }
  return null;
}

function textIn(parameters: Readonly<Record<string, unknown>> | null, name: string): string | null {
  if (parameters === null || !Object.hasOwn(parameters, name)) return null;
  const value = parameters[name];
  return typeof value === 'string' ? wellFormed(value) : null;
}

function numberIn(parameters: Readonly<Record<string, unknown>> | null, name: string): number | null {
  if (parameters === null || !Object.hasOwn(parameters, name)) return null;
  const value = parameters[name];
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : null;
}

/** Names the field and the value's type, not the value, which is untrusted. */
function problemOf(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue) ?? 'the record';
  return issue.kind === 'schema'
    ? `${field} must be ${issue.expected ?? 'another type'}, but is ${issue.received.startsWith('"') ? 'text' : issue.received}`
    : `${field} ${issue.message}`;
}

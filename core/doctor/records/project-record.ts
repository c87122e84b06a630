import * as v from 'valibot';
import type { RecordRow } from './columns.ts';
import { sessionPattern } from './session-pattern.ts';
import { firstCharacters, textKey, wellFormed } from './text-key.ts';

const Text = v.nullish(v.pipe(v.string(), v.transform(wellFormed)), null);
/** An empty ID identifies nothing. */
const Id = v.pipe(
  Text,
  v.transform((id) => (id === '' ? null : id)),
);
/** Tables in Athena and some tools write an object as its JSON text. */
const fromText = v.transform((value: unknown): unknown => {
  if (typeof value !== 'string' || !/^\s*\{/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
});
const Fields = v.nullish(v.pipe(v.unknown(), fromText, v.nullable(v.record(v.string(), v.unknown()))), null);

/** The fields of a CloudTrail record that the doctor reads. Older event versions lack many of them. */
const CloudTrailRecord = v.object({
  // A record without an ID is analysed too, but a copy of it counts as another call.
  eventID: Id,
  sharedEventID: Id,
  eventTime: v.pipe(v.string(), v.isoTimestamp('must be an ISO 8601 time such as 2026-11-20T10:00:00Z')),
  eventSource: v.string(),
  eventName: v.pipe(v.string(), v.transform(wellFormed)),
  awsRegion: Text,
  errorCode: Text,
  errorMessage: Text,
  sourceIPAddress: Text,
  userAgent: Text,
  recipientAccountId: Text,
  // Some tools that write logs name the caller in one text.
  userIdentity: v.pipe(
    v.unknown(),
    fromText,
    v.transform((identity) => (typeof identity === 'string' ? { principalId: identity } : identity)),
    v.object({
      type: Text,
      principalId: Text,
      arn: Text,
      accountId: Text,
      accessKeyId: Text,
      invokedBy: Text,
      sessionContext: v.nullish(v.object({ sessionIssuer: v.nullish(v.object({ arn: Text }), null) }), null),
    }),
  ),
  requestParameters: Fields,
  // If these two fields have another form, the record is used without them.
  additionalEventData: v.fallback(
    v.pipe(
      v.unknown(),
      fromText,
      v.nullish(
        v.object({ RequestDetails: v.nullish(v.object({ endpointType: Text, awsServingRegion: Text }), null) }),
        null,
      ),
    ),
    null,
  ),
  tlsDetails: v.fallback(
    v.pipe(v.unknown(), fromText, v.nullish(v.object({ clientProvidedHostHeader: Text }), null)),
    null,
  ),
});

/**
 * A record's place in the analysis: a row; a call to another service; an event of another category, such as a data
 * event or an Insight; or a record that can't be read, with the field that is wrong.
 */
export type Projection =
  | { readonly kind: 'row'; readonly row: RecordRow }
  | { readonly kind: 'otherService' }
  | { readonly kind: 'otherCategory'; readonly category: OtherCategory }
  | { readonly kind: 'invalid'; readonly problem: string };

const services: Readonly<Record<string, 'iam' | 'sts'>> = { 'iam.amazonaws.com': 'iam', 'sts.amazonaws.com': 'sts' };

/** The categories of CloudTrail besides Management. The text of a record is not repeated. */
const otherCategories = ['Data', 'Insight', 'NetworkActivity', 'Aggregated', 'ActivityAuditLog'] as const;
export type OtherCategory = (typeof otherCategories)[number] | 'unknown';

/** The fields that decide whether a record belongs to the analysis. Insights have no `eventSource`. */
const Routing = v.object({ eventSource: v.optional(v.unknown()), eventCategory: v.optional(v.unknown()) });

/** The columns of a CloudTrail record that was parsed from JSON. Never throws. */
export function projectRecord(record: unknown): Projection {
  const routing = v.safeParse(Routing, record);
  if (!routing.success) return { kind: 'invalid', problem: problemOf(routing.issues[0]) };
  const { eventSource, eventCategory } = routing.output;
  // Old event versions have no category, and record management events only.
  if (eventCategory !== undefined && eventCategory !== null && eventCategory !== 'Management') {
    return { kind: 'otherCategory', category: otherCategories.find((known) => known === eventCategory) ?? 'unknown' };
  }
  const service = typeof eventSource === 'string' ? serviceOf(eventSource) : null;
  if (service === null && typeof eventSource === 'string') return { kind: 'otherService' };
  const parsed = v.safeParse(CloudTrailRecord, record);
  if (!parsed.success) return { kind: 'invalid', problem: problemOf(parsed.issues[0]) };
  const sec = Math.floor(Date.parse(parsed.output.eventTime) / 1000);
  if (service === null || !Number.isFinite(sec)) return { kind: 'invalid', problem: 'eventTime is not a time' };
  const parameters = parametersText(parsed.output.requestParameters);
  if (parameters === 'tooDeep') return { kind: 'invalid', problem: 'requestParameters is nested too deeply' };
  return { kind: 'row', row: rowOf(parsed.output, { service, sec, parameters }) };
}

const serviceOf = (eventSource: string): 'iam' | 'sts' | null =>
  Object.hasOwn(services, eventSource) ? (services[eventSource] ?? null) : null;

/** Null without parameters. `JSON.stringify` overflows the stack on thousands of nested values. */
function parametersText(
  parameters: Parameters | null,
): { readonly json: string; readonly limits: string | null } | 'tooDeep' | null {
  if (parameters === null) return null;
  try {
    return { json: JSON.stringify(parameters), limits: sessionLimits(parameters) };
  } catch (error: unknown) {
    if (error instanceof RangeError) return 'tooDeep';
    throw error;
  }
}

interface RowValues {
  readonly service: 'iam' | 'sts';
  readonly sec: number;
  readonly parameters: { readonly json: string; readonly limits: string | null } | null;
}

function rowOf(record: v.InferOutput<typeof CloudTrailRecord>, { service, sec, parameters }: RowValues): RecordRow {
  const { userIdentity, requestParameters } = record;
  const details = record.additionalEventData?.RequestDetails;
  const sessionName = textIn(requestParameters, 'roleSessionName');
  return {
    event_id: clipped(record.eventID),
    shared_event_id: clipped(record.sharedEventID),
    sec,
    service,
    operation: clipped(record.eventName),
    region: clipped(record.awsRegion),
    error_code: clipped(record.errorCode),
    error_message: clipped(record.errorMessage, MAX_MESSAGE),
    ip: clipped(record.sourceIPAddress),
    user_agent: clipped(record.userAgent, MAX_USER_AGENT),
    identity_type: clipped(userIdentity.type),
    principal_id: clipped(userIdentity.principalId),
    arn: clipped(userIdentity.arn),
    account_id: clipped(userIdentity.accountId),
    access_key: clipped(userIdentity.accessKeyId),
    issuer_arn: clipped(userIdentity.sessionContext?.sessionIssuer?.arn ?? null),
    invoked_by: clipped(userIdentity.invokedBy),
    recipient_account: clipped(record.recipientAccountId),
    endpoint_type: clipped(details?.endpointType ?? null),
    serving_region: clipped(details?.awsServingRegion ?? null),
    host_header: clipped(record.tlsDetails?.clientProvidedHostHeader ?? null),
    params: parameters === null ? null : textKey(parameters.json),
    role_arn: textIn(requestParameters, 'roleArn'),
    session_name: sessionName,
    session_pattern: sessionName === null ? null : sessionPattern(sessionName),
    session_limits: parameters?.limits ?? null,
    duration: numberIn(requestParameters, 'durationSeconds'),
    target: targetOf(requestParameters),
  };
}

type Parameters = Readonly<Record<string, unknown>>;

const MAX_MESSAGE = 200;
const MAX_USER_AGENT = 500;
/** The longest ARN of IAM and STS has 2,048 characters. A longer text is not from AWS. */
const MAX_TEXT = 2_048;

/** Bounds the size of a row. */
const clipped = <T extends string | null>(text: T, most = MAX_TEXT): T | string =>
  text === null ? text : firstCharacters(wellFormed(text), most);

/** The parameters that make one session of a role different from another, in AWS's spelling. */
const limitingParameters = ['policy', 'policyArns', 'tags', 'transitiveTagKeys', 'externalId', 'sourceIdentity'];

function sessionLimits(parameters: Parameters): string | null {
  const limits = limitingParameters.map((name) => (Object.hasOwn(parameters, name) ? parameters[name] : null));
  return limits.every((limit) => limit === null || limit === undefined) ? null : textKey(JSON.stringify(limits));
}

/** What a call changes: a policy that is attached to a role changes the role. */
const targetParameters = ['roleName', 'userName', 'groupName', 'policyArn', 'instanceProfileName'];

function targetOf(parameters: Parameters | null): string | null {
  for (const name of targetParameters) {
    const text = textIn(parameters, name);
    if (text !== null) return text;
  }
  return null;
}

function textIn(parameters: Parameters | null, name: string): string | null {
  if (parameters === null || !Object.hasOwn(parameters, name)) return null;
  const value = parameters[name];
  return typeof value === 'string' ? clipped(value) : null;
}

function numberIn(parameters: Parameters | null, name: string): number | null {
  if (parameters === null || !Object.hasOwn(parameters, name)) return null;
  const value = parameters[name];
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : null;
}

/** Names the field and the value's type, not the value, which is untrusted. */
function problemOf(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue) ?? 'the record';
  if (issue.kind !== 'schema') return `${field} ${issue.message}`;
  if (issue.received === 'undefined') return `${field} is missing`;
  return `${field} must be ${issue.expected === 'string' ? 'text' : 'an object'}, but is ${typeInWords(issue.input)}`;
}

function typeInWords(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const type = typeof value;
  return type === 'string' ? 'text' : type === 'object' ? 'an object' : `a ${type}`;
}

import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { HISTORY_MS, type HistoryEvent } from '../cloudtrail/event-history.ts';
import { ServiceError } from '../service-error.ts';
import type { XmlValue } from '../xml.ts';
import type { Operation } from './operation.ts';

/** Default and maximum number of events on a page. */
const LARGEST_PAGE = 50;

const invalid = (what: string, message: string): ServiceError =>
  new ServiceError(400, `Invalid${what}Exception`, message);

/**
 * Management events of the caller's account in the Region for which the request is signed, newest first. AWS does not
 * document the answer to a period that is partly older than 90 days: here such a period has only the newer events, and a
 * period that is wholly older is an error.
 */
const lookupEvents: Operation = (context) => {
  const { parameters, session, signingRegion, eventHistory, clock, behaviour } = context;
  const size = pageSize(parameters.get('MaxResults'));
  const matches = filterOf(parameters);
  const { from, to } = periodOf(parameters, clock.now());
  const after = positionOf(parameters);
  const events = (eventHistory?.newestFirst(session.accountId, signingRegion) ?? []).filter(
    (event) => isWithin(event, from, to) && matches(event) && (after === null || isOlder(event, after)),
  );
  const items = events.slice(0, Math.min(size, behaviour.largestPage));
  const last = items.at(-1);
  const hasMore = events.length > items.length;
  return {
    Events: items.map(eventOf),
    NextToken: hasMore && last !== undefined ? tokenOf(parameters, last) : null,
  };
};

export const cloudTrailOperations: Readonly<Record<string, Operation>> = { LookupEvents: lookupEvents };

/** @throws ServiceError InvalidMaxResultsException */
function pageSize(text: string | null): number {
  const size = Number(text ?? LARGEST_PAGE);
  if (Number.isInteger(size) && size >= 1 && size <= LARGEST_PAGE) return size;
  throw invalid('MaxResults', `Max results must be between 1 and ${LARGEST_PAGE}.`);
}

/** CloudTrail's times are whole seconds. */
const secondOf = ({ atMs }: HistoryEvent): number => Math.floor(atMs / 1_000);

const isWithin = (event: HistoryEvent, from: number, to: number): boolean =>
  1_000 * secondOf(event) >= from && 1_000 * secondOf(event) <= to;

/** @returns milliseconds since the epoch @throws ServiceError InvalidTimeRangeException */
function periodOf(parameters: URLSearchParams, now: number): { from: number; to: number } {
  const oldest = now - HISTORY_MS;
  const from = 1_000 * Number(parameters.get('StartTime') ?? oldest / 1_000);
  const to = 1_000 * Number(parameters.get('EndTime') ?? now / 1_000);
  if (!Number.isFinite(from) || !Number.isFinite(to)) throw invalid('TimeRange', 'The time range is not valid.');
  if (from > to) throw invalid('TimeRange', 'The start time must not be after the end time.');
  if (to < oldest) throw invalid('TimeRange', 'The time range is outside of the last 90 days.');
  return { from: Math.max(from, oldest), to };
}

/** The record's fields by which events can be filtered here. AWS has more. */
const filters: Readonly<Record<string, string>> = { EventSource: 'eventSource', EventName: 'eventName' };

/** @throws ServiceError InvalidLookupAttributesException */
function filterOf(parameters: URLSearchParams): (event: HistoryEvent) => boolean {
  const key = parameters.get('LookupAttributes.member.1.AttributeKey');
  const value = parameters.get('LookupAttributes.member.1.AttributeValue');
  if (parameters.has('LookupAttributes.member.2.AttributeKey')) {
    throw invalid('LookupAttributes', 'You can specify only one lookup attribute.');
  }
  if (key === null) return () => true;
  const field = filters[key];
  if (field === undefined || value === null) {
    throw invalid('LookupAttributes', `The attribute ${key} is not emulated.`);
  }
  return ({ record }) => record[field] === value;
}

const Token = v.object({ request: v.string(), atMs: v.number(), number: v.number() });
type Position = Pick<HistoryEvent, 'atMs' | 'number'>;

const isOlder = (event: Position, than: Position): boolean =>
  event.atMs < than.atMs || (event.atMs === than.atMs && event.number < than.number);

/** A token belongs to the request's other parameters. */
function requestHash(parameters: URLSearchParams): string {
  const others = [...parameters].filter(([name]) => name !== 'NextToken').map((pair) => pair.join('='));
  return createHash('sha256').update(others.sort().join('&')).digest('hex').slice(0, 16);
}

/** It holds the last event of the page, so that events that arrive later do not move the pages. */
const tokenOf = (parameters: URLSearchParams, { atMs, number }: Position): string =>
  Buffer.from(JSON.stringify({ request: requestHash(parameters), atMs, number })).toString('base64');

/** @throws ServiceError InvalidNextTokenException */
function positionOf(parameters: URLSearchParams): Position | null {
  const token = parameters.get('NextToken');
  if (token === null) return null;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Token), Buffer.from(token, 'base64').toString());
  if (parsed.success && parsed.output.request === requestHash(parameters)) return parsed.output;
  throw invalid('NextToken', 'The token is not valid, or its request had other parameters.');
}

/** The fields of a record that an event shows apart from the record. */
const ShownFields = v.object({
  eventID: v.string(),
  eventName: v.string(),
  eventSource: v.string(),
  readOnly: v.boolean(),
  userIdentity: v.object({
    accessKeyId: v.optional(v.string()),
    userName: v.optional(v.string()),
    principalId: v.optional(v.string()),
  }),
});

function eventOf(event: HistoryEvent): XmlValue {
  const { eventID, eventName, eventSource, readOnly, userIdentity } = v.parse(ShownFields, event.record);
  const { accessKeyId, userName, principalId } = userIdentity;
  return {
    EventId: eventID,
    EventName: eventName,
    ReadOnly: String(readOnly),
    AccessKeyId: accessKeyId ?? null,
    EventTime: secondOf(event),
    EventSource: eventSource,
    // Of a role's session: the name of the session.
    Username: userName ?? principalId?.split(':').at(-1) ?? null,
    Resources: [],
    CloudTrailEvent: JSON.stringify(event.record),
  };
}

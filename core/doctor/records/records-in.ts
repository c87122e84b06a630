/** What a JSON value of a log holds. */
export type LogContent =
  | { readonly kind: 'record'; readonly record: unknown }
  | { readonly kind: 'digest' }
  /** Text that should be a record, but is not valid JSON. */
  | { readonly kind: 'invalidText' }
  | { readonly kind: 'other' };

/** Fields of which every CloudTrail record has at least one, whatever its category and version. */
const recordFields = ['eventSource', 'eventName', 'eventCategory', 'eventVersion', 'eventID'];

/**
 * Finds the record in a value that was parsed from JSON: a record, an event of LookupEvents (`CloudTrailEvent`), of
 * EventBridge (`detail`) or of CloudWatch Logs (`message`), or the record as text.
 */
export function recordIn(value: unknown): LogContent {
  if (typeof value === 'string') return recordInText(value);
  if (!isObject(value)) return { kind: 'other' };
  const lookupEvent = own(value, 'CloudTrailEvent');
  if (typeof lookupEvent === 'string') return recordInText(lookupEvent);
  const detail = own(value, 'detail');
  if (isObject(detail)) return isRecord(detail) ? { kind: 'record', record: detail } : { kind: 'other' };
  if (isRecord(value)) return { kind: 'record', record: value };
  if (Array.isArray(own(value, 'logFiles')) || own(value, 'digestS3Bucket') !== undefined) return { kind: 'digest' };
  const message = own(value, 'message');
  return typeof message === 'string' && message.startsWith('{') ? recordInText(message) : { kind: 'other' };
}

function recordInText(text: string): LogContent {
  if (!/^\s*\{/.test(text)) return { kind: 'other' };
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && isRecord(value) ? { kind: 'record', record: value } : { kind: 'other' };
  } catch {
    return { kind: 'invalidText' };
  }
}

const isRecord = (value: Readonly<Record<string, unknown>>): boolean =>
  recordFields.some((field) => Object.hasOwn(value, field));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (value: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(value, name) ? value[name] : undefined;

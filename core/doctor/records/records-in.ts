/** What a JSON value of a log holds. */
export type LogContent =
  | { readonly kind: 'record'; readonly record: unknown }
  | { readonly kind: 'digest' }
  /** A message of S3 or CloudTrail about a new log file. */
  | { readonly kind: 'notification' }
  /** Text that should be a record, but is not valid JSON. */
  | { readonly kind: 'invalidText' }
  | { readonly kind: 'other' };

/** Fields of which every CloudTrail record has at least one, whatever its category and version. */
const recordFields = ['eventSource', 'eventName', 'eventCategory', 'eventVersion', 'eventID'];

/**
 * Fields with the record of a call as text: in the output of LookupEvents, in CloudWatch Logs, and in messages of SNS and
 * SQS as the APIs and Lambda give them.
 */
const textFields = ['CloudTrailEvent', 'message', 'Message', 'Body', 'body'];
/** Fields with the record, or with what contains it, as an object: in EventBridge events, and in SNS messages for Lambda. */
const objectFields = ['detail', 'Sns'];
/** An event of EventBridge in a message of SNS in a message of SQS has four levels. Text deeper inside is no record. */
const MOST_LEVELS = 6;

const other: LogContent = { kind: 'other' };

/**
 * Finds the records in a value that was parsed from JSON: a record, an event or message that contains one, or the record
 * as text. Only a message can hold several, as the log file that it contains.
 */
export const recordsIn = (value: unknown): readonly LogContent[] => contentsOf(value, MOST_LEVELS);

function contentsOf(value: unknown, levels: number): readonly LogContent[] {
  if (levels === 0) return [other];
  if (typeof value === 'string') return contentsOfText(value, levels);
  if (!isObject(value)) return [other];
  const [lookupEvent] = textFields;
  if (lookupEvent !== undefined && typeof own(value, lookupEvent) === 'string') {
    return contentsOfText(own(value, lookupEvent), levels);
  }
  if (isNotification(value)) return [{ kind: 'notification' }];
  for (const name of objectFields) {
    const inner = own(value, name);
    if (isObject(inner)) return contentsOf(inner, levels - 1);
  }
  const text = textFields.map((name) => own(value, name)).find(isJsonObject);
  // A message of SQS for Lambda has an eventSource too.
  if (text !== undefined && own(value, 'eventName') === undefined) return contentsOfText(text, levels);
  if (isRecord(value)) return [{ kind: 'record', record: value }];
  if (Array.isArray(own(value, 'logFiles')) || own(value, 'digestS3Bucket') !== undefined) return [{ kind: 'digest' }];
  const list = levels < MOST_LEVELS ? own(value, 'Records') : undefined;
  return Array.isArray(list) ? list.flatMap((one: unknown) => contentsOf(one, levels - 1)) : [other];
}

function contentsOfText(text: unknown, levels: number): readonly LogContent[] {
  if (!isJsonObject(text)) return [other];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [{ kind: 'invalidText' }];
  }
  return contentsOf(value, levels - 1);
}

const isJsonObject = (value: unknown): value is string => typeof value === 'string' && /^\s*\{/.test(value);

/** S3 names `aws:s3` as the source. CloudTrail's own message names a bucket and its keys. */
const isNotification = (value: Readonly<Record<string, unknown>>): boolean =>
  (own(value, 'eventSource') === 'aws:s3' && isObject(own(value, 's3'))) ||
  (typeof own(value, 's3Bucket') === 'string' && Array.isArray(own(value, 's3ObjectKey')));

const isRecord = (value: Readonly<Record<string, unknown>>): boolean =>
  recordFields.some((field) => Object.hasOwn(value, field));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (value: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(value, name) ? value[name] : undefined;

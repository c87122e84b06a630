import { cloudTrailColumns } from '../../core/doctor/records/cloudtrail-table.ts';
import type { Event } from './event-shapes.ts';

/** A Hive type in Trino's notation. */
const trinoType = (hiveType: string): string =>
  hiveType
    .replaceAll('struct<', 'ROW(')
    .replaceAll('>', ')')
    .replaceAll(':', ' ')
    .replaceAll(/\bstring\b/g, 'VARCHAR')
    // `type` is a keyword of SQL.
    .replaceAll(/([(,])(\w+) /g, '$1"$2" ');

/** Makes the CloudTrail table from the table `lines`. */
export const createCloudTrailTable = (): string => {
  const fields = Object.entries(cloudTrailColumns).map(([name, type]) => `"${name}" ${trinoType(type)}`);
  return `CREATE TABLE cloudtrail AS SELECT CAST(json_parse(line) AS ROW(${fields.join(', ')})).* FROM lines`;
};

/** Columns of JSON text. */
const jsonColumns = new Set(['requestparameters', 'additionaleventdata']);

/**
 * A record as Athena's SerDe reads it: names in lower case, parameters and additional data as JSON text. Null is the text
 * `null` for some records and no value for others: both occur.
 */
export function athenaLine(event: Event, place: number): string {
  const fields = Object.entries(event).map(([name, value]) => {
    const column = name.toLowerCase();
    if (!jsonColumns.has(column)) return [column, lowerCased(value)];
    return [column, value === null && place % 2 === 0 ? null : JSON.stringify(value)];
  });
  return JSON.stringify(Object.fromEntries(fields));
}

function lowerCased(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name.toLowerCase(), lowerCased(part)]));
}

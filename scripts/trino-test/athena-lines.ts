import { cloudTrailColumns } from '../../core/doctor/records/cloudtrail-table.ts';
import type { Event } from './event-shapes.ts';

/** Makes the CloudTrail table from the table `lines`. */
export const createCloudTrailTable = (): string => {
  const fields = Object.keys(cloudTrailColumns).map((name) => `"${name}" VARCHAR`);
  return `CREATE TABLE cloudtrail AS SELECT CAST(json_parse(line) AS ROW(${fields.join(', ')})).* FROM lines`;
};

/** Columns of objects, which Athena gives as JSON text. */
const objectColumns = new Set(['useridentity', 'requestparameters', 'additionaleventdata', 'tlsdetails']);

/**
 * A record as Athena's SerDe reads it: names of columns in lower case, objects as JSON text, text as it is. Null is the
 * text `null` for some records and no value for others: both occur.
 */
export function athenaLine(event: Event, place: number): string {
  const fields = Object.entries(event).map(([name, value]) => {
    const column = name.toLowerCase();
    if (!objectColumns.has(column) || typeof value === 'string') return [column, value];
    return [column, value === null && place % 2 === 0 ? null : JSON.stringify(value)];
  });
  return JSON.stringify(Object.fromEntries(fields));
}

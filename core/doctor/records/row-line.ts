import { recordColumns, type RecordRow } from './columns.ts';

/** `Object.entries` would lose the types of the columns. */
const columnNames = Object.keys(recordColumns).filter((name): name is keyof typeof recordColumns =>
  Object.hasOwn(recordColumns, name),
);
const prefixes = columnNames.map((name) => ({ name, prefix: `"${name}":` }));

/**
 * The row as one line of JSON, without its line feed. Columns without a value are left out. Half of a surrogate pair,
 * which a record may contain and which a text may end in after it was shortened, becomes U+FFFD: DuckDB rejects it.
 */
export function rowLine(row: RecordRow): string {
  const line = jsonOf(row, (text) => text);
  return line.includes('\\ud') ? jsonOf(row, wellFormed) : line;
}

function jsonOf(row: RecordRow, clean: (text: string) => string): string {
  let line = '';
  for (const { name, prefix } of prefixes) {
    const value = row[name];
    if (value === null) continue;
    line += `${line === '' ? '{' : ','}${prefix}${typeof value === 'number' ? value : JSON.stringify(clean(value))}`;
  }
  return `${line}}`;
}

const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

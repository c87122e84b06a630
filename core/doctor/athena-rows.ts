import { LogQueryError, type LogQueryName, type LogRow } from '../ports/log-queries.ts';

/** A column of an answer of Athena, with its type in SQL. */
export interface AthenaColumn {
  readonly Name?: string;
  readonly Type?: string;
}

/** A row of an answer of Athena. A missing value is null in SQL. */
export interface AthenaRow {
  readonly Data?: readonly { readonly VarCharValue?: string }[];
}

const numberTypes = new Set(['tinyint', 'smallint', 'integer', 'bigint', 'float', 'double']);
const textTypes = new Set(['varchar', 'char', 'string']);

/** A row of Athena, which gives all values as text. @throws LogQueryError for a value that is no text and no number */
export function rowOf(query: LogQueryName, columns: readonly AthenaColumn[], row: AthenaRow): LogRow {
  return Object.fromEntries(
    columns.map(({ Name = '', Type = '' }, place): [string, string | number | null] => {
      const text = row.Data?.[place]?.VarCharValue;
      if (text === undefined) return [Name, null];
      if (textTypes.has(Type)) return [Name, text];
      const value = numberTypes.has(Type) ? Number(text) : NaN;
      if (!Number.isFinite(value)) {
        throw new LogQueryError(
          `The query ${query} has a value in column ${Name} that is no text and no number: ${Type}.`,
        );
      }
      return [Name, value];
    }),
  );
}

/** The types of the tables' columns. `time` has milliseconds and no time zone: all times are in UTC. */
export type ColumnType = 'text' | 'count' | 'number' | 'flag' | 'time';

export interface Column {
  readonly type: ColumnType;
  /** For docs/tables.md, and as the column's comment in Glue. */
  readonly meaning: string;
}

export interface Table {
  /** What a row is. */
  readonly rows: string;
  readonly columns: Readonly<Record<string, Column>>;
}

export const text = (meaning: string) => ({ type: 'text', meaning }) as const;
export const count = (meaning: string) => ({ type: 'count', meaning }) as const;
export const number = (meaning: string) => ({ type: 'number', meaning }) as const;
export const flag = (meaning: string) => ({ type: 'flag', meaning }) as const;
export const time = (meaning: string) => ({ type: 'time', meaning }) as const;

/** The value of a cell by its column's type. Times are texts in ISO 8601; one that can't be parsed is stored as null. */
export interface CellByType {
  readonly text: string | null;
  readonly count: number | null;
  readonly number: number | null;
  readonly flag: boolean | null;
  readonly time: string | null;
}

export type Cell = CellByType[ColumnType];

export type RowOf<Of extends Table> = {
  readonly [Name in keyof Of['columns']]: CellByType[Of['columns'][Name]['type']];
};

import Papa from 'papaparse';
import type { AnswerCell } from '../core/contract/answers/query.ts';
import { withoutControls } from '../core/wording/html.ts';
import { SPREADSHEET_FORMULA } from '../core/wording/spreadsheet-formula.ts';
import type { Answer } from '../local/tables/duckdb-tables.ts';
import { note } from './output.ts';
import { table } from './table.ts';

/** More rows are hard to read on a terminal, and their widths are only known when all are in memory. */
const MOST_ROWS = 1_000;

/** A row of a CSV file. A text that a spreadsheet would read as a formula is written as text; numbers stay numbers. */
export const csvLine = (row: readonly AnswerCell[]): string =>
  Papa.unparse([row.map((cell) => (typeof cell === 'string' ? withoutControls(cell) : cell))], {
    escapeFormulae: SPREADSHEET_FORMULA,
  });

export async function* csvLines({ columns, rows }: Answer): AsyncGenerator<string> {
  yield csvLine(columns.map(({ name }) => name));
  for await (const row of rows()) yield csvLine(row);
}

/** The answer in columns of the same width. */
export async function* tableLines({ columns, rows }: Answer): AsyncGenerator<string> {
  const shown: string[][] = [];
  let more = false;
  for await (const row of rows()) {
    if (shown.length === MOST_ROWS) {
      more = true;
      break;
    }
    shown.push(row.map((cell) => (cell === null ? '' : String(cell))));
  }
  if (more) note(`Only the first ${MOST_ROWS} rows are shown. Get all with --format csv.`);
  else note(shown.length === 1 ? '1 row.' : `${shown.length} rows.`);
  yield* table([columns.map(({ name }) => name.toUpperCase()), ...shown]);
}

export async function jsonCells({ columns, rows }: Answer): Promise<Record<string, AnswerCell>[]> {
  const all: Record<string, AnswerCell>[] = [];
  for await (const row of rows()) {
    all.push(Object.fromEntries(columns.map(({ name }, place) => [name, row[place] ?? null])));
  }
  return all;
}

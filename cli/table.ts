import { printable } from '../core/wording/printable.ts';

/** Rows in columns of the same width. Control characters are printed inert. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = (cells[0] ?? []).map((_cell, column) =>
    cells.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Longer lists are shortened in texts. `--json` prints all. */
const MAX_LISTED = 3;
export const shortened = (names: readonly string[], total = names.length): string =>
  total <= MAX_LISTED ? names.join(', ') : `${names.slice(0, MAX_LISTED).join(', ')} and ${total - MAX_LISTED} more`;

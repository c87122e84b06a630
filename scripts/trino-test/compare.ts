/** A row by column name. */
export type Row = Readonly<Record<string, unknown>>;

/** Numbers that differ by less than this share are equal: the engines add in another order. */
const TOLERANCE = 1e-6;
const MOST_SHOWN = 5;

/** The differences between two lists of rows, in any order, as text. */
export function differences(duck: readonly Row[], trino: readonly Row[]): string[] {
  const found: string[] = [];
  if (duck.length !== trino.length) found.push(`DuckDB has ${duck.length} rows, Trino ${trino.length}`);
  const left = sorted(duck);
  const right = sorted(trino);
  for (const [place, row] of left.entries()) {
    const other = right[place];
    if (other !== undefined && !equalRows(row, other)) {
      found.push(`DuckDB ${JSON.stringify(row)}\n    Trino  ${JSON.stringify(other)}`);
    }
  }
  return found.length <= MOST_SHOWN ? found : [...found.slice(0, MOST_SHOWN), `and ${found.length - MOST_SHOWN} more`];
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorted by their texts and whole numbers, and then by their fractions, which may differ a little. */
function sorted(rows: readonly Row[]): Row[] {
  const keyed = rows.map((row) => {
    const names = Object.keys(row).sort();
    const isFraction = (value: unknown): value is number => typeof value === 'number' && !Number.isInteger(value);
    return {
      row,
      key: JSON.stringify(names.map((name) => (isFraction(row[name]) ? '' : row[name]))),
      fractions: names.map((name) => row[name]).filter(isFraction),
    };
  });
  const byFractions = (a: readonly number[], b: readonly number[]): number =>
    a.map((value, place) => value - (b[place] ?? 0)).find((difference) => Math.abs(difference) > TOLERANCE) ?? 0;
  return keyed.sort((a, b) => byText(a.key, b.key) || byFractions(a.fractions, b.fractions)).map(({ row }) => row);
}

function equalRows(a: Row, b: Row): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => equalValues(a[name], b[name]));
}

function equalValues(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

/** Pairs of values that are equal in one engine and different in the other. Both lists have the same rows in order. */
export function partitionDifferences(duck: readonly unknown[], trino: readonly unknown[]): string[] {
  const found: string[] = [];
  const there = new Map<unknown, unknown>();
  const back = new Map<unknown, unknown>();
  for (const [place, value] of duck.entries()) {
    const other = trino[place];
    const known = there.has(value) ? there.get(value) : other;
    const knownBack = back.has(other) ? back.get(other) : value;
    if (known !== other || knownBack !== value || (value === null) !== (other === null)) {
      found.push(`${JSON.stringify(value)} is ${JSON.stringify(other)}, another time ${JSON.stringify(known)}`);
    }
    there.set(value, other);
    back.set(other, value);
  }
  return found.slice(0, MOST_SHOWN);
}

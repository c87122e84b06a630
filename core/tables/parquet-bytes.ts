import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { ParquetWriter } from 'hyparquet-writer/src/parquet-writer.js';
import type { Cell, Column, ColumnType } from '../contract/tables/columns.ts';

type SchemaElement = ParquetWriter['schema'][number];

/**
 * Times have no time zone: DuckDB would show times with one in the time zone of its machine, and Athena has only times
 * without.
 */
const elements: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  count: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
  time: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' } },
};

/** The buffer is emptied after each group of rows, while the offset goes on. */
class DrainedWriter extends ByteWriter {
  take(): Uint8Array {
    const bytes = this.getBytes().slice();
    this.index = 0;
    return bytes;
  }
}

/** Encodes a Parquet file group by group. The caller stores the bytes in the order in which they are returned. */
export class ParquetBytes {
  readonly #writer = new DrainedWriter();
  readonly #file: ParquetWriter;
  readonly #columns: readonly (readonly [string, Column])[];

  constructor(columns: Readonly<Record<string, Column>>) {
    this.#columns = Object.entries(columns);
    this.#file = new ParquetWriter({
      writer: this.#writer,
      schema: [
        { name: 'root', num_children: this.#columns.length },
        ...this.#columns.map(([name, { type }]) => ({
          name,
          repetition_type: 'OPTIONAL' as const,
          ...elements[type],
        })),
      ],
      createdBy: 'iam-audit',
    });
  }

  /** Bytes of the file so far. */
  get size(): number {
    return this.#writer.offset;
  }

  /** @param rows at least one: cells in the order of the columns */
  group(rows: readonly (readonly Cell[])[]): Uint8Array {
    const columnData = this.#columns.map(([name, { type }], place) => ({
      name,
      data: rows.map((row) => stored(row[place] ?? null, type)),
    }));
    // It returns a promise only if its writer does.
    void this.#file.write({ columnData, rowGroupSize: rows.length });
    return this.#writer.take();
  }

  end(): Uint8Array {
    void this.#file.finish();
    return this.#writer.take();
  }
}

type StoredCell = string | number | bigint | boolean | Date | null;

function stored(cell: Cell, type: ColumnType): StoredCell {
  if (cell === null) return null;
  switch (type) {
    case 'text':
      return String(cell);
    case 'count':
      return Number.isFinite(Number(cell)) ? BigInt(Math.round(Number(cell))) : null;
    case 'number':
      return Number.isFinite(Number(cell)) ? Number(cell) : null;
    case 'flag':
      return cell === true;
    case 'time': {
      const at = new Date(String(cell));
      return Number.isNaN(at.getTime()) ? null : at;
    }
  }
}

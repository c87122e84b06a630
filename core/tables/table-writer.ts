import type { Cell, Column } from '../contract/tables/columns.ts';
import type { ObjectStore } from '../ports/store.ts';
import { LineChannel } from '../streams/line-channel.ts';
import { ParquetBytes } from './parquet-bytes.ts';

export interface TableLimits {
  /** The most rows, and about the most characters of text, in a group: one group of each table is in memory. */
  readonly groupRows: number;
  readonly groupCharacters: number;
  /** A file that has this many bytes is ended after its group. A group has less than 13 MB, so no file has 128 MB. */
  readonly fileBytes: number;
}

export const tableLimits: TableLimits = {
  groupRows: 20_000,
  groupCharacters: 4_000_000,
  fileBytes: 112 * 1024 * 1024,
};

interface OpenFile {
  readonly parquet: ParquetBytes;
  readonly bytes: LineChannel<Uint8Array>;
  /** The error of the write; null if it succeeded. */
  readonly written: Promise<Error | null>;
}

/**
 * Writes the rows of a table into one or more files. `end` completes them; without it the last file does not appear. A table
 * without rows is a file without rows.
 */
export class TableWriter {
  readonly #names: readonly string[];
  #group: Cell[][] = [];
  #characters = 0;
  #file: OpenFile | null = null;
  #files = 0;

  /** @param keyOf the key of a file, by its number from 0 */
  constructor(
    private readonly store: ObjectStore,
    private readonly columns: Readonly<Record<string, Column>>,
    private readonly keyOf: (part: number) => string,
    private readonly limits: TableLimits = tableLimits,
  ) {
    this.#names = Object.keys(columns);
  }

  /** @throws StoreError */
  async add(row: Readonly<Record<string, Cell>>): Promise<void> {
    const cells = this.#names.map((name) => row[name] ?? null);
    this.#group.push(cells);
    for (const cell of cells) if (typeof cell === 'string') this.#characters += cell.length;
    const { groupRows, groupCharacters } = this.limits;
    if (this.#group.length >= groupRows || this.#characters >= groupCharacters) await this.#flush();
  }

  /** @returns the number of files. @throws StoreError */
  async end(): Promise<number> {
    await this.#flush();
    if (this.#files === 0) this.#file = this.#open();
    await this.#close();
    return this.#files;
  }

  /** Ends the writing without the last file. */
  async abandon(reason: Error): Promise<void> {
    this.#file?.bytes.fail(reason);
    await this.#file?.written;
    this.#file = null;
  }

  async #flush(): Promise<void> {
    if (this.#group.length === 0) return;
    this.#file ??= this.#open();
    const { parquet } = this.#file;
    const bytes = parquet.group(this.#group);
    this.#group = [];
    this.#characters = 0;
    await this.#push(this.#file, bytes);
    if (parquet.size >= this.limits.fileBytes) await this.#close();
  }

  #open(): OpenFile {
    const bytes = new LineChannel<Uint8Array>(1);
    const written = this.store.writeBytes(this.keyOf(this.#files), bytes).then(
      () => null,
      (error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        bytes.fail(failure);
        return failure;
      },
    );
    this.#files += 1;
    return { parquet: new ParquetBytes(this.columns), bytes, written };
  }

  /** The error of the write says more than that of the channel. */
  async #push(file: OpenFile, bytes: Uint8Array): Promise<void> {
    try {
      await file.bytes.push(bytes);
    } catch (error: unknown) {
      throw (await file.written) ?? error;
    }
  }

  async #close(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    await this.#push(file, file.parquet.end());
    file.bytes.end();
    this.#file = null;
    const failure = await file.written;
    if (failure !== null) throw failure;
  }
}

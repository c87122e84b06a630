import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { rowLine } from '../../core/doctor/records/row-line.ts';
import type { RecordRow } from '../../core/doctor/records/columns.ts';

const BLOCK_CHARACTERS = 1 << 20;

/** Writes rows as lines of JSON into `<name>.ndjson`. Writes in blocks, and synchronously: it runs in a thread of its own. */
export class RowFile {
  readonly #file: number;
  #block = '';

  constructor(folder: string, name: string) {
    this.#file = openSync(join(folder, `${name}.ndjson`), 'wx');
  }

  write(row: RecordRow): void {
    this.#block += `${rowLine(row)}\n`;
    if (this.#block.length >= BLOCK_CHARACTERS) this.#flush();
  }

  close(): void {
    try {
      this.#flush();
    } finally {
      closeSync(this.#file);
    }
  }

  abandon(): void {
    closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#block);
    this.#block = '';
    for (let written = 0; written < bytes.length;) written += writeSync(this.#file, bytes, written);
  }
}

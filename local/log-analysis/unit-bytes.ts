const SMALLEST_BUFFER = 64 << 10;
const SPACES: readonly number[] = [0x20, 0x09, 0x0d, 0x0a];
const NEWLINE = 0x0a;

/**
 * The bytes of one unit of a file, which may begin in one chunk and end in another. Copies only what crosses chunks, and
 * nothing of a unit that is larger than `most` bytes.
 */
export class UnitBytes {
  readonly #most: number;
  #chunk: Buffer = Buffer.alloc(0);
  /** Where the unit starts in the chunk: 0 if it started in an earlier one. */
  #start = 0;
  #kept: Buffer = Buffer.allocUnsafe(SMALLEST_BUFFER);
  #keptBytes = 0;
  #tooLarge = false;

  constructor(most: number) {
    this.#most = most;
  }

  continueIn(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#start = 0;
  }

  begin(at: number): void {
    this.drop();
    this.#start = at;
  }

  drop(): void {
    this.#keptBytes = 0;
    this.#tooLarge = false;
    if (this.#kept.length > SMALLEST_BUFFER * 16) this.#kept = Buffer.allocUnsafe(SMALLEST_BUFFER);
  }

  /** Copies the unit's bytes of this chunk, up to `end`. */
  keep(end = this.#chunk.length): void {
    const bytes = end - this.#start;
    const total = this.#keptBytes + bytes;
    if (this.#tooLarge || total > this.#most) {
      this.drop();
      this.#tooLarge = true;
      return;
    }
    if (total > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(total, Math.min(this.#kept.length * 2, this.#most)));
      this.#kept.copy(larger, 0, 0, this.#keptBytes);
      this.#kept = larger;
    }
    this.#chunk.copy(this.#kept, this.#keptBytes, this.#start, end);
    this.#keptBytes = total;
  }

  /** The place in the unit of a place in the chunk. */
  position(at: number): number {
    return this.#keptBytes + at - this.#start;
  }

  /** The JSON string between two places of the unit; null if it is not valid, or was not kept. */
  text(from: number, to: number): string | null {
    if (this.#tooLarge || from >= to) return null;
    let text = '';
    for (let place = from; place < to; place += 1) text += String.fromCharCode(this.#at(place));
    if (!text.includes('\\')) return text;
    try {
      const value: unknown = JSON.parse(`"${text}"`);
      return typeof value === 'string' ? value : null;
    } catch {
      return null;
    }
  }

  /** The last byte before `at` that is no space, and whether a line feed comes directly before `at`. */
  before(at: number): { readonly before: number | null; readonly newline: boolean } {
    // Of a unit that is not kept, only this chunk is known.
    let place = this.position(at) - 1;
    if (this.#tooLarge || place < 0) return { before: null, newline: false };
    const newline = this.#at(place) === NEWLINE;
    while (place >= 0 && SPACES.includes(this.#at(place))) place -= 1;
    return { before: place < 0 ? null : this.#at(place), newline };
  }

  /** The whole unit; null if it is too large. Valid until the next call. */
  end(at: number): { readonly bytes: Buffer; readonly start: number; readonly end: number } | null {
    const total = this.position(at);
    if (this.#tooLarge || total > this.#most) {
      this.drop();
      return null;
    }
    if (this.#keptBytes === 0) return { bytes: this.#chunk, start: this.#start, end: at };
    this.keep(at);
    const bytes = this.#kept;
    this.#keptBytes = 0;
    return { bytes, start: 0, end: total };
  }

  #at(place: number): number {
    return (place < this.#keptBytes ? this.#kept[place] : this.#chunk[this.#start + place - this.#keptBytes]) ?? 0;
  }
}

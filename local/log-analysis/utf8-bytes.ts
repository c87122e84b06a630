/**
 * Turns UTF-16, which PowerShell writes when output is redirected to a file, into UTF-8. Other bytes stay as they are. UTF-16
 * is recognised by the byte order mark at the start.
 */
export class Utf8Bytes {
  #decoder: TextDecoder | null | undefined;
  #held: Uint8Array = new Uint8Array(0);

  /** The bytes as UTF-8; empty as long as the start is too short to be recognised. */
  next(chunk: Uint8Array): Uint8Array {
    if (this.#decoder === null) return chunk;
    if (this.#decoder !== undefined) return utf8(this.#decoder.decode(chunk, { stream: true }));
    const start = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (start.length < 2) {
      this.#held = Uint8Array.from(start);
      return new Uint8Array(0);
    }
    this.#held = new Uint8Array(0);
    const [first, second] = start;
    if (first === 0xff && second === 0xfe) this.#decoder = new TextDecoder('utf-16le');
    else if (first === 0xfe && second === 0xff) this.#decoder = new TextDecoder('utf-16be');
    else this.#decoder = null;
    return this.#decoder === null ? start : utf8(this.#decoder.decode(start, { stream: true }));
  }

  /** The rest, at the end of the file. */
  end(): Uint8Array {
    return this.#decoder === undefined || this.#decoder === null ? this.#held : utf8(this.#decoder.decode());
  }
}

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

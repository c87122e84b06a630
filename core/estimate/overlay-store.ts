import {
  ObjectNotFound,
  PreconditionFailed,
  type ByteRange,
  type ObjectStore,
  type StoredText,
  type WriteCondition,
} from '../ports/store.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface OverlaySettings {
  /** Objects of the other store that count as absent. */
  readonly hidden: ReadonlySet<string>;
  /** Whether nothing reads an object that is written. Its lines are counted and not kept. */
  readonly discards: (key: string) => boolean;
}

interface StoredBytes {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** Reads another store, and keeps what is written in memory. The other store never changes. */
export class OverlayStore implements ObjectStore {
  readonly bucket: string;
  readonly #written = new Map<string, StoredBytes>();
  #versions = 0;

  /** @param base null: there are no earlier objects */
  constructor(
    private readonly base: ObjectStore | null,
    private readonly settings: OverlaySettings,
  ) {
    this.bucket = base?.bucket ?? 'memory';
  }

  /** Removes what was written below a prefix. Objects of the other store become visible again. */
  forget(prefix: string): void {
    for (const key of this.#written.keys()) if (key.startsWith(prefix)) this.#written.delete(key);
  }

  async read(key: string): Promise<StoredText | null> {
    const written = this.#written.get(key);
    if (written !== undefined) return { text: decoder.decode(written.bytes), etag: written.etag };
    return (await this.#visible(key)?.read(key)) ?? null;
  }

  async exists(key: string): Promise<boolean> {
    return this.#written.has(key) || ((await this.#visible(key)?.exists(key)) ?? false);
  }

  async write(key: string, text: string, condition?: WriteCondition): Promise<string> {
    if (condition !== undefined) {
      const earlier = await this.#visible(key)?.read(key);
      // Read without a wait, so that only one of several concurrent writes sees the version that it expects.
      const etag = this.#written.get(key)?.etag ?? earlier?.etag;
      const isAsExpected = 'ifMatch' in condition ? etag === condition.ifMatch : etag === undefined;
      if (!isAsExpected) throw new PreconditionFailed(key);
    }
    return this.#put(key, encoder.encode(text));
  }

  async *readLines(key: string, range?: ByteRange): AsyncGenerator<string> {
    const written = this.#written.get(key);
    if (written === undefined) {
      const base = this.#visible(key);
      if (base === null) throw new ObjectNotFound(key);
      yield* base.readLines(key, range);
      return;
    }
    const { offset, length } = range ?? { offset: 0, length: written.bytes.length };
    const text = decoder.decode(written.bytes.subarray(offset, offset + length));
    if (text !== '') yield* text.replace(/\n$/, '').split('\n');
  }

  async writeLines(
    key: string,
    lines: AsyncIterable<string> | Iterable<string>,
  ): Promise<{ lines: number; bytes: number }> {
    const isKept = !this.settings.discards(key);
    const kept: Uint8Array[] = [];
    let count = 0;
    let bytes = 0;
    for await (const line of lines) {
      const encoded = encoder.encode(`${line}\n`);
      if (isKept) kept.push(encoded);
      count += 1;
      bytes += encoded.length;
    }
    this.#put(key, joined(kept));
    return { lines: count, bytes };
  }

  async *readBytes(key: string): AsyncGenerator<Uint8Array> {
    const written = this.#written.get(key);
    if (written !== undefined) {
      yield written.bytes;
      return;
    }
    const base = this.#visible(key);
    if (base === null) throw new ObjectNotFound(key);
    yield* base.readBytes(key);
  }

  async writeBytes(key: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
    const isKept = !this.settings.discards(key);
    const kept: Uint8Array[] = [];
    for await (const part of parts) if (isKept) kept.push(part);
    this.#put(key, joined(kept));
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const keys = new Set([...this.#written.keys()].filter((key) => key.startsWith(prefix)));
    for await (const key of this.base?.list(prefix) ?? []) if (!this.settings.hidden.has(key)) keys.add(key);
    yield* [...keys].sort();
  }

  #visible(key: string): ObjectStore | null {
    return this.settings.hidden.has(key) ? null : this.base;
  }

  #put(key: string, bytes: Uint8Array): string {
    this.#versions += 1;
    const etag = `written ${this.#versions}`;
    this.#written.set(key, { bytes, etag });
    return etag;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

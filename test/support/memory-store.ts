import { ObjectNotFound, PreconditionFailed, type ByteRange, type ObjectStore } from '../../core/ports/store.ts';
import type { StoredText, WriteCondition } from '../../core/ports/store.ts';

/** A store in memory, for tests with many objects. Their content is outside of the heap of JavaScript. */
export class MemoryStore implements ObjectStore {
  readonly bucket = 'memory';
  readonly #objects = new Map<string, { readonly bytes: Buffer; readonly etag: string }>();
  #versions = 0;

  read(key: string): Promise<StoredText | null> {
    const stored = this.#objects.get(key);
    return Promise.resolve(stored === undefined ? null : { text: stored.bytes.toString(), etag: stored.etag });
  }

  exists(key: string): Promise<boolean> {
    return Promise.resolve(this.#objects.has(key));
  }

  write(key: string, text: string, condition?: WriteCondition): Promise<string> {
    const etag = this.#objects.get(key)?.etag;
    const isAsExpected =
      condition === undefined || ('ifMatch' in condition ? etag === condition.ifMatch : etag === undefined);
    return isAsExpected ? Promise.resolve(this.#put(key, text)) : Promise.reject(new PreconditionFailed(key));
  }

  async *readLines(key: string, range?: ByteRange): AsyncGenerator<string> {
    const stored = this.#objects.get(key);
    if (stored === undefined) throw new ObjectNotFound(key);
    const { offset, length } = range ?? { offset: 0, length: stored.bytes.length };
    const text = stored.bytes.subarray(offset, offset + length).toString();
    // As from S3, the first line comes later.
    await Promise.resolve();
    if (text !== '') yield* text.replace(/\n$/, '').split('\n');
  }

  async writeLines(
    key: string,
    lines: AsyncIterable<string> | Iterable<string>,
  ): Promise<{ lines: number; bytes: number }> {
    const all: string[] = [];
    for await (const line of lines) all.push(`${line}\n`);
    const text = all.join('');
    this.#put(key, text);
    return { lines: all.length, bytes: Buffer.byteLength(text) };
  }

  async *readBytes(key: string): AsyncGenerator<Uint8Array> {
    const stored = this.#objects.get(key);
    if (stored === undefined) throw new ObjectNotFound(key);
    await Promise.resolve();
    yield stored.bytes;
  }

  async writeBytes(key: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
    const all: Uint8Array[] = [];
    for await (const part of parts) all.push(part);
    this.#put(key, Buffer.concat(all));
  }

  async *list(prefix: string): AsyncGenerator<string> {
    await Promise.resolve();
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix));
    yield* keys.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  }

  #put(key: string, content: string | Buffer): string {
    this.#versions += 1;
    const etag = String(this.#versions);
    this.#objects.set(key, { bytes: Buffer.from(content), etag });
    return etag;
  }
}

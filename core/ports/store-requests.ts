import { MULTIPART_BYTES, type ByteRange, type ObjectStore, type StoredText, type WriteCondition } from './store.ts';

/** Requests to S3 in its two billing classes: PUT, COPY, POST and LIST; GET and all others. */
export interface StoreRequests {
  readonly puts: number;
  readonly gets: number;
}

/** Keys on one page of a listing (Amazon S3 API, ListObjectsV2). */
const KEYS_PER_PAGE = 1_000;

/** A multipart upload needs one request per part, one to create the upload and one to complete it. */
const putsFor = (bytes: number): number => (bytes < MULTIPART_BYTES ? 1 : Math.ceil(bytes / MULTIPART_BYTES) + 2);

/**
 * Counts the requests to a store as S3 would bill them, also for a store that is not S3. An object that is still being
 * written counts with the parts written so far. Retries in the SDK are not counted.
 */
export class CountedStore implements ObjectStore {
  readonly bucket: string;
  #puts = 0;
  #gets = 0;

  constructor(private readonly store: ObjectStore) {
    this.bucket = store.bucket;
  }

  get requests(): StoreRequests {
    return { puts: this.#puts, gets: this.#gets };
  }

  read(key: string): Promise<StoredText | null> {
    this.#gets += 1;
    return this.store.read(key);
  }

  exists(key: string): Promise<boolean> {
    this.#gets += 1;
    return this.store.exists(key);
  }

  write(key: string, text: string, condition?: WriteCondition): Promise<string> {
    this.#puts += 1;
    return this.store.write(key, text, condition);
  }

  readLines(key: string, range?: ByteRange): AsyncIterable<string> {
    this.#gets += 1;
    return this.store.readLines(key, range);
  }

  writeLines(key: string, lines: AsyncIterable<string> | Iterable<string>): Promise<{ lines: number; bytes: number }> {
    this.#puts += 1;
    return this.store.writeLines(key, this.#countParts(lines));
  }

  readBytes(key: string): AsyncIterable<Uint8Array> {
    this.#gets += 1;
    return this.store.readBytes(key);
  }

  writeBytes(key: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
    this.#puts += 1;
    return this.store.writeBytes(key, this.#countBytes(parts));
  }

  async *list(prefix: string): AsyncGenerator<string> {
    let keys = 0;
    for await (const key of this.store.list(prefix)) {
      if (keys % KEYS_PER_PAGE === 0) this.#puts += 1;
      keys += 1;
      yield key;
    }
    if (keys === 0) this.#puts += 1;
  }

  async *#countParts(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
    const encoder = new TextEncoder();
    let bytes = 0;
    for await (const line of lines) {
      const before = putsFor(bytes);
      bytes += encoder.encode(line).length + 1;
      this.#puts += putsFor(bytes) - before;
      yield line;
    }
  }

  async *#countBytes(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const part of parts) {
      const before = putsFor(bytes);
      bytes += part.length;
      this.#puts += putsFor(bytes) - before;
      yield part;
    }
  }
}

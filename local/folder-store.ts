import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, opendir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BrokenGzip, gunzipped, gzipped, isGzip } from '../core/streams/gzip.ts';
import { linesOf } from '../core/streams/lines.ts';
import {
  DamagedObject,
  ObjectNotFound,
  PreconditionFailed,
  StoreError,
  type ByteRange,
  type ObjectStore,
  type StoredText,
  type WriteCondition,
} from '../core/ports/store.ts';
import { withFileLock } from './folder-lock.ts';
import { errorCodeOf, fileFault } from './file-faults.ts';

/** Results show who can do what, so other users of the machine must not read them. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** Prefix of files that are not objects: temporary files and locks. */
const INTERNAL_PREFIX = '.~';
const CHUNK_BYTES = 1 << 16;
/** No object is written for so long: the process that wrote the file has died. */
const LEFTOVER_MS = 3_600_000;

const etagOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * A folder with S3's semantics. A rename makes each object visible only when it is complete. Conditions are checked
 * under a lock.
 */
export class FolderStore implements ObjectStore {
  readonly bucket: string;
  readonly #durable: boolean;

  /** @param durable whether a written object is on the disk when the writer is told so; false is faster */
  constructor({ folder, durable = true }: { readonly folder: string; readonly durable?: boolean }) {
    this.bucket = resolve(folder);
    this.#durable = durable;
  }

  /** The path of an object's file. @throws StoreError if the key would lead outside the folder */
  path(key: string): string {
    const segments = key.split('/');
    const invalid = segments.find(
      (segment) => segment === '' || segment === '.' || segment === '..' || segment.includes('\0'),
    );
    if (invalid !== undefined || segments.some((segment) => segment.startsWith(INTERNAL_PREFIX))) {
      throw new StoreError(
        `"${key}" is not a valid object key. Its parts must be names other than "..", separated by single slashes.`,
      );
    }
    return join(this.bucket, ...segments);
  }

  async exists(key: string): Promise<boolean> {
    try {
      return (await stat(this.path(key))).isFile();
    } catch (error: unknown) {
      if (isAbsent(error)) return false;
      throw this.#toStoreError('read', key, error);
    }
  }

  async read(key: string): Promise<StoredText | null> {
    try {
      const text = await readFile(this.path(key), 'utf8');
      return { text, etag: etagOf(text) };
    } catch (error: unknown) {
      if (isAbsent(error)) return null;
      throw this.#toStoreError('read', key, error);
    }
  }

  async write(key: string, text: string, condition?: WriteCondition): Promise<string> {
    const temporary = await this.#writeTemporary(key, [Buffer.from(text)]);
    try {
      if (condition === undefined) await rename(temporary, this.path(key));
      else await this.#replaceIf(key, temporary, condition);
    } catch (error: unknown) {
      if (error instanceof StoreError) throw error;
      throw this.#toStoreError('write', key, error);
    } finally {
      await rm(temporary, { force: true });
    }
    return etagOf(text);
  }

  async *readLines(key: string, range?: ByteRange): AsyncGenerator<string> {
    if (!(await this.exists(key))) throw new ObjectNotFound(key);
    if (range?.length === 0) return;
    const bounds = range === undefined ? {} : { start: range.offset, end: range.offset + range.length - 1 };
    const stream = createReadStream(this.path(key), { ...bounds, highWaterMark: CHUNK_BYTES });
    try {
      yield* linesOf(isGzip(key) ? gunzipped(stream) : stream);
    } catch (error: unknown) {
      throw this.#toStoreError('read', key, error);
    } finally {
      stream.destroy();
    }
  }

  async writeLines(
    key: string,
    lines: AsyncIterable<string> | Iterable<string>,
  ): Promise<{ lines: number; bytes: number }> {
    let count = 0;
    let bytes = 0;
    const source: { failed: { readonly error: unknown } | null } = { failed: null };
    const encodedLines = async function* (): AsyncGenerator<Buffer> {
      try {
        for await (const line of lines) {
          const part = Buffer.from(`${line}\n`);
          count += 1;
          bytes += part.length;
          yield part;
        }
      } catch (error: unknown) {
        source.failed = { error };
        throw error;
      }
    };
    try {
      await this.#writeParts(key, isGzip(key) ? gzipped(encodedLines()) : encodedLines());
    } catch (error: unknown) {
      // An error of the caller's own lines is rethrown unchanged, whatever fields it has.
      throw source.failed === null ? error : source.failed.error;
    }
    return { lines: count, bytes };
  }

  async *readBytes(key: string): AsyncGenerator<Uint8Array> {
    if (!(await this.exists(key))) throw new ObjectNotFound(key);
    const stream: AsyncIterable<Uint8Array> = createReadStream(this.path(key));
    try {
      yield* stream;
    } catch (error: unknown) {
      throw this.#toStoreError('read', key, error);
    }
  }

  async writeBytes(key: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#writeParts(key, parts);
  }

  async #writeParts(key: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
    const path = await this.#writeTemporary(key, parts);
    try {
      await rename(path, this.path(key));
    } catch (error: unknown) {
      await rm(path, { force: true });
      throw this.#toStoreError('write', key, error);
    }
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const keys: string[] = [];
    await this.#collectKeys('', prefix, keys);
    keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    yield* keys;
  }

  async #collectKeys(folder: string, prefix: string, keys: string[]): Promise<void> {
    let entries;
    try {
      entries = await opendir(join(this.bucket, folder));
    } catch (error: unknown) {
      if (isAbsent(error)) return;
      throw this.#toStoreError('list', folder, error);
    }
    for await (const entry of entries) {
      if (entry.name.startsWith(INTERNAL_PREFIX)) continue;
      const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile() && key.startsWith(prefix)) keys.push(key);
      // Other folders cannot hold keys with the prefix.
      if (entry.isDirectory() && (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`))) {
        await this.#collectKeys(key, prefix, keys);
      }
    }
  }

  /** Removes the temporary files and locks of processes that were killed. @throws StoreError */
  async removeLeftovers(): Promise<void> {
    try {
      await this.#removeLeftoversIn(this.bucket);
    } catch (error: unknown) {
      if (!isAbsent(error)) throw this.#toStoreError('remove old temporary files of', '', error);
    }
  }

  async #removeLeftoversIn(folder: string): Promise<void> {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await this.#removeLeftoversIn(path);
      if (!entry.isFile() || !entry.name.startsWith(INTERNAL_PREFIX)) continue;
      const { mtimeMs } = await stat(path);
      // The clock may have been set back since.
      if (Math.abs(Date.now() - mtimeMs) > LEFTOVER_MS) await rm(path, { force: true });
    }
  }

  async #replaceIf(key: string, temporary: string, condition: WriteCondition): Promise<void> {
    const path = this.path(key);
    if ('ifNoneMatch' in condition) {
      try {
        // link() fails if the file exists, so only one of several processes can create it.
        await link(temporary, path);
      } catch (error: unknown) {
        if (errorCodeOf(error) === 'EEXIST') throw new PreconditionFailed(key, { cause: error });
        throw error;
      }
      return;
    }
    await withFileLock(join(dirname(path), `${INTERNAL_PREFIX}lock-${etagOf(key).slice(0, 16)}`), async () => {
      const current = await this.read(key);
      if (current?.etag !== condition.ifMatch) throw new PreconditionFailed(key);
      await rename(temporary, path);
    });
  }

  async #writeTemporary(key: string, parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
    const folder = dirname(this.path(key));
    const path = join(folder, `${INTERNAL_PREFIX}${randomBytes(8).toString('hex')}`);
    let file: FileHandle | null = null;
    try {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
      file = await open(path, 'wx', FILE_MODE);
      let pending: Uint8Array[] = [];
      let size = 0;
      const flush = async (): Promise<void> => {
        if (size > 0) await file?.appendFile(Buffer.concat(pending));
        pending = [];
        size = 0;
      };
      for await (const part of parts) {
        pending.push(part);
        size += part.length;
        if (size >= CHUNK_BYTES) await flush();
      }
      await flush();
      if (this.#durable) await file.sync();
      await file.close();
      return path;
    } catch (error: unknown) {
      if (file !== null) {
        await file.close().catch(() => undefined);
        await rm(path, { force: true });
      }
      // An error of the caller's own iterator has no code, and is thrown unchanged.
      throw errorCodeOf(error) === null ? error : this.#toStoreError('write', key, error);
    }
  }

  #toStoreError(verb: string, key: string, error: unknown): StoreError {
    if (error instanceof StoreError) return error;
    if (error instanceof BrokenGzip) return DamagedObject.ofGzip(key, error);
    const path = join(this.bucket, key);
    return new StoreError(`Can't ${verb} ${path}: ${fileFault(error)}.`, { cause: error });
  }
}

const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errorCodeOf(error) ?? '');

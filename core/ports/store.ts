/** A fault of the store. The message names the object, the request and the reason. */
export class StoreError extends Error {
  override name = 'StoreError';
}

export class ObjectNotFound extends StoreError {
  override name = 'ObjectNotFound';
  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`There is no object ${key}.`, options);
  }
}

/** The object exists, but its content is damaged. A repeated read gives the same result. */
export class DamagedObject extends StoreError {
  override name = 'DamagedObject';
  /** The damaged version, for a write that replaces only this version; null if it is not known. */
  readonly etag: string | null;
  /** Whether no part of the object can be trusted, because its checksum is that of the whole object. */
  readonly isWhole: boolean;

  /** @param reason what is wrong, as a clause such as "it is empty" */
  constructor(
    readonly key: string,
    readonly reason: string,
    options: ErrorOptions & { readonly etag?: string; readonly isWhole?: boolean } = {},
  ) {
    super(`${key} can't be used: ${reason}.`, options);
    this.etag = options.etag ?? null;
    this.isWhole = options.isWhole === true;
  }

  static ofGzip(key: string, cause: unknown): DamagedObject {
    return new DamagedObject(key, 'it is not a complete gzip file', { cause, isWhole: true });
  }
}

/**
 * Tells what is missing or was repaired.
 * @param damage the stored object that the message is about, if it can't be used
 */
export type Warn = (message: string, damage?: DamagedObject) => void;

/** Another process wrote the object after it was read, or created it first. */
export class PreconditionFailed extends StoreError {
  override name = 'PreconditionFailed';
  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`Another process has written ${key} in the meantime.`, options);
  }
}

export interface StoredText {
  readonly text: string;
  /** Identifies this version of the object, for `ifMatch`. */
  readonly etag: string;
}

/** Objects of this size or more are sent in parts of this size. S3 requires parts of at least 5 MiB. */
export const MULTIPART_BYTES = 8 * 1024 * 1024;

/** Number of objects read at the same time. S3 answers each request in about 20 ms. */
export const READS_AT_ONCE = 32;

/** Compare-and-set: either create a new object, or replace only the version that was read. */
export type WriteCondition = { readonly ifNoneMatch: '*' } | { readonly ifMatch: string };

/** A range of bytes; `offset` counts from the object's start. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * The storage for results and state: S3 in the cloud, a folder on one machine. An object is written completely or not
 * at all, and it is visible only when it is complete.
 */
export interface ObjectStore {
  /** The bucket name that the state machine's item reader uses for this store. */
  readonly bucket: string;

  /** Null if the object does not exist. */
  read(key: string): Promise<StoredText | null>;

  exists(key: string): Promise<boolean>;

  /** @returns the new version's etag. @throws PreconditionFailed */
  write(key: string, text: string, condition?: WriteCondition): Promise<string>;

  /** Streams the lines of the object, or of a range of it, without line feeds. @throws ObjectNotFound */
  readLines(key: string, range?: ByteRange): AsyncIterable<string>;

  /**
   * Streams lines into an object. The object appears after the last line, and never if `lines` throws. If the key ends
   * in `.gz`, the object is compressed, and `readLines` decompresses it. Ranges of compressed objects can't be read.
   * @returns the number of lines and bytes before compression; a line has its UTF-8 bytes and one for the line feed
   */
  writeLines(key: string, lines: AsyncIterable<string> | Iterable<string>): Promise<{ lines: number; bytes: number }>;

  /** Streams the bytes of the object, unchanged. @throws ObjectNotFound */
  readBytes(key: string): AsyncIterable<Uint8Array>;

  /** Streams bytes into an object. The object appears after the last part, and never if `parts` throws. */
  writeBytes(key: string, parts: AsyncIterable<Uint8Array>): Promise<void>;

  /** Keys that start with `prefix`, in ascending order of their bytes. */
  list(prefix: string): AsyncIterable<string>;
}

/** A fault of the store: what was asked of which object, and why it could not be done. */
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

/** The object is there and not what its key promises: asking once more gives the same. */
export class DamagedObject extends StoreError {
  override name = 'DamagedObject';
  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`${key} is no whole gzip.`, options);
  }
}

/** Somebody else wrote the object since it was read, or before it was created. */
export class PreconditionFailed extends StoreError {
  override name = 'PreconditionFailed';
  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`${key} was written by somebody else meanwhile.`, options);
  }
}

export interface StoredText {
  readonly text: string;
  /** Names this version of the object, for `ifMatch`. */
  readonly etag: string;
}

/** From so many bytes on, lines are sent in parts of this size; S3 takes parts from 5 MiB. */
export const MULTIPART_BYTES = 8 * 1024 * 1024;

/** Objects read side by side: S3 answers each in some 20 ms. */
export const READS_AT_ONCE = 32;

/** Compare-and-set: only create, or only replace the version that was read. */
export type WriteCondition = { readonly ifNoneMatch: '*' } | { readonly ifMatch: string };

/** Bytes of an object, `offset` from its start. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Where results and state live: S3 in the cloud, a folder on one machine. An object is written whole or not at
 * all, and is seen by others only when it is whole.
 */
export interface ObjectStore {
  /** What a state machine's reader calls this store. */
  readonly bucket: string;

  /** Null where there is no such object. */
  read(key: string): Promise<StoredText | null>;

  exists(key: string): Promise<boolean>;

  /** @returns the new version's etag. @throws PreconditionFailed */
  write(key: string, text: string, condition?: WriteCondition): Promise<string>;

  /** The object's lines, streamed, without their ends; of a range only the lines in it. @throws ObjectNotFound */
  readLines(key: string, range?: ByteRange): AsyncIterable<string>;

  /**
   * Streams lines into an object, which appears when the last one is written and never if `lines` throws. An object
   * whose key ends in `.gz` is compressed on the way, and read as lines again; of such a one there are no ranges.
   * @returns how many lines and bytes were written; each line takes its UTF-8 bytes and one for its end.
   */
  writeLines(key: string, lines: AsyncIterable<string> | Iterable<string>): Promise<{ lines: number; bytes: number }>;

  /** Keys that start with `prefix`, in ascending order of their bytes. */
  list(prefix: string): AsyncIterable<string>;
}

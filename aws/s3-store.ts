import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3ServiceException,
  type GetObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Readable } from 'node:stream';
import { BrokenGzip, gunzipped, gzipped, isGzip } from '../core/streams/gzip.ts';
import { linesOf } from '../core/streams/lines.ts';
import {
  DamagedObject,
  MULTIPART_BYTES,
  ObjectNotFound,
  PreconditionFailed,
  StoreError,
  type ByteRange,
  type ObjectStore,
  type StoredText,
  type WriteCondition,
} from '../core/ports/store.ts';
import { toAwsFault } from './sdk-fault.ts';
import { PageMarkers } from '../core/ports/pages.ts';

/** Two concurrent parts keep memory below 20 MiB per stream. */
const PARTS_AT_ONCE = 2;

const contentTypes: readonly (readonly [string, string])[] = [
  ['.jsonl', 'application/x-ndjson'],
  ['.json', 'application/json'],
  ['.html', 'text/html; charset=utf-8'],
  ['.csv', 'text/csv; charset=utf-8'],
  ['.gz', 'application/gzip'],
  ['.parquet', 'application/vnd.apache.parquet'],
];

const contentType = (key: string): string =>
  contentTypes.find(([ending]) => key.endsWith(ending))?.[1] ?? 'application/octet-stream';

/**
 * Stores the audit's objects in an S3 bucket. The identity needs GetObject, PutObject, AbortMultipartUpload and
 * ListBucket. Without ListBucket, S3 returns 403 instead of 404 for a missing key.
 */
export class S3Store implements ObjectStore {
  readonly bucket: string;
  readonly #client: S3Client;

  constructor({ client, bucket }: { readonly client: S3Client; readonly bucket: string }) {
    this.bucket = bucket;
    this.#client = client;
  }

  async exists(key: string): Promise<boolean> {
    try {
      await this.#client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }));
      return true;
    } catch (error: unknown) {
      if (isMissing(error)) return false;
      throw this.#fault('look for', key, error);
    }
  }

  async read(key: string): Promise<StoredText | null> {
    const response = await this.#get(key, null);
    if (response === null) return null;
    try {
      return { text: (await response.Body?.transformToString()) ?? '', etag: response.ETag ?? '' };
    } catch (error: unknown) {
      throw this.#fault('read', key, error);
    }
  }

  async write(key: string, text: string, condition?: WriteCondition): Promise<string> {
    const body = Buffer.from(text);
    try {
      const response = await this.#client.send(
        new PutObjectCommand({
          Bucket: this.bucket,
          Key: key,
          Body: body,
          // Without it the SDK treats an empty text as a stream of unknown length.
          ContentLength: body.length,
          ContentType: contentType(key),
          ...(condition === undefined
            ? {}
            : 'ifMatch' in condition
              ? { IfMatch: condition.ifMatch }
              : { IfNoneMatch: '*' }),
        }),
      );
      return response.ETag ?? '';
    } catch (error: unknown) {
      // S3 returns 404 for IfMatch if the object does not exist.
      if (condition !== undefined && isMissing(error)) throw new PreconditionFailed(key, { cause: error });
      throw this.#fault('write', key, error);
    }
  }

  async *readLines(key: string, range?: ByteRange): AsyncGenerator<string> {
    if (range?.length === 0) {
      if (!(await this.exists(key))) throw new ObjectNotFound(key);
      return;
    }
    const response = await this.#get(key, range ?? null);
    if (response === null) throw new ObjectNotFound(key);
    if (!(response.Body instanceof Readable)) throw new StoreError(`S3 returned no body for ${this.#name(key)}.`);
    try {
      yield* linesOf(isGzip(key) ? gunzipped(response.Body) : response.Body);
    } catch (error: unknown) {
      throw this.#fault('read', key, error);
    } finally {
      response.Body.destroy();
    }
  }

  async writeLines(
    key: string,
    lines: AsyncIterable<string> | Iterable<string>,
  ): Promise<{ lines: number; bytes: number }> {
    let count = 0;
    let bytes = 0;
    const encoded = async function* (): AsyncGenerator<Buffer> {
      for await (const line of lines) {
        const part = Buffer.from(`${line}\n`);
        count += 1;
        bytes += part.length;
        yield part;
      }
    };
    await this.#upload(key, encoded(), isGzip(key) ? gzipped : (parts) => parts);
    return { lines: count, bytes };
  }

  async *readBytes(key: string): AsyncGenerator<Uint8Array> {
    const response = await this.#get(key, null);
    if (response === null) throw new ObjectNotFound(key);
    if (!(response.Body instanceof Readable)) throw new StoreError(`S3 returned no body for ${this.#name(key)}.`);
    const body: AsyncIterable<Uint8Array> = response.Body;
    try {
      yield* body;
    } catch (error: unknown) {
      throw this.#fault('read', key, error);
    } finally {
      response.Body.destroy();
    }
  }

  writeBytes(key: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#upload(key, parts, (unchanged) => unchanged);
  }

  /** @param encode what is stored instead of the parts */
  async #upload(
    key: string,
    parts: AsyncIterable<Uint8Array>,
    encode: (parts: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const source: { error: Error | null } = { error: null };
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* parts;
      } catch (error: unknown) {
        source.error = error instanceof Error ? error : new Error(String(error));
        throw source.error;
      }
    };
    const upload = new Upload({
      client: this.#client,
      params: {
        Bucket: this.bucket,
        Key: key,
        Body: Readable.from(encode(watched()), { objectMode: false, highWaterMark: 1 << 16 }),
        ContentType: contentType(key),
      },
      partSize: MULTIPART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    try {
      await upload.done();
    } catch (error: unknown) {
      // An error from the caller's own parts is rethrown unchanged. The upload was aborted.
      throw source.error ?? this.#fault('write', key, error);
    }
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const markers = new PageMarkers<string | undefined>('ListObjectsV2');
    let token: string | undefined;
    do {
      const page: { keys: string[]; next: string | undefined } = await this.#listPage(prefix, token);
      yield* page.keys;
      token = this.#nextToken(markers, prefix, page.next);
    } while (token !== undefined);
  }

  #nextToken(markers: PageMarkers<string | undefined>, prefix: string, next: string | undefined): string | undefined {
    try {
      return markers.next(next);
    } catch (error: unknown) {
      throw this.#fault('list', prefix, error);
    }
  }

  async #listPage(prefix: string, token: string | undefined): Promise<{ keys: string[]; next: string | undefined }> {
    try {
      const response = await this.#client.send(
        new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, ContinuationToken: token }),
      );
      return {
        keys: (response.Contents ?? []).flatMap(({ Key }) => Key ?? []),
        next: response.IsTruncated === true ? response.NextContinuationToken : undefined,
      };
    } catch (error: unknown) {
      throw this.#fault('list', prefix, error);
    }
  }

  async #get(key: string, range: ByteRange | null): Promise<GetObjectCommandOutput | null> {
    try {
      return await this.#client.send(
        new GetObjectCommand({
          Bucket: this.bucket,
          Key: key,
          ...(range === null ? {} : { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` }),
        }),
      );
    } catch (error: unknown) {
      if (isMissing(error)) return null;
      throw this.#fault('read', key, error);
    }
  }

  #name(key: string): string {
    return `s3://${this.bucket}/${key}`;
  }

  #fault(verb: string, key: string, error: unknown): StoreError {
    if (error instanceof StoreError) return error;
    if (error instanceof BrokenGzip) return DamagedObject.ofGzip(key, error);
    if (error instanceof S3ServiceException && [409, 412].includes(error.$metadata.httpStatusCode ?? 0)) {
      return new PreconditionFailed(key, { cause: error });
    }
    const { code, message } = toAwsFault(error);
    return new StoreError(`Can't ${verb} ${this.#name(key)}: ${code}: ${message}`, { cause: error });
  }
}

/** True for a missing object, which is not an error. A missing bucket is an error. */
const isMissing = (error: unknown): boolean => error instanceof NoSuchKey || error instanceof NotFound;

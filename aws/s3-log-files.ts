import {
  GetObjectCommand,
  ListObjectsV2Command,
  S3ServiceException,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderReasons, logFolderOf } from '../core/doctor/records/log-folder.ts';
import { LogFilesError, type LogFiles, type LogListing, type LogPeriod } from '../core/ports/log-files.ts';
import { mapAhead } from '../core/streams/map-ahead.ts';
import { toAwsFault } from './sdk-fault.ts';
import { PageMarkers } from '../core/ports/pages.ts';

/** An organization's trail has thousands of folders, and a list request takes about 50 ms. */
const LISTS_AT_ONCE = 16;
/** The client repeats requests itself. These are for connections that break while an object is read. */
const DOWNLOADS = 4;
const FIRST_WAIT_MS = 200;

export interface S3Location {
  readonly bucket: string;
  /** A key, or what keys start with before a `/`; empty for the whole bucket. */
  readonly prefix: string;
}

/** The parts of `s3://bucket/prefix`; null for another text. */
export function s3LocationOf(url: string): S3Location | null {
  const [, bucket, prefix] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(url) ?? [];
  return bucket === undefined ? null : { bucket, prefix: prefix ?? '' };
}

interface Level {
  readonly files: readonly LogListing[];
  readonly folders: readonly string[];
}

/**
 * The log files below a prefix of a bucket. Lists folder by folder, so that folders of other days and of digests are
 * not listed. The identity needs ListBucket and GetObject, and Decrypt of the trail's key.
 */
export class S3LogFiles implements LogFiles {
  readonly #client: S3Client;
  readonly #location: S3Location;
  readonly #waitMs: number;

  constructor(client: S3Client, location: S3Location, waitMs = FIRST_WAIT_MS) {
    this.#client = client;
    this.#location = location;
    this.#waitMs = waitMs;
  }

  async *list(period: LogPeriod): AsyncGenerator<LogListing> {
    const { prefix } = this.#location;
    const top = await this.#level(prefix);
    const isFolder = prefix === '' || prefix.endsWith('/');
    // `logs` is the object of this name or the folder `logs/`, not `logs-old/`.
    yield* top.files.filter((file) => isFolder || file.path === prefix);
    let folders = top.folders.filter((folder) => isFolder || folder === `${prefix}/`);
    while (folders.length > 0) {
      const next: string[] = [];
      for await (const level of mapAhead(folders, LISTS_AT_ONCE, (folder) => this.#folder(folder, period))) {
        yield* level.files;
        next.push(...level.folders);
      }
      folders = next;
    }
  }

  async *open(path: string): AsyncGenerator<Uint8Array> {
    const part: DownloadedPart = { bytes: 0, etag: undefined };
    for (let download = 1; ; download += 1) {
      try {
        yield* this.#download(path, part);
        return;
      } catch (error: unknown) {
        if (download === DOWNLOADS || isPermanent(error)) throw fault("Can't be downloaded", error);
        await sleep(this.#waitMs * 2 ** (download - 1));
      }
    }
  }

  /** The bytes from where the last download ended, of the same version of the object. */
  async *#download(path: string, part: DownloadedPart): AsyncGenerator<Uint8Array> {
    const response = await this.#client.send(
      new GetObjectCommand({
        Bucket: this.#location.bucket,
        Key: path,
        ...(part.bytes === 0 ? {} : { Range: `bytes=${part.bytes}-`, IfMatch: part.etag }),
      }),
    );
    if (part.bytes > 0 && response.ContentRange === undefined) throw new Error('S3 did not continue the download.');
    part.etag ??= response.ETag;
    if (!(response.Body instanceof Readable)) return;
    for await (const chunk of response.Body) {
      if (!(chunk instanceof Uint8Array)) continue;
      part.bytes += chunk.length;
      yield chunk;
    }
  }

  /** A folder that can't be listed is named, and the others are read. */
  async #folder(folder: string, period: LogPeriod): Promise<Level> {
    const kind = logFolderOf(folder, period);
    if (kind !== 'read') return { files: [leftOut(folder, folderReasons[kind], false)], folders: [] };
    try {
      return await this.#level(folder);
    } catch (error: unknown) {
      if (!(error instanceof LogFilesError)) throw error;
      return { files: [leftOut(folder, error.message, true)], folders: [] };
    }
  }

  async #level(prefix: string): Promise<Level> {
    const { bucket } = this.#location;
    const files: LogListing[] = [];
    const folders: string[] = [];
    const markers = new PageMarkers<string | undefined>('ListObjectsV2');
    let token: string | undefined;
    try {
      do {
        const page: ListObjectsV2CommandOutput = await this.#client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: token }),
        );
        for (const { Key: path, Size: bytes = 0 } of page.Contents ?? []) {
          // A key that ends in `/` stands for the folder.
          if (path !== undefined && !path.endsWith('/')) files.push({ kind: 'file', path, bytes });
        }
        for (const { Prefix: folder } of page.CommonPrefixes ?? []) if (folder !== undefined) folders.push(folder);
        token = markers.next(page.IsTruncated === true ? page.NextContinuationToken : undefined);
      } while (token !== undefined);
    } catch (error: unknown) {
      throw fault("Can't be listed", error);
    }
    return { files, folders };
  }
}

interface DownloadedPart {
  bytes: number;
  etag: string | undefined;
}

const leftOut = (path: string, reason: string, losesRecords: boolean): LogListing => ({
  kind: 'leftOut',
  what: 'folders',
  path,
  reason,
  losesRecords,
});

function fault(what: string, error: unknown): LogFilesError {
  const { code, message } = toAwsFault(error);
  return new LogFilesError(`${what}: ${code}: ${message.replace(/\.?$/, '.')}`, { cause: error });
}

/** S3 gives the same answer again. */
function isPermanent(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  const status = error.$metadata.httpStatusCode ?? 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

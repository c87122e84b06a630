import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { bodyOf, listenOnLoopback, type LoopbackServer } from '../loopback.ts';
import { ServiceError } from '../service-error.ts';
import { toXml } from '../xml.ts';
import { EmulatedBucket, type Conditions } from './bucket.ts';

export interface EmulatedS3Settings {
  readonly buckets: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Maximum number of keys on a page of a listing. */
  readonly largestPage?: number;
  /** Whether callers have s3:ListBucket. Without it, a missing key gives status 403. Default: true. */
  readonly mayList?: boolean;
  /**
   * Called before each request. An error that it throws is the response. The key is empty for a listing. `replaces`: the request
   * writes only if it replaces a certain version.
   */
  readonly onRequest?: (method: string, key: string, accessKeyId: string, replaces: boolean) => void;
}

export interface EmulatedS3 extends LoopbackServer {
  readonly buckets: ReadonlyMap<string, EmulatedBucket>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Buffer;
}

/** A request as it comes over HTTP. */
export interface ReceivedRequest {
  readonly method: string;
  /** The path and the query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

interface Request {
  readonly method: string;
  readonly bucket: EmulatedBucket;
  /** The bucket's. */
  readonly name: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Serves the part of S3 that the store uses, on loopback. The bucket's name is in the path. */
export async function startEmulatedS3(settings: EmulatedS3Settings): Promise<EmulatedS3> {
  const buckets = new Map(settings.buckets.map((name) => [name, new EmulatedBucket(settings.now)]));
  const server = await listenOnLoopback((request, response) => serve(settings, buckets, request, response));
  return { ...server, buckets };
}

/** Never rejects. An error becomes an error response. */
async function serve(
  settings: EmulatedS3Settings,
  buckets: ReadonlyMap<string, EmulatedBucket>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/', headers } = request;
  const body = await bodyOf(request).catch(() => null);
  // The client has closed the connection.
  if (body === null) {
    response.destroy();
    return;
  }
  const answer = answerTo(settings, buckets, { method, url, headers, body });
  response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
}

/** Never throws. An error becomes an error response. */
export function answerTo(
  settings: EmulatedS3Settings,
  buckets: ReadonlyMap<string, EmulatedBucket>,
  { method, url, headers, body }: ReceivedRequest,
): Answer {
  try {
    const { pathname, searchParams: query } = new URL(url, 'http://localhost');
    const [, name = '', ...rest] = pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    const accessKeyId = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
    settings.onRequest?.(method, key, accessKeyId, headers['if-match'] !== undefined);
    const bucket = buckets.get(name);
    if (bucket === undefined) throw new ServiceError(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const answer = operate({ method, bucket, name, key, query, headers, body }, settings);
    return method === 'HEAD' ? withoutBody(answer) : answer;
  } catch (error: unknown) {
    const fault =
      error instanceof ServiceError ? error : new ServiceError(500, 'InternalError', `Not emulated: ${String(error)}`);
    const text = toXml('Error', { Code: fault.code, Message: fault.message, RequestId: randomUUID() });
    const answer: Answer = { status: fault.status, headers: xmlType, body: text };
    return method === 'HEAD' ? withoutBody(answer) : answer;
  }
}

const withoutBody = ({ status, headers }: Answer): Answer => ({
  status,
  ...(headers === undefined ? {} : { headers }),
});

function operate(request: Request, settings: EmulatedS3Settings): Answer {
  const { method, query, key } = request;
  const uploadId = query.get('uploadId');
  switch (method) {
    case 'GET':
      return key === '' ? list(request, settings) : read(request, settings);
    case 'HEAD':
      return read(request, settings);
    case 'PUT':
      checkBody(request);
      return uploadId === null ? put(request) : putPart(request, uploadId);
    case 'POST':
      return uploadId === null ? createUpload(request) : completeUpload(request, uploadId);
    case 'DELETE':
      if (uploadId === null) break;
      request.bucket.abortUpload(uploadId);
      return { status: 204 };
  }
  throw new ServiceError(501, 'NotImplemented', `${method} ${[...query.keys()].join(' ')} is not emulated.`);
}

const conditionsOf = (headers: Request['headers']): Conditions => ({
  ifMatch: headers['if-match'] ?? null,
  ifNoneMatch: headers['if-none-match'] ?? null,
});

const contentTypeOf = (headers: Request['headers']): string => headers['content-type'] ?? 'binary/octet-stream';

/** Checks the body's checksum, as S3 does. @throws ServiceError BadDigest */
function checkBody({ headers, body }: Request): void {
  if (headers['content-encoding']?.includes('aws-chunked') === true) {
    throw new ServiceError(501, 'NotImplemented', 'aws-chunked bodies are not emulated.');
  }
  const expected = headers['x-amz-checksum-crc32'];
  if (typeof expected !== 'string') return;
  const actual = Buffer.alloc(4);
  actual.writeUInt32BE(crc32(body));
  if (actual.toString('base64') !== expected) {
    throw new ServiceError(400, 'BadDigest', 'The CRC32 you specified did not match the calculated checksum.');
  }
}

function put({ bucket, key, body, headers }: Request): Answer {
  return { status: 200, headers: { etag: bucket.put(key, body, contentTypeOf(headers), conditionsOf(headers)) } };
}

function putPart({ bucket, query, body }: Request, uploadId: string): Answer {
  return { status: 200, headers: { etag: bucket.putPart(uploadId, Number(query.get('partNumber')), body) } };
}

function createUpload({ bucket, key, query, headers }: Request): Answer {
  if (!query.has('uploads')) throw new ServiceError(501, 'NotImplemented', 'This POST is not emulated.');
  const UploadId = bucket.createUpload(key, contentTypeOf(headers));
  return xml('InitiateMultipartUploadResult', { Key: key, UploadId });
}

function completeUpload({ bucket, key, body, headers }: Request, uploadId: string): Answer {
  const parts = [...body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
    number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
    etag: (/<ETag>(.*?)<\/ETag>/.exec(part)?.[1] ?? '').replaceAll('&quot;', '"'),
  }));
  const ETag = bucket.completeUpload(uploadId, parts, conditionsOf(headers));
  return xml('CompleteMultipartUploadResult', { Key: key, ETag });
}

function read({ bucket, key, headers }: Request, { mayList = true }: EmulatedS3Settings): Answer {
  const object = bucket.get(key);
  if (object === null) {
    throw mayList
      ? new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.')
      : new ServiceError(403, 'AccessDenied', 'Access Denied');
  }
  const { body, etag, contentType, modifiedAt } = object;
  const common = { etag, 'content-type': contentType, 'last-modified': new Date(modifiedAt).toUTCString() };
  const range = rangeOf(headers.range, body.length);
  if (range === null) return { status: 200, headers: { ...common, 'content-length': body.length }, body };
  const { from, to } = range;
  return {
    status: 206,
    headers: { ...common, 'content-range': `bytes ${from}-${to}/${body.length}`, 'content-length': to - from + 1 },
    body: body.subarray(from, to + 1),
  };
}

/**
 * The first and last byte of a Range header: `bytes=1-2`, `bytes=1-` or, for the last ones, `bytes=-2`. Null: the whole
 * object, also for several ranges and for a header that is not valid (RFC 9110, section 14.2).
 * @throws ServiceError InvalidRange
 */
function rangeOf(header: string | undefined, size: number): { readonly from: number; readonly to: number } | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if ((first === '' && last === '') || (first !== '' && last !== '' && Number(first) > Number(last))) return null;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (from > to) throw new ServiceError(416, 'InvalidRange', 'The requested range is not satisfiable');
  return { from, to };
}

function list({ bucket, name, query }: Request, { largestPage = 1_000, mayList = true }: EmulatedS3Settings): Answer {
  if (query.get('list-type') !== '2') throw new ServiceError(501, 'NotImplemented', 'Only ListObjectsV2 is emulated.');
  if (!mayList) throw new ServiceError(403, 'AccessDenied', 'Access Denied');
  const unknown = [...query.keys()].find((name) => !LIST_PARAMETERS.has(name));
  if (unknown !== undefined) throw new ServiceError(501, 'NotImplemented', `${unknown} is not emulated.`);
  const prefix = query.get('prefix') ?? '';
  const startAfter = query.get('start-after') ?? '';
  const listed = bucket.keys(prefix).filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(startAfter)) > 0);
  const keys = foldedKeys(listed, prefix, query.get('delimiter') ?? '');
  const maxKeys = numberOf(query, 'max-keys', 1_000);
  // The token counts the keys after `start-after`, which is the same for all pages of a listing.
  const from = numberOf(query, 'continuation-token', 0);
  const to = from + Math.min(maxKeys, largestPage);
  const more = to < keys.length;
  const inner = [
    toXml('Name', name),
    toXml('Prefix', prefix),
    toXml('MaxKeys', maxKeys),
    toXml('KeyCount', Math.min(to, keys.length) - from),
    toXml('IsTruncated', more),
    more ? toXml('NextContinuationToken', String(to)) : '',
    ...keys.slice(from, to).map((key) => {
      const object = bucket.get(key);
      if (object === null) return toXml('CommonPrefixes', { Prefix: key });
      const { body, etag, modifiedAt } = object;
      return toXml('Contents', {
        ...{ Key: key, LastModified: new Date(modifiedAt).toISOString(), ETag: etag, Size: body.length },
        StorageClass: 'STANDARD',
      });
    }),
  ];
  return { status: 200, headers: xmlType, body: `<ListBucketResult>${inner.join('')}</ListBucketResult>` };
}

/** `x-id` is the SDK's. */
const LIST_PARAMETERS: ReadonlySet<string> = new Set(
  'list-type prefix delimiter start-after max-keys continuation-token x-id'.split(' '),
);

/** @throws ServiceError InvalidArgument */
function numberOf(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name) ?? String(fallback);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ServiceError(400, 'InvalidArgument', `Argument ${name} is not valid.`);
}

/** With a delimiter, the keys that continue after it become one entry: what they have in common, up to the delimiter. */
function foldedKeys(keys: readonly string[], prefix: string, delimiter: string): readonly string[] {
  if (delimiter === '') return keys;
  const folded = keys.map((key) => {
    const at = key.indexOf(delimiter, prefix.length);
    return at === -1 ? key : key.slice(0, at + delimiter.length);
  });
  return [...new Set(folded)];
}

const xmlType = { 'content-type': 'application/xml' };

const xml = (name: string, value: Parameters<typeof toXml>[1]): Answer => ({
  status: 200,
  headers: xmlType,
  body: toXml(name, value),
});

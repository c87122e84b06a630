import { createHash, randomUUID } from 'node:crypto';
import { ServiceError } from '../service-error.ts';

/** Minimum size of every part except the last one (S3 User Guide, "Multipart upload limits"). */
const SMALLEST_PART_BYTES = 5 * 1024 * 1024;

export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly contentType: string;
  readonly modifiedAt: number;
}

export interface Conditions {
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
}

interface MultipartUpload {
  readonly key: string;
  readonly contentType: string;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

const md5 = (body: Buffer): string => createHash('md5').update(body).digest('hex');

/** A bucket. An object becomes visible only when its upload is complete. */
export class EmulatedBucket {
  readonly #objects = new Map<string, StoredObject>();
  readonly #uploads = new Map<string, MultipartUpload>();

  constructor(private readonly now: () => number) {}

  /** Number of uploads that are neither completed nor aborted. */
  get openUploads(): number {
    return this.#uploads.size;
  }

  get(key: string): StoredObject | null {
    return this.#objects.get(key) ?? null;
  }

  /** Keys in ascending order of their UTF-8 bytes. */
  keys(prefix: string): string[] {
    return [...this.#objects.keys()]
      .filter((key) => key.startsWith(prefix))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  /** @returns the ETag. @throws ServiceError PreconditionFailed, NoSuchKey */
  put(key: string, body: Buffer, contentType: string, conditions: Conditions): string {
    this.#check(key, conditions);
    return this.#store(key, body, `"${md5(body)}"`, contentType);
  }

  createUpload(key: string, contentType: string): string {
    const id = randomUUID();
    this.#uploads.set(id, { key, contentType, parts: new Map() });
    return id;
  }

  putPart(id: string, number: number, body: Buffer): string {
    const etag = `"${md5(body)}"`;
    this.#upload(id).parts.set(number, { body, etag });
    return etag;
  }

  /** @throws ServiceError NoSuchUpload, InvalidPart, EntityTooSmall, PreconditionFailed, NoSuchKey */
  completeUpload(
    id: string,
    requestedParts: readonly { number: number; etag: string }[],
    conditions: Conditions,
  ): string {
    const { key, contentType, parts } = this.#upload(id);
    this.#check(key, conditions);
    const bodies = requestedParts.map(({ number, etag }, index) => {
      const part = parts.get(number);
      if (part === undefined || part.etag !== etag) {
        throw new ServiceError(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
      }
      if (index < requestedParts.length - 1 && part.body.length < SMALLEST_PART_BYTES) {
        throw new ServiceError(
          400,
          'EntityTooSmall',
          'Your proposed upload is smaller than the minimum allowed object size.',
        );
      }
      return part.body;
    });
    this.#uploads.delete(id);
    const hash = createHash('md5');
    for (const body of bodies) hash.update(createHash('md5').update(body).digest());
    return this.#store(key, Buffer.concat(bodies), `"${hash.digest('hex')}-${bodies.length}"`, contentType);
  }

  abortUpload(id: string): void {
    this.#upload(id);
    this.#uploads.delete(id);
  }

  #upload(id: string): MultipartUpload {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw new ServiceError(404, 'NoSuchUpload', 'The specified upload does not exist.');
    return upload;
  }

  #store(key: string, body: Buffer, etag: string, contentType: string): string {
    this.#objects.set(key, { body, etag, contentType, modifiedAt: this.now() });
    return etag;
  }

  /** Checks the conditions of a write (S3 User Guide, "How to prevent object overwrites with conditional writes"). */
  #check(key: string, { ifMatch, ifNoneMatch }: Conditions): void {
    const current = this.#objects.get(key);
    if (ifMatch !== null && current === undefined) {
      throw new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.');
    }
    if ((ifNoneMatch === '*' && current !== undefined) || (ifMatch !== null && current?.etag !== ifMatch)) {
      throw new ServiceError(
        412,
        'PreconditionFailed',
        'At least one of the pre-conditions you specified did not hold',
      );
    }
  }
}

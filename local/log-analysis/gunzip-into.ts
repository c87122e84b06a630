import { createGunzip, type Gunzip } from 'node:zlib';

/** `cut`: the gzip data ends early. `damaged`: it is not valid gzip data from some place on. */
export type BytesEnd = 'whole' | 'cut' | 'damaged' | 'stopped';

const OUTPUT_BYTES = 128 << 10;
const GZIP_START = [0x1f, 0x8b] as const;

/**
 * Gives the bytes of a file to `take`, decompressed if they start as gzip data, and all of those before a damage.
 * `take` returns false to stop. Rethrows errors of `chunks` and of `take`.
 */
export async function gunzipInto(
  chunks: AsyncIterable<Uint8Array>,
  take: (bytes: Uint8Array) => boolean,
): Promise<BytesEnd> {
  let start: Uint8Array | null = new Uint8Array(0);
  let unzip: GunzipTo | null = null;
  let goOn = true;
  for await (const chunk of chunks) {
    let bytes = chunk;
    if (start !== null) {
      bytes = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
      start = bytes.length < GZIP_START.length ? bytes : null;
      if (start !== null) continue;
      if (bytes[0] === GZIP_START[0] && bytes[1] === GZIP_START[1]) unzip = new GunzipTo(take);
    }
    goOn = unzip === null ? take(bytes) : await unzip.write(bytes);
    if (!goOn) break;
  }
  if (start !== null && start.length > 0) take(start);
  if (unzip !== null) return unzip.end();
  return goOn ? 'whole' : 'stopped';
}

class GunzipTo {
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  readonly #ended: Promise<Error | null>;
  #stopped = false;
  #failure: Error | null = null;

  constructor(take: (bytes: Uint8Array) => boolean) {
    this.#ended = new Promise((resolve) => {
      this.#gunzip.once('error', resolve).once('close', () => {
        resolve(null);
      });
    });
    // Iterating over the stream would lose what was decompressed before an error.
    this.#gunzip.on('data', (bytes: Buffer) => {
      if (this.#stopped) return;
      try {
        if (!take(bytes)) this.#stopped = true;
      } catch (error: unknown) {
        this.#stopped = true;
        this.#failure = error instanceof Error ? error : new Error(String(error));
      }
    });
  }

  /** False if no more bytes are needed. */
  async write(bytes: Uint8Array): Promise<boolean> {
    const written = new Promise<boolean>((resolve) => {
      this.#gunzip.write(bytes, (error) => {
        resolve(error === null || error === undefined);
      });
    });
    // After an error in the data, the callback of the write is never called.
    const ended = this.#ended.then(() => false);
    return (await Promise.race([written, ended])) && !this.#stopped;
  }

  async end(): Promise<BytesEnd> {
    if (this.#stopped) this.#gunzip.destroy();
    else if (!this.#gunzip.destroyed) this.#gunzip.end();
    const error = await this.#ended;
    if (this.#failure !== null) throw this.#failure;
    if (this.#stopped) return 'stopped';
    if (error === null) return 'whole';
    return 'code' in error && error.code === 'Z_BUF_ERROR' ? 'cut' : 'damaged';
  }
}

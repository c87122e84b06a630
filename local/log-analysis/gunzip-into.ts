import { createGunzip, type Gunzip } from 'node:zlib';

/**
 * `cut`: the gzip data ends early. `damaged`: it is not valid gzip data from some place on. `tooLarge`: it is compressed
 * again inside, and that is not read.
 */
export type BytesEnd = 'whole' | 'cut' | 'damaged' | 'stopped' | 'tooLarge';

/** The most bytes of gzip data inside of gzip data. They are held in memory; CloudTrail's files have far fewer. */
export const LARGEST_INNER_BYTES = 64 << 20;
/** A file that is compressed more often is no log: there is gzip data that contains itself. */
const MOST_LAYERS = 3;

const OUTPUT_BYTES = 128 << 10;
const GZIP_START = [0x1f, 0x8b] as const;

type Take = (bytes: Uint8Array) => boolean;

/**
 * Gives the bytes of a file to `take`, decompressed if they start as gzip data, and all of those before a damage. Some
 * tools compress files of CloudTrail again: these are decompressed twice. `take` returns false to stop. Rethrows errors
 * of `chunks` and of `take`.
 */
export async function gunzipInto(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  take: Take,
  layers = MOST_LAYERS,
): Promise<BytesEnd> {
  const start = new FileStart();
  let unzip: GunzipTo | null = null;
  const inner = new InnerData(take);
  let goOn = true;
  for await (const chunk of chunks) {
    const bytes = start.add(chunk);
    if (bytes === null) continue;
    if (start.isGzip && layers > 0) unzip ??= new GunzipTo((unzipped) => inner.take(unzipped));
    goOn = unzip === null ? take(bytes) : await unzip.write(bytes);
    if (!goOn) break;
  }
  if (unzip === null) {
    start.giveRest(take);
    return goOn ? 'whole' : 'stopped';
  }
  const end = await unzip.end();
  const innerEnd = await inner.end(layers - 1);
  return end === 'whole' || innerEnd === 'tooLarge' ? innerEnd : end;
}

/** Holds the first bytes back until they tell whether this is gzip data. */
class FileStart {
  #held: Uint8Array | null = new Uint8Array(0);
  #isGzip = false;

  get isGzip(): boolean {
    return this.#isGzip;
  }

  /** The bytes that can be used now; null if there are too few. */
  add(chunk: Uint8Array): Uint8Array | null {
    if (this.#held === null) return chunk;
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = bytes.length < GZIP_START.length ? bytes : null;
    this.#isGzip = bytes[0] === GZIP_START[0] && bytes[1] === GZIP_START[1];
    return this.#held === null ? bytes : null;
  }

  /** Of a file with too few bytes. */
  giveRest(take: Take): void {
    if (this.#held !== null && this.#held.length > 0) take(this.#held);
  }
}

/** What gzip data contains: it goes to `take` at once, or is held if it is gzip data again. */
class InnerData {
  readonly #start = new FileStart();
  readonly #held: Buffer[] = [];
  #bytes = 0;

  constructor(private readonly giveOn: Take) {}

  take(unzipped: Uint8Array): boolean {
    const bytes = this.#start.add(unzipped);
    if (bytes === null) return true;
    if (!this.#start.isGzip) return this.giveOn(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > LARGEST_INNER_BYTES) return false;
    // The decompressor may use its buffer again.
    this.#held.push(Buffer.from(bytes));
    return true;
  }

  /** Decompresses what was held. */
  async end(layers: number): Promise<BytesEnd> {
    if (this.#bytes > LARGEST_INNER_BYTES) return 'tooLarge';
    if (this.#bytes > 0) return gunzipInto(this.#held, this.giveOn, layers);
    this.#start.giveRest(this.giveOn);
    return 'whole';
  }
}

class GunzipTo {
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  readonly #ended: Promise<Error | null>;
  #stopped = false;
  #failure: Error | null = null;

  constructor(take: Take) {
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

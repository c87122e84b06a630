/** Stores compress objects with this ending when they write lines, and decompress them when they read lines. */
export const isGzip = (key: string): boolean => key.endsWith('.gz');

/** Compresses a stream with bounded memory. Rethrows errors of `chunks` unchanged. */
export const gzipped = (chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> =>
  through(chunks, new CompressionStream('gzip'));

/** The bytes are not gzip data, or they end too early. */
export class BrokenGzip extends Error {
  override name = 'BrokenGzip';
}

/** Decompresses a stream. Rethrows errors of `chunks` unchanged. @throws BrokenGzip */
export async function* gunzipped(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  const source: { failed: Error | null } = { failed: null };
  const read = async function* (): AsyncGenerator<Uint8Array | string> {
    try {
      yield* chunks;
    } catch (error: unknown) {
      source.failed = error instanceof Error ? error : new Error(String(error));
      throw source.failed;
    }
  };
  try {
    yield* through(read(), new DecompressionStream('gzip'));
  } catch (error: unknown) {
    // A failure to read the bytes does not mean that they are damaged, so that error is thrown unchanged.
    throw source.failed ?? new BrokenGzip('The bytes are not complete gzip data.', { cause: error });
  }
}

/** Uses web streams, because core does not import Node modules. */
async function* through(
  chunks: AsyncIterable<Uint8Array | string>,
  { readable, writable }: { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<unknown> },
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const writer = writable.getWriter();
  const failed: { with: Error | null } = { with: null };
  const feeding = async (): Promise<void> => {
    try {
      for await (const chunk of chunks) await writer.write(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
      await writer.close();
    } catch (error: unknown) {
      failed.with = error instanceof Error ? error : new Error(String(error));
      // The readable side then throws too. It may already have failed, so an error of `abort` is ignored.
      await writer.abort(failed.with).catch(() => undefined);
    }
  };
  const fed = feeding();
  try {
    for await (const chunk of readable) yield chunk;
    await fed;
  } catch (error: unknown) {
    throw failed.with ?? error;
  }
}

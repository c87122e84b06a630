/** Objects whose keys end so are compressed: stores do it on the way, and whoever reads or writes lines sees lines. */
export const isGzip = (key: string): boolean => key.endsWith('.gz');

/** Compresses as it goes: what it holds is bounded, whatever passes. What `chunks` throws is thrown on unchanged. */
export const gzipped = (chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> =>
  through(chunks, new CompressionStream('gzip'));

/** The bytes are no gzip, or end too early. */
export class BrokenGzip extends Error {
  override name = 'BrokenGzip';
}

/** What `chunks` throws is thrown on unchanged. @throws BrokenGzip */
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
    // Who can't fetch the bytes knows nothing of them; only what came whole can be broken.
    throw source.failed ?? new BrokenGzip('The bytes are no whole gzip.', { cause: error });
  }
}

/** Web streams, because core knows no Node modules. */
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
      // The readable end then throws, too; that it may have failed first is no further fault.
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

/** Objects whose keys end so are compressed: stores do it on the way, and whoever reads or writes lines sees lines. */
export const isGzip = (key: string): boolean => key.endsWith('.gz');

/** Compresses as it goes: what it holds is bounded, whatever passes. What `chunks` throws is thrown on unchanged. */
export const gzipped = (chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> =>
  through(chunks, new CompressionStream('gzip'));

/** @throws TypeError for bytes that are no gzip, or that end too early */
export const gunzipped = (chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> =>
  through(chunks, new DecompressionStream('gzip'));

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

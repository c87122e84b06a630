/** `btoa` takes a string of bytes, and `fromCharCode` takes each byte as an argument, so this many at once. */
const CHUNK = 24_576;

/** Base64 text of a stream of bytes, in parts of at most 32 KiB. The parts can be joined with or without line feeds. */
export async function* base64Of(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = new Uint8Array(0);
  for await (const chunk of chunks) {
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    let at = 0;
    for (; at + CHUNK <= bytes.length; at += CHUNK) yield encoded(bytes.subarray(at, at + CHUNK));
    rest = bytes.slice(at);
  }
  if (rest.length > 0) yield encoded(rest);
}

const encoded = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

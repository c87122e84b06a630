/**
 * Splits bytes into lines at line feeds only. A carriage return or U+2028 is part of a line. A chunk may end within a
 * character or a line. The last line needs no line feed.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const parts = text.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      yield rest + part;
      rest = '';
    }
    rest += last;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

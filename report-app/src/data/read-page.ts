import { decodeReport, DamagedReport } from './decode.ts';
import type { Report } from './model.ts';

/** Reads the data of this page. @throws DamagedReport, Error if the browser can't decompress it */
export async function readReport(base64: string): Promise<Report> {
  if (!('DecompressionStream' in globalThis)) {
    throw new Error(
      'This browser can’t open the report. Use Chrome 110, Firefox 115, Safari 16.4, or a later version.',
    );
  }
  return decodeReport(linesOf(await unpacked(bytesOf(base64))));
}

/** The lines of a text, one at a time: 50 MB need no second copy. */
function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const to = end === -1 ? text.length : end;
    yield text.slice(from, to);
    from = to + 1;
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  let binary: string;
  try {
    binary = atob(base64);
  } catch (error: unknown) {
    throw new DamagedReport('The report’s data is damaged.', { cause: error });
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
  } catch (error: unknown) {
    throw new DamagedReport('The report’s data is incomplete.', { cause: error });
  }
}

import { LogFilesError, type LogFiles } from '../../core/ports/log-files.ts';

export interface FetchedFile {
  readonly path: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** CloudTrail's files have at most a few hundred kilobytes. Larger files are fetched while they are read. */
const FETCHED_BYTES = 1 << 20;

/** Fetches a small file before it is needed. A fault ends its chunks, as it does for a large one. */
export async function fetched(
  source: LogFiles,
  { path, bytes }: { readonly path: string; readonly bytes: number },
): Promise<FetchedFile> {
  if (bytes > FETCHED_BYTES) return { path, chunks: source.open(path) };
  const rest = source.open(path)[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let fault: LogFilesError | null = null;
  let held = 0;
  let done = false;
  try {
    // The file may have grown since it was listed.
    while (held <= FETCHED_BYTES) {
      const next = await rest.next();
      done = next.done === true;
      if (next.done === true) break;
      chunks.push(next.value);
      held += next.value.length;
    }
  } catch (error: unknown) {
    if (!(error instanceof LogFilesError)) throw error;
    fault = error;
  }
  return { path, chunks: continued(chunks, fault, done ? null : rest) };
}

async function* continued(
  chunks: readonly Uint8Array[],
  fault: LogFilesError | null,
  rest: AsyncIterator<Uint8Array> | null,
): AsyncGenerator<Uint8Array> {
  yield* chunks;
  if (fault !== null) throw fault;
  if (rest !== null) yield* { [Symbol.asyncIterator]: () => rest };
}

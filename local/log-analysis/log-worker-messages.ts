import * as v from 'valibot';
import { LogFileReport } from './log-file-report.ts';

/** What a thread that reads log files gets at its start. */
export const LogWorkerData = v.object({
  rowsFolder: v.string(),
  name: v.string(),
  since: v.nullable(v.number()),
  until: v.nullable(v.number()),
});
export type LogWorkerData = v.InferOutput<typeof LogWorkerData>;

/** To the thread: a file, its bytes in chunks, and its end, with the fault that ended it early. Then `close`. */
export const LogWorkerRequest = v.variant('kind', [
  v.object({ kind: v.literal('file'), path: v.string() }),
  v.object({ kind: v.literal('chunk'), bytes: v.custom<Uint8Array>((value) => value instanceof Uint8Array) }),
  v.object({ kind: v.literal('end'), fault: v.nullable(v.string()) }),
  v.object({ kind: v.literal('close') }),
]);
export type LogWorkerRequest = v.InferOutput<typeof LogWorkerRequest>;

/** From the thread: a chunk was read; the file was read, perhaps before its end; all rows are written. */
export const LogWorkerReply = v.variant('kind', [
  v.object({ kind: v.literal('taken') }),
  v.object({ kind: v.literal('report'), report: LogFileReport }),
  v.object({ kind: v.literal('closed') }),
]);
export type LogWorkerReply = v.InferOutput<typeof LogWorkerReply>;

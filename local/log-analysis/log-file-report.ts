import * as v from 'valibot';

const Count = v.number();
const Sec = v.nullable(v.number());

/** Something in a file that was not read. */
export const Note = v.object({
  what: v.picklist(['files', 'folders', 'records', 'lines']),
  reason: v.string(),
  count: Count,
  losesRecords: v.boolean(),
});
export type Note = v.InferOutput<typeof Note>;

/** What was read from one file. `from` and `to`: seconds since 1970 of the first and last row. */
export const LogFileReport = v.object({ events: Count, rows: Count, from: Sec, to: Sec, notes: v.array(Note) });
export type LogFileReport = v.InferOutput<typeof LogFileReport>;

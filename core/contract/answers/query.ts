import * as v from 'valibot';
import type { Immutable } from './immutable.ts';

/** A value of an answer. Times are texts. Lists and structs, which only own SQL makes, are JSON texts. */
export const AnswerCell = v.union([v.string(), v.number(), v.boolean(), v.null()]);
export type AnswerCell = v.InferOutput<typeof AnswerCell>;

/** What `query --json` prints: the rows of a question about the tables. */
export const QueryAnswer = v.object({
  schemaVersion: v.literal(1),
  /** Name of the question; null for own SQL. */
  name: v.nullable(v.string()),
  /** The question as a sentence; null for own SQL. */
  question: v.nullable(v.string()),
  /** YYYY-MM-DD: the day that counts as today in the question; null for own SQL. */
  day: v.nullable(v.string()),
  /** The statement that was run. */
  sql: v.string(),
  /** Days of the tables that were read, YYYY-MM-DD; null if there are none. */
  from: v.nullable(v.string()),
  to: v.nullable(v.string()),
  /** In the order of the statement, with DuckDB's types. */
  columns: v.array(v.object({ name: v.string(), type: v.string() })),
  /** By name of the column. */
  rows: v.array(v.record(v.string(), AnswerCell)),
  /** Files that can't be read or are missing. Their rows are missing, so the answer may have wrong rows. */
  unreadable: v.array(v.object({ key: v.string(), reason: v.string() })),
});
export type QueryAnswer = Immutable<v.InferOutput<typeof QueryAnswer>>;

/** What `query --json` prints without a question: the named questions. */
export const QueryList = v.object({
  schemaVersion: v.literal(1),
  questions: v.array(v.object({ name: v.string(), question: v.string(), sql: v.string() })),
});
export type QueryList = Immutable<v.InferOutput<typeof QueryList>>;

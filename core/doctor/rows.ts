import * as v from 'valibot';
import { CallerKind } from '../contract/doctor/diagnosis.ts';
import { LogQueryError, type LogQueryName, type LogRow } from '../ports/log-queries.ts';
import type { Caller } from './evidence.ts';

export const Text = v.string();
export const TextOrNull = v.nullable(v.string());
export const Num = v.number();
export const NumOrNull = v.nullable(v.number());

/** The columns that name a caller, in the rows of most queries. */
export const callerColumns = { caller: Text, caller_kind: CallerKind, account: Text };

export const callerOf = (row: { caller: string; caller_kind: CallerKind; account: string }): Caller => ({
  caller: row.caller,
  accountId: row.account,
  kind: row.caller_kind,
});

/** Checks the rows of an answer against the columns that the question reads. @throws LogQueryError */
export function parseRows<T>(query: LogQueryName, row: v.GenericSchema<unknown, T>, rows: readonly LogRow[]): T[] {
  const parsed = v.safeParse(v.array(row), rows);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new LogQueryError(
    `The answer to ${query} is not as expected at ${v.getDotPath(issue) ?? 'its rows'}: ${issue.message}`,
  );
}

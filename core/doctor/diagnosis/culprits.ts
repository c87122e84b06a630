import * as v from 'valibot';
import type { Culprits } from '../../contract/run.ts';
import type { LogQueries, LogRow } from '../../ports/log-queries.ts';
import type { Period } from '../athena-statements.ts';
import { hoursBetween, type Evidence, type Totals } from '../evidence.ts';
import { callers } from '../questions/callers.ts';
import { Num, parseRows, Text } from '../rows.ts';
import { thresholdsWith } from '../thresholds.ts';

const Row = v.object({
  caller: Text,
  pool: Text,
  served: Num,
  refused: Num,
  pool_served: Num,
  pool_refused: Num,
  audit_calls: Num,
});
type Row = v.InferOutput<typeof Row>;

/**
 * Who used the rate up while calls of a run were throttled: the answer to the question `callers` alone.
 * @param period the run's time
 * @throws LogQueryError
 */
export async function culpritsOf(queries: LogQueries, period: Period): Promise<Culprits> {
  const rows = await queries.ask(callers.id);
  const parsed = parseRows('callers', Row, rows);
  const answer = callers.answer(rows, evidenceOf(parsed, period));
  const named = answer.callers.map(({ caller, accountId, diagnosis }) => ({
    caller,
    accountId,
    diagnosis: sendsAuditAgent(parsed, caller) ? `${diagnosis} ${OWN_CALLS}` : diagnosis,
  }));
  return { callers: named, note: named.length > 0 ? null : [answer.summary, answer.reason ?? ''].join(' ').trim() };
}

/** No lowest share of throttled calls: the question is asked only if more than 1 % of the run's calls were throttled. */
const thresholds = thresholdsWith({ refusedShareForVerdict: 0 });

/** A user agent is the caller's own text, so the sentence does not say that the audit is the cause. */
const OWN_CALLS =
  'Most of its calls have the user agent of iam-audit, which any program can send. If it is this audit, set a lower rateShare or a longer spreadOverMinutes.';

/** Counts only the calls in the rows: those in minutes with throttled calls, and in the minute before each of them. */
function evidenceOf(rows: readonly Row[], { from, to }: Period): Evidence {
  const pools = [...new Map(rows.map((row) => [row.pool, row])).values()];
  const refused = pools.reduce((sum, { pool_refused }) => sum + pool_refused, 0);
  const totals: Totals = {
    calls: refused + pools.reduce((sum, { pool_served }) => sum + pool_served, 0),
    refused,
    refusedWithParameters: 0,
    iamCalls: refused,
    keylessSessions: 0,
    outsideSessions: 0,
    outsideAccounts: 0,
    outsideAccount: null,
    hasFirstRegion: true,
    strays: 0,
    firstSec: from,
    lastSec: to,
  };
  return {
    totals,
    thresholds,
    hours: hoursBetween(from, to),
    clientsOf: () => [],
  };
}

/** Whether most of a caller's calls have the audit's user agent. */
function sendsAuditAgent(rows: readonly Row[], caller: string): boolean {
  const own = rows.filter((row) => row.caller === caller);
  const calls = own.reduce((sum, { served, refused }) => sum + served + refused, 0);
  return own.reduce((sum, { audit_calls }) => sum + audit_calls, 0) > calls / 2;
}

/** A query whose rows were read before. */
export const givenRows = (rows: readonly LogRow[]): LogQueries => ({ ask: () => Promise.resolve(rows) });

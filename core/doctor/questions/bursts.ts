import * as v from 'valibot';
import { answerFor, hoursForRates, type Evidence } from '../evidence.ts';
import { callerColumns, callerOf, Num, parseRows, Text, TextOrNull } from '../rows.ts';
import { counted, percent, whole } from './numbers.ts';
import { found, IAM_LOGS_NEEDED, inOrder, unknown, type Question } from './question.ts';

const Row = v.object({
  ...callerColumns,
  pool: Text,
  calls: Num,
  refused: Num,
  peak: Num,
  minutes: Num,
  busy_minutes: Num,
  served_when_busy: Num,
  pool_calls: Num,
  pool_refused: Num,
  served_peak: Num,
  iam_calls: Num,
  iam_refused: Num,
  operation: TextOrNull,
  second_operation: TextOrNull,
  written_operation: TextOrNull,
});
type Row = v.InferOutput<typeof Row>;

/** Callers that read IAM in bursts which throttle calls. */
export const bursts: Question = {
  id: 'bursts',
  asks: 'Which callers read IAM in bursts that could be spread over a longer time?',
  method:
    'In a burst, a caller makes many reads of IAM in a few minutes, at least ten times as fast as the same calls spread over six hours. A burst is reported only if calls of the account under the same limit were throttled in these minutes, and the caller made a considerable part of the served calls there. AWS does not say which operations of IAM share a limit: if the operations seem to have limits of their own, as the question callers finds it, only calls of the operations that the caller reads with count. Otherwise the answer mentions the burst, but the verdict is in order.',
  answer(rows, evidence) {
    const candidates = parseRows('bursts', Row, rows).filter((row) => isBurst(row, evidence));
    const harmful = candidates.filter((row) => isHarmful(row, evidence));
    if (harmful.length > 0) {
      return found(
        'bursts',
        `${counted(harmful.length, 'caller')} ${harmful.length === 1 ? 'reads' : 'read'} IAM in bursts that throttle calls of the account.`,
        harmful.map((row) => answerOf(row, evidence)),
      );
    }
    if (evidence.totals.iamCalls === 0) {
      return unknown('bursts', 'The logs contain no call to IAM by your applications.', IAM_LOGS_NEEDED);
    }
    if (evidence.totals.calls < evidence.thresholds.burstCalls) {
      return unknown(
        'bursts',
        `The logs contain only ${counted(evidence.totals.calls, 'call')} to IAM and STS.`,
        `An answer needs at least ${evidence.thresholds.burstCalls} calls. Read a longer period.`,
      );
    }
    const [largest] = candidates;
    const unclear = candidates.find((row) => isHarmful(ofAllOperations(row), evidence));
    if (unclear !== undefined) {
      return unknown(
        'bursts',
        `${unclear.caller} reads IAM in bursts of up to ${whole(unclear.peak)} calls a minute. In these minutes ${percent(unclear.iam_refused / unclear.iam_calls)} of the account's calls to IAM were throttled, but hardly any of those to the operations of the burst.`,
        'AWS does not say which operations of IAM share a limit. If these do, the burst is the cause: spread it, and see whether the throttling ends.',
      );
    }
    return inOrder(
      'bursts',
      largest === undefined
        ? 'No caller reads IAM in bursts.'
        : `${largest.caller} reads IAM in bursts of up to ${whole(largest.peak)} calls a minute. These bursts caused little or no throttling. If it spread these calls, other callers could use more of the rate.`,
    );
  },
};

function isBurst({ calls, peak, busy_minutes }: Row, { thresholds, hours }: Evidence): boolean {
  const spreadPerMinute = calls / (60 * thresholds.burstSpreadHours);
  return (
    calls >= thresholds.burstCalls &&
    peak >= thresholds.burstPeak &&
    peak >= thresholds.burstFactor * spreadPerMinute &&
    busy_minutes <= Math.max(1, thresholds.burstActiveShare * 60 * hours)
  );
}

/** The numbers of a burst if all operations of IAM share one limit. */
const ofAllOperations = (row: Row): Row => ({ ...row, pool_calls: row.iam_calls, pool_refused: row.iam_refused });

/** Retries of a caller that is hardly served are no burst of reads. */
const isHarmful = (
  { pool_refused, pool_calls, served_when_busy, served_peak }: Row,
  { thresholds }: Evidence,
): boolean =>
  served_peak >= thresholds.burstPeak &&
  pool_refused > thresholds.burstRefusedShare * pool_calls &&
  served_when_busy >= thresholds.burstOwnShare * (pool_calls - pool_refused);

function answerOf(row: Row, evidence: Evidence) {
  const spread = row.calls / (60 * evidence.thresholds.burstSpreadHours);
  const callsPerHour = row.pool_refused / hoursForRates(evidence);
  return answerFor(evidence, 'bursts', callerOf(row), {
    operation: row.operation,
    context: {
      operations: [row.operation, row.second_operation, row.written_operation].filter((one) => one !== null),
      servedPerSecond: (row.pool_calls - row.pool_refused) / (60 * row.busy_minutes),
    },
    callsPerHour: row.served_when_busy / hoursForRates(evidence),
    figures: {
      calls: row.calls,
      refused: row.refused,
      peakPerMinuteBefore: row.peak,
      peakPerMinuteAfter: spread,
      busyMinutes: row.busy_minutes,
      refusedInPool: row.pool_refused,
      refusedPercentInPool: (100 * row.pool_refused) / row.pool_calls,
    },
    diagnosis: `It made ${whole(row.calls)} reads of IAM, most of them in ${counted(row.busy_minutes, 'minute')}, up to ${whole(row.peak)} a minute, most often ${row.operation ?? 'several operations'}. In these minutes ${percent(row.pool_refused / row.pool_calls)} of the account's calls to the same operations were throttled. Spread over ${evidence.thresholds.burstSpreadHours} hours, these calls would be ${spread < 1 ? 'less than one' : whole(spread)} a minute.`,
    saves: { callsPerHour: Math.round(callsPerHour) },
  });
}

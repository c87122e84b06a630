import * as v from 'valibot';
import { answerFor, hoursForRates, type Evidence } from '../evidence.ts';
import { callerColumns, callerOf, Num, parseRows, TextOrNull } from '../rows.ts';
import { stsHostFor } from '../places/region.ts';
import { counted, percent, whole } from './numbers.ts';
import { found, inOrder, unknown, type Question } from './question.ts';

const Row = v.object({
  ...callerColumns,
  calls: Num,
  global_calls: Num,
  known_calls: Num,
  global_refused: Num,
  use_region: TextOrNull,
  operation: TextOrNull,
});
type Row = v.InferOutput<typeof Row>;

/** Callers of the global STS endpoint. */
export const stsEndpoint: Question = {
  id: 'sts-endpoint',
  asks: 'Which callers use the global STS endpoint instead of a Regional one?',
  method:
    'CloudTrail records the endpoint of a call to STS, or at least the host name that the caller used. The global endpoint has its own limit, which all its callers in the account share. Each Regional endpoint has a separate limit. Callers with few calls to the global endpoint are named if together they make many.',
  answer(rows, evidence) {
    const callers = parseRows('sts-endpoint', Row, rows);
    const { globalCalls, globalCallsTogether } = evidence.thresholds;
    const few = callers.filter((row) => row.global_calls > 0 && row.global_calls < globalCalls);
    const fewCalls = few.reduce((sum, row) => sum + row.global_calls, 0);
    const global = callers.filter(
      (row) => row.global_calls >= globalCalls || (row.global_calls > 0 && fewCalls >= globalCallsTogether),
    );
    if (global.length > 0) {
      const calls = global.reduce((sum, row) => sum + row.global_calls, 0);
      return found(
        'sts-endpoint',
        `${counted(global.length, 'caller')} ${global.length === 1 ? 'uses' : 'use'} the global STS endpoint: ${counted(calls, 'call')}.`,
        global.map((row) => answerOf(row, evidence)),
      );
    }
    const calls = callers.reduce((sum, row) => sum + row.calls, 0);
    if (!evidence.totals.hasFirstRegion && calls > 0) {
      return unknown(
        'sts-endpoint',
        'The logs contain no call of us-east-1, where the calls to the global endpoint are recorded.',
        'An answer needs the STS events of us-east-1.',
      );
    }
    const known = callers.reduce((sum, row) => sum + row.known_calls, 0);
    if (2 * known < calls) {
      return unknown(
        'sts-endpoint',
        `The records of ${whole(calls - known)} of ${counted(calls, 'call')} to STS do not contain the endpoint.`,
        'An answer needs newer records, because records before event version 1.08 have no host name. Choose a later period.',
      );
    }
    return calls < evidence.thresholds.globalCalls
      ? unknown(
          'sts-endpoint',
          'The logs contain too few calls to STS by your applications.',
          'An answer needs the STS events of us-east-1, which include the calls to the global endpoint, and the STS events of the Regions of your applications.',
        )
      : inOrder(
          'sts-endpoint',
          fewCalls === 0
            ? `Callers use Regional STS endpoints: ${counted(calls, 'call')}.`
            : `Callers use Regional STS endpoints for ${whole(calls - fewCalls)} of ${counted(calls, 'call')}. ${counted(fewCalls, 'call')} by ${counted(few.length, 'caller')} went to the global endpoint, too few to matter.`,
        );
  },
};

function answerOf(row: Row, evidence: Evidence) {
  const callsPerHour = row.global_calls / hoursForRates(evidence);
  return answerFor(evidence, 'sts-endpoint', callerOf(row), {
    operation: row.operation,
    callsPerHour,
    context: { region: row.use_region },
    figures: { globalCalls: row.global_calls, globalRefused: row.global_refused, calls: row.calls },
    diagnosis: `${whole(row.global_calls)} of its ${counted(row.calls, 'call')} to STS (${percent(row.global_calls / row.calls)}) went to the global endpoint sts.amazonaws.com${row.global_refused === 0 ? '' : `; ${whole(row.global_refused)} of them were throttled`}. ${row.use_region === null ? 'The endpoint of its own Region answers faster and has a limit of its own.' : `The endpoint ${stsHostFor(row.use_region)} is nearer to it and has a limit of its own.`}`,
    saves: null,
  });
}

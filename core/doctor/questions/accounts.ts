import * as v from 'valibot';
import { answerFor, hoursForRates, type Evidence } from '../evidence.ts';
import { callerColumns, callerOf, Num, parseRows, TextOrNull } from '../rows.ts';
import { counted, percent, whole } from './numbers.ts';
import { found, inOrder, unknown, type Question } from './question.ts';

const Row = v.object({
  ...callerColumns,
  calls: Num,
  refused: Num,
  account_calls: Num,
  account_refused: Num,
  all_calls: Num,
  accounts: Num,
  recipients: Num,
  operation: TextOrNull,
});
type Row = v.InferOutput<typeof Row>;

/** Whether one account makes most calls of an organization. */
export const accounts: Question = {
  id: 'accounts',
  asks: 'Does one account of the organization make most calls, so that its limits are the bottleneck?',
  method:
    'Limits apply to each account. A call counts for the account of its caller, even if the call assumes a role in another account. An account is reported only if the logs cover several accounts and calls of the busiest account are throttled.',
  answer(rows, evidence) {
    const callers = parseRows('accounts', Row, rows);
    const [first] = callers;
    if (first === undefined || first.accounts < 2) {
      return unknown(
        'accounts',
        first === undefined
          ? 'The logs contain no call to IAM or STS by your applications.'
          : 'The logs contain the calls of one account only.',
        "An answer needs the logs of several accounts, for example of an organization's trail.",
      );
    }
    const share = first.account_calls / first.all_calls;
    const refusedShare = first.account_refused / first.account_calls;
    if (share < evidence.thresholds.accountShare || refusedShare < evidence.thresholds.accountRefusedShare) {
      return inOrder(
        'accounts',
        `The busiest of ${whole(first.accounts)} accounts, ${first.account}, makes ${percent(share)} of the calls. ${percent(refusedShare)} of its calls were throttled.`,
      );
    }
    const named = callers.filter(
      (row) =>
        row.account === first.account && row.calls >= evidence.thresholds.accountCallerShare * first.account_calls,
    );
    return found(
      'accounts',
      `Account ${first.account} makes ${percent(share)} of the calls of ${whole(first.accounts)} accounts. ${percent(refusedShare)} of its calls were throttled.`,
      named.map((row) => answerOf(row, evidence)),
    );
  },
};

function answerOf(row: Row, evidence: Evidence) {
  const callsPerHour = row.calls / hoursForRates(evidence);
  return answerFor(evidence, 'accounts', callerOf(row), {
    operation: row.operation,
    callsPerHour,
    figures: {
      calls: row.calls,
      refused: row.refused,
      shareOfAccount: row.calls / row.account_calls,
      shareOfAll: row.calls / row.all_calls,
      accountRefused: row.account_refused,
      recipientAccounts: row.recipients,
    },
    diagnosis: `It makes ${counted(row.calls, 'call')}, ${percent(row.calls / row.account_calls)} of those of account ${row.account}${row.recipients > 1 ? `, in ${whole(row.recipients)} accounts` : ''}. All these calls use the limits of account ${row.account}.`,
    saves: null,
  });
}

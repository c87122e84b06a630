import * as v from 'valibot';
import { listedBriefly } from '../../wording/wording.ts';
import { groupedBy } from '../../streams/grouped-by.ts';
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
    'Limits apply to each account. A call counts for the account of its caller, even if the call assumes a role in another account. An account is reported only if the logs cover several accounts and calls of this account are throttled. If two accounts make half of the calls each, both are judged. Without throttled calls, the logs do not show whether a limit is the bottleneck.',
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
    const { thresholds } = evidence;
    if (first.all_calls < thresholds.accountCalls) {
      return unknown(
        'accounts',
        `The logs contain only ${counted(first.all_calls, 'call')} by your applications.`,
        `An answer needs at least ${thresholds.accountCalls} calls. Read a longer period.`,
      );
    }
    const busiest = callers.filter((row) => row.account_calls === first.account_calls).map(({ account }) => account);
    const names = [...new Set(busiest)];
    const shares = `${names.length === 1 ? `The busiest of ${whole(first.accounts)} accounts, ${first.account}, makes` : `The busiest of ${whole(first.accounts)} accounts are ${listedBriefly(names, 3)}. Each makes`} ${percent(shareOf(first))} of the calls.`;
    const byAccount = groupedBy(callers, ({ account }) => account);
    if (byAccount.every(([row]) => row?.account_refused === 0)) {
      return unknown(
        'accounts',
        `${shares} The logs contain no throttled call by your applications, so they do not show whether the limits of an account are the bottleneck.`,
        'An answer needs throttled calls. Choose a period in which "Rate exceeded" appeared.',
      );
    }
    const limited = byAccount.filter(
      ([row]) =>
        row !== undefined &&
        shareOf(row) >= thresholds.accountShare &&
        refusedShareOf(row) >= thresholds.accountRefusedShare,
    );
    if (limited.length === 0) {
      return inOrder(
        'accounts',
        `${shares} ${percent(refusedShareOf(first))} of the calls of ${first.account} were throttled.`,
      );
    }
    const named = limited.flat().filter((row) => row.calls >= thresholds.accountCallerShare * row.account_calls);
    return found(
      'accounts',
      limited
        .flatMap(([row]) => (row === undefined ? [] : row))
        .map(
          (row) =>
            `Account ${row.account} makes ${percent(shareOf(row))} of the calls of ${whole(row.accounts)} accounts. ${percent(refusedShareOf(row))} of its calls were throttled.`,
        )
        .join(' '),
      named.map((row) => answerOf(row, evidence)),
    );
  },
};

const shareOf = ({ account_calls, all_calls }: Row): number => account_calls / all_calls;
const refusedShareOf = ({ account_calls, account_refused }: Row): number => account_refused / account_calls;

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

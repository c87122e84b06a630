import type {
  BucketRate,
  Estimate,
  EstimatedAccount,
  EstimatedPrincipals,
  RunNeeds,
} from '../core/contract/answers/estimate.ts';
import { shortened, table } from './table.ts';

/** Longer lists of accounts are shortened in texts. `--json` prints all. */
const MOST_ACCOUNTS = 20;

/** The estimate as text. */
export function estimateInWords(estimate: Estimate): string[] {
  const { accounts, total, basis } = estimate;
  const [first] = accounts;
  const of =
    basis === 'typical'
      ? `${count(total.accounts, 'typical account')} of ${count(first?.principals.total ?? 0, 'principal')}${total.accounts > 1 ? ' each' : ''}`
      : total.accounts === 1
        ? `account ${first?.accountId ?? ''}`
        : count(total.accounts, 'account');
  const atOnce = total.accounts > 1 ? `, ${Math.min(total.accounts, total.accountsAtOnce)} at once` : '';
  return [
    `What a run of ${of} needs${atOnce}. A steady day is a later day, when most evidence is carried over from earlier runs.`,
    '',
    ...principalsInWords(total.principals),
    '',
    ...needsTable(total.today, total.steadyDay),
    ...(basis === 'inventory' && accounts.length > 1 ? ['', ...accountsTable(accounts)] : []),
    '',
    ...ratesInWords(accounts),
    '',
    ...sentInWords(estimate),
    'Assumed:',
    ...estimate.assumptions.map((sentence) => `- ${sentence}`),
  ];
}

const count = (n: number, noun: string): string => `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;

function principalsInWords({ total, asked, carried, ruledOut, reports, simulations }: EstimatedPrincipals): string[] {
  return [
    `${count(total, 'principal')}: today ${asked.toLocaleString('en')} must be asked for, and the evidence of ${carried.toLocaleString('en')} is carried.`,
    `That is ${count(reports, 'report')} and ${count(simulations, 'simulation')}. ${count(ruledOut, 'principal')} can do no sensitive action, so they need no simulation.`,
  ];
}

/** Numbers in columns, aligned to the right. The first column is text. */
function numbers(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return table(rows.map((row) => row.map((cell, column) => (column === 0 ? cell : cell.padStart(width(column))))));
}

const dollars = (amount: number): string => amount.toFixed(4);
const minutes = (amount: number): string => amount.toFixed(1);
const whole = (amount: number): string => amount.toLocaleString('en');
const callsOf = ({ calls }: RunNeeds): number => Object.values(calls).reduce((sum, sent) => sum + sent, 0);

function needsTable(today: RunNeeds, steady: RunNeeds): string[] {
  const operations = [...new Set([...Object.keys(today.calls), ...Object.keys(steady.calls)])].sort();
  const row = (name: string, value: (needs: RunNeeds) => string): string[] => [name, value(today), value(steady)];
  return numbers([
    ['', 'today', 'steady day'],
    row('minutes', (needs) => minutes(needs.minutes)),
    row('calls', (needs) => whole(callsOf(needs))),
    ...operations.map((operation) => row(`  ${operation}`, ({ calls }) => whole(calls[operation] ?? 0))),
    row('US dollars', ({ cost }) => dollars(cost.total)),
    row('  Step Functions', ({ cost }) => dollars(cost.stepFunctions)),
    row('  Lambda', ({ cost }) => dollars(cost.lambda)),
    row('  S3 requests', ({ cost }) => dollars(cost.s3)),
  ]);
}

/** The first accounts, each in a line, and the sum of the others. The accounts overlap, so their minutes have no sum. */
function accountsTable(accounts: readonly EstimatedAccount[]): string[] {
  const cells = (needs: RunNeeds | null): string[] =>
    needs === null ? ['-', '-', '-'] : [whole(callsOf(needs)), minutes(needs.minutes), dollars(needs.cost.total)];
  const shown = accounts.slice(0, MOST_ACCOUNTS);
  const others = accounts.slice(MOST_ACCOUNTS);
  const sum = (value: (account: EstimatedAccount) => number): number =>
    others.reduce((total, account) => total + value(account), 0);
  const sums = (needs: (account: EstimatedAccount) => RunNeeds | null): string[] => [
    whole(sum((account) => callsOfSome(needs(account)))),
    '',
    dollars(sum((account) => needs(account)?.cost.total ?? 0)),
  ];
  return numbers([
    ['account', 'principals', 'asked today', 'calls', 'minutes', 'dollars', 'steady: calls', 'minutes', 'dollars'],
    ...shown.map(({ accountId, principals, today, steadyDay }) => [
      accountId,
      whole(principals.total),
      whole(principals.asked),
      ...cells(today),
      ...cells(steadyDay),
    ]),
    ...(others.length === 0
      ? []
      : [
          [
            `${others.length} more`,
            whole(sum(({ principals }) => principals.total)),
            whole(sum(({ principals }) => principals.asked)),
            ...sums(({ today }) => today),
            ...sums(({ steadyDay }) => steadyDay),
          ],
        ]),
  ]);
}

const callsOfSome = (needs: RunNeeds | null): number => (needs === null ? 0 : callsOf(needs));

/** The rates, and where they come from. Operations and accounts with the same rate share a sentence. */
function ratesInWords(accounts: readonly EstimatedAccount[]): string[] {
  const read = accounts.filter(({ today }) => today !== null);
  const sentences = new Map<string, string[]>();
  for (const { accountId, rates } of read) {
    const operations = new Map<string, string[]>();
    for (const { operation, ...rate } of rates) {
      const origin = originInWords(rate);
      operations.set(origin, [...(operations.get(origin) ?? []), operation.replace('iam:', '')]);
    }
    for (const [origin, names] of operations) {
      const which = names.length === rates.length ? 'each operation' : names.join(' and ');
      const sentence = `${origin} to ${which}`;
      sentences.set(sentence, [...(sentences.get(sentence) ?? []), accountId]);
    }
  }
  return [...sentences].map(([sentence, ids]) =>
    ids.length === read.length ? `${sentence}.` : `${sentence}, in ${shortened(ids)}.`,
  );
}

function originInWords({ perSecond, source, measuredAt }: Omit<BucketRate, 'operation'>): string {
  const calls = `${Math.round(10 * perSecond) / 10} calls a second`;
  switch (source) {
    case 'given':
      return `Pace (--rate): IAM accepts ${calls}`;
    case 'remembered':
      return `Pace that a run measured on ${measuredAt?.slice(0, 10) ?? 'an earlier day'}: IAM accepts ${calls}`;
    case 'assumed':
      return `Pace that is assumed, because no run has measured one: IAM accepts ${calls}`;
  }
}

function sentInWords({ sent }: Estimate): string[] {
  const calls = Object.entries(sent);
  const all = calls.reduce((sum, [, one]) => sum + one, 0);
  if (all === 0) return [];
  return [`This estimate sent ${count(all, 'call')}: ${calls.map(([name, one]) => `${one} ${name}`).join(', ')}.`, ''];
}

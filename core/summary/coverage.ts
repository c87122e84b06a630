import type { Coverage } from '../contract/run-metrics.ts';
import type { AccountSummary } from '../contract/run.ts';

/** Percent of the planned accounts and principals that were audited; 100 if there were none. */
export function coverageOf(accounts: readonly AccountSummary[]): Coverage {
  const sum = (of: (account: AccountSummary) => number): number =>
    accounts.reduce((total, account) => total + of(account), 0);
  return {
    accountsAuditedPercent: percent(accounts.filter(({ status }) => status !== 'FAILED').length, accounts.length),
    principalsAuditedPercent: percent(
      sum(({ principals }) => principals.complete),
      sum(({ principals, deleted }) => principals.total - deleted),
    ),
  };
}

/** Rounded down, so that one missing account of 100,000 does not give 100. */
const percent = (part: number, whole: number): number =>
  whole === 0 ? 100 : Math.floor((part / whole) * 10_000) / 100;

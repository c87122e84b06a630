import type { Coverage } from '../contract/run-metrics.ts';
import type { AccountSummary } from '../contract/run.ts';

/** How much of what a run was to audit it did audit. Where there was nothing to audit, nothing is missing: 100. */
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

/** Rounded down: one account of 100,000 that is missing must not read as 100. */
const percent = (part: number, whole: number): number =>
  whole === 0 ? 100 : Math.floor((part / whole) * 10_000) / 100;

import type { Coverage } from '../contract/operations/run-metrics.ts';
import type { AccountSummary, RunSummary } from '../contract/run.ts';
import { readRun } from '../objects/stored-runs.ts';
import type { ObjectStore } from '../ports/store.ts';

/** What counts towards the shares of a run. */
interface AccountCounts {
  readonly isAudited: boolean;
  readonly complete: number;
  /** Principals that were not deleted during the run. */
  readonly remaining: number;
}

/**
 * Percent of the planned accounts and principals that were audited. A resumed run completes an earlier one: an account
 * that it did not audit again counts with its result in the earlier run.
 */
export async function coverageOf(
  store: ObjectStore,
  run: Pick<RunSummary, 'resumes'>,
  accounts: readonly AccountSummary[],
): Promise<Coverage> {
  const counts = new Map<string, AccountCounts>();
  for (const { accountId, status, principals, deleted } of accounts) {
    counts.set(accountId, {
      isAudited: status !== 'FAILED',
      complete: principals.complete,
      remaining: principals.total - deleted,
    });
  }
  for await (const earlier of resumedRuns(store, run)) {
    for (const { accountId, status, principals } of earlier.accounts) {
      if (counts.has(accountId)) continue;
      // In a COMPLETE account only deleted principals are FAILED. Any other account would have been audited again.
      const deleted = status === 'COMPLETE' ? principals.failed : 0;
      counts.set(accountId, {
        isAudited: status !== 'FAILED',
        complete: principals.complete,
        remaining: principals.total - deleted,
      });
    }
  }
  return sharesOf([...counts.values()]);
}

/** The runs that a resumed run completes, the latest first. */
async function* resumedRuns(store: ObjectStore, run: Pick<RunSummary, 'resumes'>): AsyncGenerator<RunSummary> {
  const seen = new Set<string>();
  let next = run.resumes;
  while (next !== undefined && !seen.has(next)) {
    seen.add(next);
    const earlier = await readRun(store, next);
    if (earlier === null) return;
    yield earlier;
    next = earlier.resumes;
  }
}

/** 100 if there was nothing to audit. */
function sharesOf(accounts: readonly AccountCounts[]): Coverage {
  const audited = accounts.filter(({ isAudited }) => isAudited);
  const sum = (of: (account: AccountCounts) => number): number =>
    audited.reduce((total, account) => total + of(account), 0);
  return {
    accountsAuditedPercent: percent(audited.length, accounts.length),
    principalsAuditedPercent: percent(
      sum(({ complete }) => complete),
      sum(({ remaining }) => remaining),
    ),
  };
}

/** Rounded down, so that one missing account of 100,000 does not give 100. */
const percent = (part: number, whole: number): number =>
  whole === 0 ? 100 : Math.floor((part / whole) * 10_000) / 100;

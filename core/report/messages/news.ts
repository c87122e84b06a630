import type { Notify } from '../../contract/environment.ts';
import type { AccountSummary, RunSummary } from '../../contract/run.ts';
import type { Highlights } from './highlights.ts';

type Outcome = Pick<RunSummary, 'status' | 'startedAt'> & {
  readonly accounts: readonly Pick<AccountSummary, 'accountId' | 'status'>[];
};

/** The day on which `weekly` sends a message without news. */
const MONDAY = 1;

/**
 * Whether subscribers get a message about a run.
 * @param before the previous run; null if this is the first run, or if the previous one can't be read
 */
export function isNotified(
  run: Outcome,
  before: Pick<RunSummary, 'status' | 'accounts'> | null,
  highlights: Highlights,
  notify: Notify,
): boolean {
  switch (notify) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'problems':
      return run.status !== 'COMPLETE';
    case 'news':
      return isNews(run, before, highlights);
    case 'weekly':
      return new Date(run.startedAt).getUTCDay() === MONDAY || isNews(run, before, highlights);
  }
}

/** New critical or high findings, resolved ones, or other accounts that could not be audited than in the run before. */
function isNews(run: Outcome, before: Pick<RunSummary, 'status' | 'accounts'> | null, highlights: Highlights): boolean {
  if (highlights.any || run.status === 'FAILED') return true;
  if (before === null) return run.status !== 'COMPLETE';
  const failed = failedIn(run.accounts);
  const failedBefore = failedIn(before.accounts);
  return (
    run.status !== before.status || failed.size !== failedBefore.size || [...failed].some((id) => !failedBefore.has(id))
  );
}

const failedIn = (accounts: readonly Pick<AccountSummary, 'accountId' | 'status'>[]): ReadonlySet<string> =>
  new Set(accounts.flatMap(({ accountId, status }) => (status === 'FAILED' ? [accountId] : [])));

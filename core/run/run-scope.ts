import type { AccountLine } from '../contract/account-objects.ts';
import type { ExecutionInput } from '../contract/execution-input.ts';
import type { RunSummary, Scope } from '../contract/run.ts';

export interface RunScope {
  readonly accounts: Scope['accounts'];
  /** Patterns of ARNs; null: all principals. */
  readonly principals: string[] | null;
  /** Null if the run carries evidence over from earlier runs. */
  readonly full: { readonly since: string } | null;
}

/**
 * What a run audits. A resumed run has the scope of the run that it continues, unless the input limits it.
 * @param resumed the run that this run continues
 * @param startedAt ISO 8601
 */
export function scopeOf(
  { principals, full }: ExecutionInput,
  /** Whether the input limits the accounts. */
  isLimited: boolean,
  resumed: RunSummary | null,
  accounts: readonly AccountLine[],
  startedAt: string,
): RunScope {
  return {
    accounts: isLimited ? accounts.map(({ accountId }) => accountId) : 'all',
    principals: principals ?? principalsOf(resumed),
    full: full === true ? { since: startedAt } : (resumed?.full ?? null),
  };
}

const principalsOf = (run: RunSummary | null): string[] | null =>
  run === null || run.scope.principals === 'all' ? null : run.scope.principals;

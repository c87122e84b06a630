import type { RunSummary } from '../contract/run.ts';
import { costOf } from '../cost/cost.ts';
import type { StoreRequests } from '../ports/store-requests.ts';
import type { RunSchedule } from '../run/run-schedule.ts';
import type { RunScope } from '../run/run-scope.ts';
import { emptyCounts, noConsumption } from './counts.ts';

interface PlannedRun {
  readonly runId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly scope: RunScope;
  /** Whether the run audits everything, or completes the latest run that does. */
  readonly wholeScope: boolean;
  /** The run that this run continues. */
  readonly resumed: RunSummary | null;
  readonly schedule: RunSchedule;
  readonly calls: RunSummary['calls'];
  /** For a run of an organization. */
  readonly organization: RunSummary['organization'];
}

/**
 * `run.json` of a run that has been planned and whose accounts have not been audited.
 * @param requests requests to S3 that planning has made so far; the one that writes `run.json` is added here
 */
export const plannedRun = (
  { runId, startedAt, scope, wholeScope, resumed, schedule: { extent, lambdaLimit }, calls, organization }: PlannedRun,
  { puts, gets }: StoreRequests,
): RunSummary => ({
  schemaVersion: 1,
  runId,
  startedAt,
  finishedAt: null,
  status: 'RUNNING',
  scope: { accounts: scope.accounts, principals: scope.principals ?? 'all' },
  wholeScope,
  ...(resumed === null ? {} : { resumes: resumed.runId }),
  ...(scope.full === null ? {} : { full: scope.full }),
  accounts: [],
  ...(organization === undefined ? {} : { organization }),
  principals: emptyCounts(),
  calls,
  // SummariseRun adds the cost of the rest of the run.
  cost: costOf({ ...noConsumption(), puts: puts + 1, gets }),
  ...(lambdaLimit === null ? {} : { lambdaLimit }),
  ...(extent.spreadMs === 0 ? {} : { spread: { minutes: extent.spreadMs / 60_000, tookMinutes: null } }),
});

import type { AccountSummary, CallsByOperation, Consumption, OperationCalls, RunSummary } from '../contract/run.ts';
import { addCost, costOf } from '../cost/cost.ts';
import { reportedCalls } from '../cost/reported-calls.ts';
import type { Place } from '../organization/place.ts';
import type { UseOfRun } from '../organization/use/use-of-run.ts';
import { addCalls } from '../ports/calls/call-ledger.ts';
import { addConsumption, addCounts, runStatus } from './counts.ts';
import type { RunFindings } from './findings/run-findings.ts';

interface FinishedRun {
  /** `run.json` as PlanRun wrote it. */
  readonly planned: RunSummary;
  readonly accounts: readonly AccountSummary[];
  readonly findings: RunFindings;
  /** Whether accounts share a token bucket; null if this is not known. */
  readonly sharing: RunSummary['sharing'] | null;
  /** What the run itself used, without its accounts. */
  readonly consumption: Consumption;
  /** For a run of an organization whose use of services was read; otherwise null. */
  readonly use: UseOfRun | null;
  readonly places: ReadonlyMap<string, Place>;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
}

/** `run.json` of a run whose accounts have been summarised. */
export function finishedRun(finished: FinishedRun): RunSummary {
  const { planned, accounts, findings, sharing, consumption, use, places, finishedAt } = finished;
  const principals = addCounts(accounts.map((account) => account.principals));
  return {
    ...planned,
    finishedAt: new Date(finishedAt).toISOString(),
    ...accountsOf(accounts, places),
    principals,
    ...(use === null || planned.organization === undefined
      ? {}
      : { organization: { ...planned.organization, use: use.recorded } }),
    calls: callsOf(planned, accounts, use),
    ...findings,
    ...(sharing === null || sharing === undefined ? {} : { sharing }),
    ...(planned.spread === undefined
      ? {}
      : { spread: { ...planned.spread, tookMinutes: minutesUntilAudited(planned.startedAt, accounts) } }),
    cost: addCost(
      planned.cost,
      costOf(
        addConsumption([
          consumption,
          ...(use === null ? [] : [use.consumption]),
          ...accounts.map((account) => account.consumption),
        ]),
      ),
    ),
  };
}

/**
 * The fields of `run.json` that follow from the summary of each account.
 * @param places by account ID, for the accounts of a known organization
 */
export const accountsOf = (
  accounts: readonly AccountSummary[],
  places: ReadonlyMap<string, Place>,
): Pick<RunSummary, 'status' | 'accounts'> => ({
  status: runStatus(accounts),
  accounts: accounts.map(({ accountId, status, principals, startedAt, finishedAt, calls, missingEvidence, error }) => ({
    accountId,
    ...places.get(accountId),
    status,
    principals,
    ...(startedAt === null ? {} : { durationSeconds: secondsBetween(startedAt, finishedAt) }),
    calls: {
      sent: sumOf(calls, ({ sent }) => sent),
      throttled: sumOf(calls, ({ throttled }) => throttled),
    },
    ...(missingEvidence.length === 0 ? {} : { missingEvidence }),
    ...(error === undefined ? {} : { error }),
  })),
});

const sumOf = (calls: CallsByOperation, amount: (counts: OperationCalls) => number): number =>
  Object.values(calls).reduce((sum, counts) => sum + amount(counts), 0);

/** To a tenth of a second. */
const secondsBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 100) / 10;

/** Calls of planning, of the accounts and about the organization's use of services. No operation is called by two of them. */
function callsOf(planned: RunSummary, accounts: readonly AccountSummary[], use: UseOfRun | null): RunSummary['calls'] {
  const calls = {
    ...planned.calls,
    ...reportedCalls(use?.calls ?? {}),
    ...reportedCalls(addCalls(accounts.map((account) => account.calls))),
  };
  return Object.fromEntries(Object.entries(calls).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Minutes from the start of the run to the end of its last batch, to a tenth; null if there was no batch. */
function minutesUntilAudited(startedAt: string, accounts: readonly AccountSummary[]): number | null {
  const times = accounts.flatMap(({ auditedAt }) => (auditedAt === null ? [] : [Date.parse(auditedAt)]));
  return times.length === 0 ? null : Math.round((Math.max(...times) - Date.parse(startedAt)) / 6_000) / 10;
}

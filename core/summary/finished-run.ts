import type { AccountSummary, Consumption, RunSummary } from '../contract/run.ts';
import { addCost, costOf } from '../cost/cost.ts';
import { ONCE_PER_PRINCIPAL, reportedCalls } from '../cost/reported-calls.ts';
import { addCalls } from '../ports/call-ledger.ts';
import { addConsumption, addCounts, overallStatus } from './counts.ts';
import type { RunFindings } from './run-findings.ts';

interface FinishedRun {
  /** `run.json` as PlanRun wrote it. */
  readonly planned: RunSummary;
  readonly accounts: readonly AccountSummary[];
  readonly findings: RunFindings;
  /** Whether accounts share a token bucket; null if this is not known. */
  readonly sharing: RunSummary['sharing'] | null;
  /** What the run itself used, without its accounts. */
  readonly consumption: Consumption;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
}

/** `run.json` of a run whose accounts have been summarised. */
export function finishedRun(finished: FinishedRun): RunSummary {
  const { planned, accounts, findings, sharing, consumption, finishedAt } = finished;
  const principals = addCounts(accounts.map((account) => account.principals));
  return {
    ...planned,
    finishedAt: new Date(finishedAt).toISOString(),
    ...accountsOf(accounts),
    principals,
    calls: callsOf(planned, accounts, principals.total),
    ...findings,
    ...(sharing === null || sharing === undefined ? {} : { sharing }),
    ...(planned.spread === undefined
      ? {}
      : { spread: { ...planned.spread, tookMinutes: minutesUntilAudited(planned.startedAt, accounts) } }),
    cost: addCost(
      planned.cost,
      costOf(addConsumption([consumption, ...accounts.map((account) => account.consumption)])),
    ),
  };
}

/** The fields of `run.json` that follow from the status of each account. */
export const accountsOf = (accounts: readonly AccountSummary[]): Pick<RunSummary, 'status' | 'accounts'> => ({
  status: overallStatus(accounts.map(({ status }) => status)),
  accounts: accounts.map(({ accountId, status, principals, error }) => ({
    accountId,
    status,
    principals,
    ...(error === undefined ? {} : { error }),
  })),
});

/** Calls of planning and of the accounts, by operation. No operation is called by both. */
function callsOf(planned: RunSummary, accounts: readonly AccountSummary[], principals: number): RunSummary['calls'] {
  const expected = Object.fromEntries(ONCE_PER_PRINCIPAL.map((operation) => [operation, principals]));
  const calls = { ...planned.calls, ...reportedCalls(addCalls(accounts.map((account) => account.calls)), expected) };
  return Object.fromEntries(Object.entries(calls).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Minutes from the start of the run to the end of its last batch, to a tenth; null if there was no batch. */
function minutesUntilAudited(startedAt: string, accounts: readonly AccountSummary[]): number | null {
  const times = accounts.flatMap(({ auditedAt }) => (auditedAt === null ? [] : [Date.parse(auditedAt)]));
  return times.length === 0 ? null : Math.round((Math.max(...times) - Date.parse(startedAt)) / 6_000) / 10;
}

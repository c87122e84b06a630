import * as v from 'valibot';
import { RunId } from '../execution-input.ts';
import { RunStatus } from '../run.ts';

/**
 * Metrics of a deployment's runs, in the stack's own namespace. Metric filters create them from log lines: `RunEnded`,
 * and Step Functions' log events of executions that failed or timed out.
 */
export const runMetrics = {
  /** 1 if a run ended FAILED or its execution failed. 0 if a run of all accounts and principals ended with another status. */
  failed: 'RunFailed',
  /** 1 if the workflow's timeout stopped a run. 0 if a run of all accounts and principals ended, with any status. */
  timedOut: 'RunTimedOut',
  /** 1 if a run of all accounts and principals ended with another status than FAILED. */
  succeeded: 'RunSucceeded',
  /** 1 if a message or events about a run could not be delivered. 0 when a run of all accounts and principals ends, before they are sent. */
  undelivered: 'Undelivered',
  accountsAudited: 'AccountsAuditedPercent',
  principalsAudited: 'PrincipalsAuditedPercent',
} as const;

/**
 * Metrics that functions log in CloudWatch's embedded metric format, in the same namespace, with their units. SummariseRun
 * logs them for each run of all accounts and principals, unless a metric says otherwise.
 */
export const figureMetrics = {
  /** Requests of all operations, and those of them that AWS throttled. */
  calls: ['Calls', 'Count'],
  throttledCalls: ['ThrottledCalls', 'Count'],
  throttledPercent: ['ThrottledPercent', 'Percent'],
  /** Calls that were not needed, because evidence was carried, shared or ruled out. */
  callsSaved: ['CallsSaved', 'Count'],
  /** Time in which calls waited because of the rate, a pause or backoff, summed over the accounts. */
  secondsPaced: ['SecondsPaced', 'Seconds'],
  /** Principals and open findings. A resumed run has only some of the accounts, so it does not log them. */
  principalsComplete: ['PrincipalsComplete', 'Count'],
  principalsPartial: ['PrincipalsPartial', 'Count'],
  principalsFailed: ['PrincipalsFailed', 'Count'],
  findingsCritical: ['FindingsCritical', 'Count'],
  findingsHigh: ['FindingsHigh', 'Count'],
  findingsMedium: ['FindingsMedium', 'Count'],
  findingsLow: ['FindingsLow', 'Count'],
  /** Hours since the last COMPLETE run of all accounts and principals started. Missing if the trend has none. */
  hoursSinceComplete: ['HoursSinceCompleteRun', 'None'],
  /** Runs of all accounts and principals in a row that ended with another status than COMPLETE. */
  runsSinceComplete: ['RunsSinceComplete', 'Count'],
  /** 1 if the run took longer than the window that it was spread over, otherwise 0. */
  windowExceeded: ['SpreadWindowExceeded', 'Count'],
  /** Any function logs 1 for an object that can't be used. PlanRun logs 0 when a run of all accounts and principals starts. */
  damagedObjects: ['DamagedObjects', 'Count'],
} as const;
export type Figures = Readonly<Partial<Record<keyof typeof figureMetrics, number>>>;

/** The only dimension of these metrics. The namespace has the name of the stack. */
export const figureDimension = { service: 'iam-audit' } as const;

export const metricsNamespace = (stateMachineName: string): string => `IamAudit/${stateMachineName}`;

const Percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));

/** Percentages of a run's accounts and principals that were audited, rounded down to two decimals. 100: all of them. */
export const Coverage = v.object({
  /** Accounts that did not end FAILED. */
  accountsAuditedPercent: Percent,
  /**
   * Principals with a COMPLETE record, as a percentage of the principals of the audited accounts. Principals that were
   * deleted during the run do not count.
   */
  principalsAuditedPercent: Percent,
});
export type Coverage = v.InferOutput<typeof Coverage>;

/** The line that SummariseRun logs when a run has ended. */
export const RunEnded = v.object({
  event: v.literal('RunEnded'),
  runId: RunId,
  status: RunStatus,
  /** Whether this was a run of all accounts and principals, or resumed the latest such run. */
  wholeScope: v.boolean(),
  ...Coverage.entries,
});
export type RunEnded = v.InferOutput<typeof RunEnded>;

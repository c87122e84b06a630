import * as v from 'valibot';
import { RunId } from './execution-input.ts';
import { RunStatus } from './run.ts';

/**
 * Metrics of a deployment's runs, in a namespace of the stack's own. Metric filters make them of log lines: of `RunEnded`,
 * and of what Step Functions logs about executions that broke off.
 */
export const runMetrics = {
  /** 1: a run failed or broke off; 0: a run of everything has ended and did not fail. */
  failed: 'RunFailed',
  /** 1: a run was stopped by the workflow's timeout; 0: a run of everything has ended. */
  timedOut: 'RunTimedOut',
  /** 1 for each run of everything that has ended and did not fail. */
  succeeded: 'RunSucceeded',
  accountsAudited: 'AccountsAuditedPercent',
  principalsAudited: 'PrincipalsAuditedPercent',
} as const;

export const metricsNamespace = (stateMachineName: string): string => `IamAudit/${stateMachineName}`;

const Percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));

/** Shares of what a run was to audit, in percent, rounded down to hundredths: 100 means that nothing is missing. */
export const Coverage = v.object({
  /** Accounts that did not end as FAILED. */
  accountsAuditedPercent: Percent,
  /** Principals with a COMPLETE record, of those of the audited accounts that were not deleted during the run. */
  principalsAuditedPercent: Percent,
});
export type Coverage = v.InferOutput<typeof Coverage>;

/** The line that SummariseRun logs when a run has ended. */
export const RunEnded = v.object({
  event: v.literal('RunEnded'),
  runId: RunId,
  status: RunStatus,
  /** Whether it was to audit everything, or to complete such a run. */
  wholeScope: v.boolean(),
  ...Coverage.entries,
});
export type RunEnded = v.InferOutput<typeof RunEnded>;

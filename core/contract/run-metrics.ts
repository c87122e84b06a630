import * as v from 'valibot';
import { RunId } from './execution-input.ts';
import { RunStatus } from './run.ts';

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
  accountsAudited: 'AccountsAuditedPercent',
  principalsAudited: 'PrincipalsAuditedPercent',
} as const;

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

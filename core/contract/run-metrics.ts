import * as v from 'valibot';
import { RunId } from './execution-input.ts';
import { RunStatus } from './run.ts';

/**
 * Metrics of a deployment's runs, in the stack's own namespace. Metric filters create them from log lines: `RunEnded`,
 * and Step Functions' log events of executions that failed or timed out.
 */
export const runMetrics = {
  /** 1: a run or its execution failed. 0: a run with unlimited scope ended and did not fail. */
  failed: 'RunFailed',
  /** 1: the workflow's timeout stopped a run. 0: a run with unlimited scope ended. */
  timedOut: 'RunTimedOut',
  /** 1 for each run with unlimited scope that ended and did not fail. */
  succeeded: 'RunSucceeded',
  accountsAudited: 'AccountsAuditedPercent',
  principalsAudited: 'PrincipalsAuditedPercent',
} as const;

export const metricsNamespace = (stateMachineName: string): string => `IamAudit/${stateMachineName}`;

const Percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));

/** Audited shares of a run's scope in percent, rounded down to hundredths. 100 means that nothing is missing. */
export const Coverage = v.object({
  /** Accounts that did not end FAILED. */
  accountsAuditedPercent: Percent,
  /** Principals with a COMPLETE record, as a share of the audited accounts' principals not deleted during the run. */
  principalsAuditedPercent: Percent,
});
export type Coverage = v.InferOutput<typeof Coverage>;

/** The line that SummariseRun logs when a run has ended. */
export const RunEnded = v.object({
  event: v.literal('RunEnded'),
  runId: RunId,
  status: RunStatus,
  /** Whether the run had unlimited scope, or resumed such a run. */
  wholeScope: v.boolean(),
  ...Coverage.entries,
});
export type RunEnded = v.InferOutput<typeof RunEnded>;

import type { PrincipalType } from './evidence.ts';

/** Keys of every object that the pipeline writes: in the results bucket, and below `--out` on one machine. */

const sixDigits = (n: number): string => String(n).padStart(6, '0');

const run = (runId: string): string => `runs/${runId}`;
const account = (runId: string, accountId: string): string => `${run(runId)}/accounts/${accountId}`;

export const objects = {
  /** Names the run that finished last; written after everything else. */
  latest: 'latest.json',
  /** Exceptions from findings: written by people, never by the pipeline. */
  exceptions: 'config/exceptions.json',
  claim: 'state/claim.json',
  pace: (accountId: string) => `state/${accountId}/pace.json`,
  /** The last complete evidence of the account's principals, part by part. */
  evidence: (accountId: string) => `state/${accountId}/evidence.jsonl.gz`,
  /** The findings of the last run of unlimited scope, with which the next ones are compared. */
  findingsBase: (accountId: string) => `state/${accountId}/findings.jsonl.gz`,
  /** Whether accounts share a bucket, and then the pace of all of them. */
  hubPace: 'state/hub/pace.json',

  run: (runId: string) => `${run(runId)}/run.json`,
  accounts: (runId: string) => `${run(runId)}/accounts.jsonl`,
  /** What the hub has read of its organization. */
  organization: (runId: string) => `${run(runId)}/organization.json`,
  /** Where everything of a run's accounts is. */
  accountsOf: (runId: string) => `${run(runId)}/accounts/`,
  /** The exceptions as they were when the run began. */
  exceptionsOf: (runId: string) => `${run(runId)}/exceptions.json`,
  findings: (runId: string) => `${run(runId)}/findings.jsonl`,
  findingsTable: (runId: string) => `${run(runId)}/findings.csv`,
  report: (runId: string) => `${run(runId)}/report.html`,

  /** What InventoryAccount answered: written last, for an account whose execution breaks off. */
  inventoried: (runId: string, accountId: string) => `${account(runId, accountId)}/inventoried.json`,
  inventory: (runId: string, accountId: string) => `${account(runId, accountId)}/inventory.jsonl`,
  worklist: (runId: string, accountId: string) => `${account(runId, accountId)}/worklist.jsonl`,
  policies: (runId: string, accountId: string) => `${account(runId, accountId)}/policies.jsonl`,
  carried: (runId: string, accountId: string) => `${account(runId, accountId)}/carried.jsonl`,
  /** Attempts count from 1; the first has no suffix. */
  batch: (runId: string, accountId: string, n: number, attempt: number) =>
    `${account(runId, accountId)}/batches/${sixDigits(n)}${attempt > 1 ? `-${attempt}` : ''}.jsonl`,
  /** Where all batches of an account are. */
  batches: (runId: string, accountId: string) => `${account(runId, accountId)}/batches/`,
  /** Parts that are the run's alone: what they were found under may not be what the inventory says. */
  uncarried: (runId: string, accountId: string) => `${account(runId, accountId)}/uncarried.jsonl`,
  principals: (runId: string, accountId: string) => `${account(runId, accountId)}/principals.jsonl`,
  accountFindings: (runId: string, accountId: string) => `${account(runId, accountId)}/findings.jsonl`,
  recommendation: (runId: string, accountId: string, type: PrincipalType, name: string) =>
    `${account(runId, accountId)}/recommendations/${type}-${name}.json`,
  /** What became of each principal that could do with less. */
  recommendations: (runId: string, accountId: string) => `${account(runId, accountId)}/recommendations/index.jsonl`,
  account: (runId: string, accountId: string) => `${account(runId, accountId)}/account.json`,
} as const;

import type { PrincipalType } from './evidence.ts';
import type { TableName } from './tables/tables.ts';

/** Keys of all objects that the audit writes, in the results bucket or below `--out` on one machine. */

const sixDigits = (n: number): string => String(n).padStart(6, '0');

const run = (runId: string): string => `runs/${runId}`;
const account = (runId: string, accountId: string): string => `${run(runId)}/accounts/${accountId}`;

export const objects = {
  /** The run that finished last. Written after all other objects. */
  latest: 'latest.json',
  /** Exceptions from findings. The audit never writes this object. */
  exceptions: 'config/exceptions.json',
  claim: 'state/claim.json',
  pace: (accountId: string) => `state/${accountId}/pace.json`,
  /** The last complete evidence of the account's principals, by part. */
  evidence: (accountId: string) => `state/${accountId}/evidence.jsonl.gz`,
  /** The findings of the last run of all principals of the account. The next run is compared with them. */
  findingsBase: (accountId: string) => `state/${accountId}/findings.jsonl.gz`,
  /** Whether accounts share a token bucket. If so, also the pace of all of them. */
  hubPace: 'state/hub/pace.json',
  /** What accounts without memory have learned. An account without memory starts from it. */
  startingPace: 'state/accounts/pace.json',

  run: (runId: string) => `${run(runId)}/run.json`,
  accounts: (runId: string) => `${run(runId)}/accounts.jsonl`,
  /** The organization's data that the hub has read. */
  organization: (runId: string) => `${run(runId)}/organization.json`,
  /** What the execution of each account reads about its run. Its size does not depend on the number of accounts. */
  runContext: (runId: string) => `${run(runId)}/context.json`,
  /** The documents of the SCPs that apply to some accounts. @param hash of `ServiceControl` */
  serviceControl: (runId: string, hash: string) => `${run(runId)}/members/scp-${hash}.json`,
  /** A part of the organization's accounts, numbered from 0. The execution of each account reads only some of them. */
  memberGroup: (runId: string, n: number) => `${run(runId)}/members/${sixDigits(n)}.json`,
  /** Which services each root, unit and account of the organization uses. */
  organizationUse: (runId: string) => `${run(runId)}/organization-use.jsonl`,
  /** Attempts count from 1. */
  organizationUseAttempt: (runId: string, attempt: number) =>
    `${run(runId)}/organization-use/${sixDigits(attempt)}.jsonl`,
  organizationUseSummary: (runId: string) => `${run(runId)}/organization-use.json`,
  /** Proposed service control policies for a root or unit. */
  proposedPolicies: (runId: string, unitId: string) => `${run(runId)}/scp/${unitId}.json`,
  /** The last run whose `organization-use.jsonl` is complete. */
  latestOrganizationUse: 'state/hub/organization-use.json',
  /** Prefix of all objects of a run's accounts. */
  accountsOf: (runId: string) => `${run(runId)}/accounts/`,
  /** A copy of the exceptions from the start of the run. */
  exceptionsOf: (runId: string) => `${run(runId)}/exceptions.json`,
  findings: (runId: string) => `${run(runId)}/findings.jsonl`,
  /** The findings that compare accounts. They are also in `findings`. */
  acrossAccounts: (runId: string) => `${run(runId)}/across-accounts.jsonl`,
  findingsTable: (runId: string) => `${run(runId)}/findings.csv`,
  report: (runId: string) => `${run(runId)}/report.html`,
  /** The numbers of this run and of those before it, for the report. */
  trend: (runId: string) => `${run(runId)}/trend.json`,

  /** The output of InventoryAccount, written last. It is used if the account's execution is interrupted later. */
  inventoried: (runId: string, accountId: string) => `${account(runId, accountId)}/inventoried.json`,
  inventory: (runId: string, accountId: string) => `${account(runId, accountId)}/inventory.jsonl`,
  worklist: (runId: string, accountId: string) => `${account(runId, accountId)}/worklist.jsonl`,
  policies: (runId: string, accountId: string) => `${account(runId, accountId)}/policies.jsonl`,
  /** For a scan of files: the account's service control policies, JSON texts, level by level from the root. */
  scannedServiceControl: (runId: string, accountId: string) => `${account(runId, accountId)}/service-control.json`,
  carried: (runId: string, accountId: string) => `${account(runId, accountId)}/carried.jsonl`,
  /** Attempts count from 1; the first has no suffix. */
  batch: (runId: string, accountId: string, n: number, attempt: number) =>
    `${account(runId, accountId)}/batches/${sixDigits(n)}${attempt > 1 ? `-${attempt}` : ''}.jsonl`,
  /** Prefix of an account's batches. */
  batches: (runId: string, accountId: string) => `${account(runId, accountId)}/batches/`,
  /** The calls of invocations that failed before their results were written. Missing if there are none. */
  failedInvocations: (runId: string, accountId: string) => `${account(runId, accountId)}/failed-invocations.json`,
  /** The roles whose trust policies may let in principals of other accounts. Missing if there are none. */
  openRoles: (runId: string, accountId: string) => `${account(runId, accountId)}/open-roles.jsonl`,
  /** Parts that no later run may carry forward, because policies may have changed since the inventory. */
  uncarried: (runId: string, accountId: string) => `${account(runId, accountId)}/uncarried.jsonl`,
  principals: (runId: string, accountId: string) => `${account(runId, accountId)}/principals.jsonl`,
  accountFindings: (runId: string, accountId: string) => `${account(runId, accountId)}/findings.jsonl`,
  recommendation: (runId: string, accountId: string, type: PrincipalType, name: string) =>
    `${account(runId, accountId)}/recommendations/${type}-${name}.json`,
  /** One line for each principal with a recommendation, or with the reason why there is none. */
  recommendations: (runId: string, accountId: string) => `${account(runId, accountId)}/recommendations/index.jsonl`,
  account: (runId: string, accountId: string) => `${account(runId, accountId)}/account.json`,

  /** Prefix of the tables. */
  tables: 'tables/',
  /** Prefix of Athena's answers about the tables. */
  tableAnswers: 'queries/',
  /** Prefix of a table. Each of its next two folders has a name and a value: `date=…`, `account=…`. */
  tableOf: (table: TableName) => `tables/${table}/`,
  /** A file of a table, numbered from 0. The last run of the day that reads the account replaces it. @param date YYYY-MM-DD */
  tableFile: (table: TableName, date: string, accountId: string, part: number) =>
    `tables/${table}/date=${date}/account=${accountId}/part-${sixDigits(part)}.parquet`,
  /** A run of an account, as a row of the table `runs`. All runs of a day are kept. */
  runsFile: (date: string, accountId: string, runId: string) =>
    `tables/runs/date=${date}/account=${accountId}/${runId}.parquet`,

  /** Prefix of what the doctor stores with Athena. */
  doctor: 'doctor/',
  /** Prefix of the rows that an analysis collected from CloudTrail. The next part of a key is the ID of the analysis. */
  doctorRows: 'doctor/rows/',
  /** Prefix of Athena's answers. */
  doctorAnswers: 'doctor/answers/',
} as const;

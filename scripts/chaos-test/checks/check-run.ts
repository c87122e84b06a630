import { InventoryLine } from '../../../core/contract/account-objects.ts';
import type { PrincipalRecord, Status } from '../../../core/contract/evidence.ts';
import { objects } from '../../../core/contract/objects.ts';
import { AccountSummary, type RunSummary } from '../../../core/contract/run.ts';
import { mayBeUnreadable } from '../../../core/inventory/unreadable-entries.ts';
import { readInventoryOutput } from '../../../core/objects/inventory-output.ts';
import { plannedAccounts, readRun, recordsOf } from '../../../core/objects/stored-runs.ts';
import { readObjectLines, readValue } from '../../../core/ports/stored-objects.ts';
import type { ObservedExecution } from '../world/executions.ts';
import type { FaultLog } from '../world/fault-log.ts';
import type { FaultKind } from '../world/plan.ts';
import { principalsOf } from '../world/truth.ts';
import type { ChaosWorld } from '../world/world.ts';
import { untrueEvidence } from './evidence-truth.ts';
import { isExplained } from './explained.ts';

const GONE = 'NoSuchEntity';
/** For this time, AWS returns the credential report that it has. Users that were renamed since then are not in it. */
const CREDENTIAL_REPORT_MS = 4 * 3_600_000;

interface RunTime {
  readonly from: number;
  readonly to: number;
}

/** What is wrong with the results of one run that has ended. */
export async function checkRun(world: ChaosWorld, execution: ObservedExecution, run: RunSummary): Promise<string[]> {
  const time = { from: execution.startedAt, to: execution.endedAt };
  const violations: string[] = [];
  const accountIds = await plannedAccounts(world.store, run.runId);
  // The next run has closed a run that was interrupted: run.json has no results, but its accounts may have.
  const isClosed = run.status === 'FAILED' && run.accounts.length === 0;
  if (isClosed) {
    for (const accountId of accountIds) {
      const summary = await readValue(world.store, objects.account(run.runId, accountId), AccountSummary);
      if (summary !== null) violations.push(...(await checkAccount(world, time, summary)));
    }
    return named(execution.name, violations);
  }
  const listed = run.accounts.map(({ accountId }) => accountId);
  if (listed.join() !== accountIds.join()) {
    violations.push(`run.json lists the accounts ${listed.join()}, but ${accountIds.join()} were planned`);
  }
  const counts = { total: 0, complete: 0, partial: 0, failed: 0 };
  for (const account of run.accounts) {
    const summary = await readValue(world.store, objects.account(run.runId, account.accountId), AccountSummary);
    if (summary === null) {
      violations.push(`account ${account.accountId} has no account.json`);
      continue;
    }
    if (summary.status !== account.status)
      violations.push(`run.json and account.json differ in the status of ${account.accountId}`);
    violations.push(...(await checkAccount(world, time, summary)));
    for (const name of ['total', 'complete', 'partial', 'failed'] as const) counts[name] += summary.principals[name];
  }
  for (const name of ['total', 'complete', 'partial', 'failed'] as const) {
    if (run.principals[name] !== counts[name])
      violations.push(`run.json counts ${run.principals[name]} ${name}, its accounts ${counts[name]}`);
  }
  const status = together(run.accounts.map((account) => account.status));
  if (run.status !== status) violations.push(`the run is ${run.status}, but its accounts make it ${status}`);
  if (
    run.status !== 'COMPLETE' &&
    world.log.kinds(time.from - CREDENTIAL_REPORT_MS, time.to).size === 0 &&
    !hasClosed(world, run)
  ) {
    violations.push(
      `the run is ${run.status}, but nothing went wrong: ${JSON.stringify(run.accounts.map(({ error, missingEvidence }) => error ?? missingEvidence))}`,
    );
  }
  return named(execution.name, violations);
}

const hasClosed = (world: ChaosWorld, run: RunSummary): boolean =>
  run.accounts.some(({ accountId }) => world.isClosed(accountId));

async function checkAccount(world: ChaosWorld, time: RunTime, summary: AccountSummary): Promise<string[]> {
  const { runId, accountId, error, principals } = summary;
  const { store, log } = world;
  const happened = log.kinds(time.from, time.to);
  const violations: string[] = [];
  if (error !== undefined && (error.code === 'RecordsMismatch' || !isExplained(null, error.code, happened))) {
    violations.push(`the account failed without a fault that explains it: ${error.code}: ${error.message}`);
  }
  const hasRecords = await store.exists(objects.principals(runId, accountId));
  const isPlanned = await store.exists(objects.carried(runId, accountId));
  if (!hasRecords || principals.total === 0) {
    // Without an inventory there is no record, and the account says why.
    if (summary.status !== 'FAILED' || error === undefined) violations.push(`it is ${summary.status} without records`);
    else if (isPlanned && happened.size === 0) violations.push('it has an inventory, but no records');
    return named(`account ${accountId}`, violations);
  }
  const records: PrincipalRecord[] = [];
  for await (const record of recordsOf(store, runId, accountId)) records.push(record);
  const inventory: string[] = [];
  for await (const { arn } of readObjectLines(store, objects.inventory(runId, accountId), InventoryLine))
    inventory.push(arn);
  const versions = world.truth.versions(accountId, time.from, time.to);
  violations.push(
    ...sameArns(
      records.map(({ arn }) => arn),
      inventory,
    ),
  );
  const existed = versions.map((account) => new Set(principalsOf(account).map(({ arn }) => arn)));
  const always = [...(existed[0] ?? [])].filter((arn) => existed.every((arns) => arns.has(arn)));
  const recorded = new Set(records.map(({ arn }) => arn));
  const inventoried = await readInventoryOutput(store, { runId, accountId });
  const unreadable = happened.has('malformed') ? (inventoried?.unreadable ?? []) : [];
  if (unreadable.length > 0 && (summary.status === 'COMPLETE' || error === undefined))
    violations.push(`it is ${summary.status}, but entries of its inventory can't be read`);
  for (const arn of always) {
    // The account says that its entry can't be read.
    if (!recorded.has(arn) && !mayBeUnreadable(unreadable, arn)) violations.push(`${arn} has no record`);
  }

  for (const record of records) {
    violations.push(...statusFaults(record), ...untrueEvidence(record, versions));
    for (const { code, step, message } of record.problems) {
      const isGone = code === GONE && step !== 'credentials';
      if (isGone && existed.every((arns) => arns.has(record.arn)) && versions.length === 1) {
        violations.push(`${record.arn} counts as deleted, but it exists`);
      }
      if (!isExplained(step, code, happenedTo(log, time, record.arn, step, code)))
        violations.push(`${record.arn}: no fault explains ${step} ${code}: ${message}`);
    }
  }
  violations.push(...accountStatusFaults(summary, records));
  return named(`account ${accountId}`, violations);
}

/** Faults that can be the reason of a problem of this principal. */
function happenedTo(log: FaultLog, { from, to }: RunTime, arn: string, step: string, code: string): Set<FaultKind> {
  if (step === 'credentials') return log.kinds(from - CREDENTIAL_REPORT_MS, to);
  return log.kinds(from, to, code.startsWith('Report') ? arn : null);
}

const named = (name: string, violations: readonly string[]): string[] =>
  violations.map((violation) => `${name}: ${violation}`);

function sameArns(records: readonly string[], inventory: readonly string[]): string[] {
  const double = records.filter((arn, n) => records.indexOf(arn) !== n);
  const missing = inventory.filter((arn) => !records.includes(arn));
  const unknown = records.filter((arn) => !inventory.includes(arn));
  return [
    ...double.map((arn) => `${arn} has two records`),
    ...missing.map((arn) => `${arn} is in the inventory and has no record`),
    ...unknown.map((arn) => `${arn} has a record and is not in the inventory`),
  ];
}

function statusFaults({ arn, status, problems, lastAccessed, permissions }: PrincipalRecord): string[] {
  const parts = [lastAccessed.status, permissions.status];
  const lacksOther = problems.some(({ step }) => step === 'inventory' || step === 'credentials');
  const wanted: Status = parts.every((part) => part === 'FAILED')
    ? 'FAILED'
    : parts.every((part) => part === 'COMPLETE') && !lacksOther
      ? 'COMPLETE'
      : 'PARTIAL';
  return [
    ...(status === wanted ? [] : [`${arn} is ${status}, but its parts make it ${wanted}`]),
    ...(status !== 'COMPLETE' && problems.length === 0 ? [`${arn} is ${status} without a reason`] : []),
    ...(lastAccessed.status !== 'COMPLETE' && lastAccessed.services.length > 0
      ? [`${arn} has services of no report`]
      : []),
    ...(['lastAccessed', 'permissions'] as const).flatMap((step) => {
      const part = step === 'lastAccessed' ? lastAccessed : permissions;
      const hasProblem = problems.some((problem) => problem.step === step);
      return part.status !== 'COMPLETE' && !hasProblem ? [`${arn}: ${step} is ${part.status} without a reason`] : [];
    }),
  ];
}

function accountStatusFaults(summary: AccountSummary, records: readonly PrincipalRecord[]): string[] {
  const { status, principals, error, problems, root } = summary;
  const count = (wanted: Status): number => records.filter((record) => record.status === wanted).length;
  const counted = [records.length, count('COMPLETE'), count('PARTIAL'), count('FAILED')].join();
  const summed = [principals.total, principals.complete, principals.partial, principals.failed].join();
  const lasting = records.filter(
    ({ problems: own, status: of }) => of !== 'FAILED' || !own.some(({ code }) => code === GONE),
  );
  const isWhole = lasting.every((record) => record.status === 'COMPLETE') && error === undefined;
  const hasReport = root !== null || problems.length === 0;
  return [
    ...(counted === summed ? [] : [`account.json counts ${summed} records, but there are ${counted}`]),
    ...(status === 'COMPLETE' && !isWhole ? ['it is COMPLETE, but something is missing'] : []),
    ...(status !== 'COMPLETE' && isWhole && hasReport ? [`it is ${status}, but nothing is missing`] : []),
  ];
}

function together(statuses: readonly Status[]): Status {
  if (statuses.every((status) => status === 'COMPLETE')) return 'COMPLETE';
  return statuses.every((status) => status === 'FAILED') ? 'FAILED' : 'PARTIAL';
}

/** The run of an execution, if it has ended. */
export async function endedRun(world: ChaosWorld, { runId }: ObservedExecution): Promise<RunSummary | null> {
  const run = await readRun(world.store, runId);
  return run === null || run.status === 'RUNNING' ? null : run;
}

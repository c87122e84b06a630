import * as v from 'valibot';
import { AccountLine, Claim, type RunContext } from '../contract/account-objects.ts';
import { PrincipalRecord } from '../contract/evidence.ts';
import { objects } from '../contract/objects.ts';
import { Organization } from '../contract/organization.ts';
import { RunSummary } from '../contract/run.ts';
import type { EarlierOrganization } from '../organization/carry-organization.ts';
import type { Services } from '../ports/services.ts';
import { DamagedObject, type ObjectStore, type WriteCondition, type Warn } from '../ports/store.ts';
import { readObject, readObjectLines, readValue, unlessDamaged } from '../ports/stored-objects.ts';
import { newestRuns } from '../run/newest-runs.ts';
import { readRunContext } from '../run/run-context.ts';

const Latest = v.object({ runId: v.string() });

/** A run's summary; null if there is no such run. @throws StoreError, DamagedObject */
export async function readRun(store: ObjectStore, runId: string): Promise<RunSummary | null> {
  return (await readRunVersion(store, runId))?.run ?? null;
}

/**
 * When a run started, which principals it audits, and in how many accounts. Unlike `run.json`, the object does not grow with the number of
 * accounts. Null if there is no such run. @throws StoreError, DamagedObject
 */
export async function readPrincipalScope(
  store: ObjectStore,
  runId: string,
): Promise<Pick<RunContext, 'startedAt' | 'principals' | 'accounts'> | null> {
  const context = await readRunContext(store, runId);
  if (context !== null) return context;
  // An earlier version planned the run.
  const run = await readRun(store, runId);
  return run === null ? null : { startedAt: run.startedAt, principals: run.scope.principals };
}

/** A run's summary with the etag of its object; null if there is no such run. @throws StoreError, DamagedObject */
export async function readRunVersion(
  store: ObjectStore,
  runId: string,
): Promise<{ readonly run: RunSummary; readonly etag: string } | null> {
  const stored = await readObject(store, objects.run(runId), RunSummary);
  return stored === null ? null : { run: stored.value, etag: stored.etag };
}

/** Writes `run.json`. @throws StoreError, PreconditionFailed */
export async function writeRun(store: ObjectStore, run: RunSummary, condition?: WriteCondition): Promise<void> {
  await store.write(objects.run(run.runId), `${JSON.stringify(run, null, 2)}\n`, condition);
}

/** The most runs that are read to find one that has ended. More runs in a row that are damaged or interrupted are unlikely. */
const MOST_RUNS = 50;

/**
 * The ID of the run that finished last; null if no run has finished. If `latest.json` is damaged, or its run has no
 * `run.json`, the newest run that has ended is searched.
 * @param tell is told so
 */
export async function latestRunId(store: ObjectStore, tell: Warn): Promise<string | null> {
  try {
    const latest = (await readValue(store, objects.latest, Latest))?.runId ?? null;
    if (latest === null || (await store.exists(objects.run(latest)))) return latest;
    return await insteadOfLatest(
      store,
      tell,
      `${objects.latest} names run ${latest}, but ${objects.run(latest)} is missing.`,
    );
  } catch (error: unknown) {
    if (!(error instanceof DamagedObject)) throw error;
    return insteadOfLatest(store, tell, error.message, error);
  }
}

async function insteadOfLatest(
  store: ObjectStore,
  tell: Warn,
  reason: string,
  damage?: DamagedObject,
): Promise<string | null> {
  const runId = await newestEndedRun(store, tell);
  const found = runId === null ? 'No run that has ended was found' : `The newest run that has ended is ${runId}`;
  tell(`${reason} ${found}.`, damage);
  return runId;
}

async function newestEndedRun(store: ObjectStore, tell: Warn): Promise<string | null> {
  let count = 0;
  for await (const runId of newestRuns(store)) {
    const run = await unlessDamaged(
      () => readRun(store, runId),
      null,
      (damage) => {
        tell(damage.message, damage);
      },
    );
    if (run !== null && run.status !== 'RUNNING') return runId;
    count += 1;
    if (count === MOST_RUNS) break;
  }
  return null;
}

/** Names a run in `latest.json`. @throws StoreError */
export async function writeLatest(store: ObjectStore, runId: string): Promise<void> {
  await store.write(objects.latest, `${JSON.stringify({ runId })}\n`);
}

/** The organization as the run that finished last recorded it; null if there is no such record. */
export async function organizationOfLatestRun({
  store,
  warn,
}: Pick<Services, 'store' | 'warn'>): Promise<EarlierOrganization | null> {
  const runId = await latestRunId(store, warn);
  if (runId === null) return null;
  const read = (): Promise<Organization | null> => readValue(store, objects.organization(runId), Organization);
  const organization = await unlessDamaged(read, null, (damage) => {
    warn(
      `${damage.message} Nothing of the organization is carried over, and no account counts as joined or left.`,
      damage,
    );
  });
  return organization === null ? null : { runId, organization };
}

/** The accounts of a run, of which some must be there. @throws StoreError; DamagedObject if accounts are missing */
export async function accountsOfRun(store: ObjectStore, run: RunSummary): Promise<string[]> {
  const accountIds = await plannedAccounts(store, run.runId);
  const key = objects.accounts(run.runId);
  if (run.status !== 'RUNNING') expectLines(key, accountIds.length, run.accounts.length);
  else if (accountIds.length === 0 && (await store.exists(key))) throw new DamagedObject(key, 'it is empty');
  return accountIds;
}

/** An object that was cut off between two lines has no damaged line. @throws DamagedObject */
export function expectLines(key: string, lines: number, expected: number): void {
  if (lines < expected) throw new DamagedObject(key, `it has ${lines} lines, but its run wrote ${expected}`);
}

/** The accounts of a run, in order; none if its planning did not end. */
export async function plannedAccounts(store: ObjectStore, runId: string): Promise<string[]> {
  if (!(await store.exists(objects.accounts(runId)))) return [];
  const accountIds: string[] = [];
  for await (const { accountId } of readObjectLines(store, objects.accounts(runId), AccountLine)) {
    accountIds.push(accountId);
  }
  return accountIds;
}

/**
 * An account's records, one at a time, and whether all are there, as far as `run.json` says how many there are.
 * @throws ObjectNotFound if its inventory could not be read; DamagedObject
 */
export async function* allRecordsOf(
  store: ObjectStore,
  run: RunSummary,
  accountId: string,
): AsyncGenerator<PrincipalRecord> {
  const account = run.accounts.find((one) => one.accountId === accountId);
  let records = 0;
  for await (const record of recordsOf(store, run.runId, accountId)) {
    records += 1;
    yield record;
  }
  if (account !== undefined) expectLines(objects.principals(run.runId, accountId), records, account.principals.total);
}

/** An account's records, one at a time. @throws ObjectNotFound if its inventory could not be read */
export const recordsOf = (store: ObjectStore, runId: string, accountId: string): AsyncGenerator<PrincipalRecord> =>
  readObjectLines(store, objects.principals(runId, accountId), PrincipalRecord);

/**
 * The claim, if a run holds it and has not released it; otherwise null.
 * @param tell is told if the claim is damaged, so that it is not known whether a run holds it
 */
export async function heldClaim(store: ObjectStore, tell: Warn): Promise<Claim | null> {
  const claim = await unlessDamaged(
    () => readValue(store, objects.claim, Claim),
    null,
    (damage) => {
      tell(
        `${damage.message} Whether a run is in progress is not known from it. The next run writes it again.`,
        damage,
      );
    },
  );
  return claim === null || claim.released ? null : claim;
}

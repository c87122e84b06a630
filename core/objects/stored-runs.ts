import * as v from 'valibot';
import { AccountLine, Claim, type RunContext } from '../contract/account-objects.ts';
import { PrincipalRecord } from '../contract/evidence.ts';
import { objects } from '../contract/objects.ts';
import { Organization } from '../contract/organization.ts';
import { RunSummary } from '../contract/run.ts';
import type { EarlierOrganization } from '../organization/carry-organization.ts';
import type { ObjectStore, WriteCondition } from '../ports/store.ts';
import { readRunContext } from '../run/run-context.ts';

const Latest = v.object({ runId: v.string() });

/** A run's summary; null if there is no such run. @throws StoreError, ValiError if it is damaged */
export async function readRun(store: ObjectStore, runId: string): Promise<RunSummary | null> {
  return (await readRunVersion(store, runId))?.run ?? null;
}

/**
 * When a run started, and which principals it audits. Unlike `run.json`, the object does not grow with the number of
 * accounts. Null if there is no such run. @throws StoreError, ValiError if it is damaged
 */
export async function readPrincipalScope(
  store: ObjectStore,
  runId: string,
): Promise<Pick<RunContext, 'startedAt' | 'principals'> | null> {
  const context = await readRunContext(store, runId);
  if (context !== null) return context;
  // An earlier version planned the run.
  const run = await readRun(store, runId);
  return run === null ? null : { startedAt: run.startedAt, principals: run.scope.principals };
}

/** A run's summary with the etag of its object; null if there is no such run. @throws StoreError, ValiError */
export async function readRunVersion(
  store: ObjectStore,
  runId: string,
): Promise<{ readonly run: RunSummary; readonly etag: string } | null> {
  const stored = await store.read(objects.run(runId));
  return stored === null ? null : { run: v.parse(RunSummary, JSON.parse(stored.text)), etag: stored.etag };
}

/** Writes `run.json`. @throws StoreError, PreconditionFailed */
export async function writeRun(store: ObjectStore, run: RunSummary, condition?: WriteCondition): Promise<void> {
  await store.write(objects.run(run.runId), `${JSON.stringify(run, null, 2)}\n`, condition);
}

/** The ID of the run that finished last; null if no run has finished. */
export async function latestRunId(store: ObjectStore): Promise<string | null> {
  const stored = await store.read(objects.latest);
  return stored === null ? null : v.parse(Latest, JSON.parse(stored.text)).runId;
}

/** Names a run in `latest.json`. @throws StoreError */
export async function writeLatest(store: ObjectStore, runId: string): Promise<void> {
  await store.write(objects.latest, `${JSON.stringify({ runId })}\n`);
}

/** The organization as the run that finished last recorded it; null if there is no such record. */
export async function organizationOfLatestRun(store: ObjectStore): Promise<EarlierOrganization | null> {
  const runId = await latestRunId(store);
  const stored = runId === null ? null : await store.read(objects.organization(runId));
  if (runId === null || stored === null) return null;
  return { runId, organization: v.parse(Organization, JSON.parse(stored.text)) };
}

/** The accounts of a run, in order; none if its planning did not end. */
export async function plannedAccounts(store: ObjectStore, runId: string): Promise<string[]> {
  if (!(await store.exists(objects.accounts(runId)))) return [];
  const accountIds: string[] = [];
  for await (const line of store.readLines(objects.accounts(runId))) {
    accountIds.push(v.parse(AccountLine, JSON.parse(line)).accountId);
  }
  return accountIds;
}

/** An account's records, one at a time. @throws ObjectNotFound if its inventory could not be read */
export async function* recordsOf(
  store: ObjectStore,
  runId: string,
  accountId: string,
): AsyncGenerator<PrincipalRecord> {
  for await (const line of store.readLines(objects.principals(runId, accountId))) {
    yield v.parse(PrincipalRecord, JSON.parse(line));
  }
}

/** The claim, if a run holds it and has not released it; otherwise null. */
export async function heldClaim(store: ObjectStore): Promise<Claim | null> {
  const stored = await store.read(objects.claim);
  if (stored === null) return null;
  const claim = v.parse(Claim, JSON.parse(stored.text));
  return claim.released ? null : claim;
}

import * as v from 'valibot';
import { InventoryLine, StoredEvidence, type PartKind } from '../contract/account-objects.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import { objects } from '../contract/objects.ts';
import { principalScope } from '../inventory/principal-patterns.ts';
import type { ObjectStore } from '../store.ts';
import { readRun, recordsOf } from './stored-runs.ts';

/** The last complete evidence of an account, line by line; nothing where there is none yet. */
export async function* storedEvidence(store: ObjectStore, accountId: string): AsyncGenerator<StoredEvidence> {
  const key = objects.evidence(accountId);
  if (!(await store.exists(key))) return;
  for await (const line of store.readLines(key)) yield v.parse(StoredEvidence, JSON.parse(line));
}

/**
 * Keeps what a run has found for the days to come: COMPLETE parts of its records, and older ones of those whose part
 * failed today. Of principals that the run did not look at everything stays; who is gone is forgotten.
 * @param uncarried parts of the run that are not kept, by ARN
 * @throws StoreError
 */
export async function saveEvidence(
  store: ObjectStore,
  runId: string,
  accountId: string,
  uncarried: Uncarried,
): Promise<void> {
  const run = await readRun(store, runId);
  const patterns = run === null || run.scope.principals === 'all' ? null : run.scope.principals;
  const lines = keptLines(store, runId, accountId, principalScope(patterns), uncarried);
  await store.writeLines(objects.evidence(accountId), lines);
}

/** Parts that a run has found and that are its alone, by ARN. */
export type Uncarried = ReadonlyMap<string, readonly PartKind[]>;

async function* keptLines(
  store: ObjectStore,
  runId: string,
  accountId: string,
  inScope: (arn: string) => boolean,
  uncarried: Uncarried,
): AsyncGenerator<string> {
  const audited = await auditedPrincipals(store, runId, accountId);
  const known = { lastAccessed: new Set<string>(), permissions: new Set<string>() };
  for await (const record of recordsOf(store, runId, accountId)) {
    const line = lineOf(runId, record, audited.get(record.arn), uncarried.get(record.arn) ?? []);
    if (line === null) continue;
    if (line.lastAccessed !== null) known.lastAccessed.add(line.arn);
    if (line.permissions !== null) known.permissions.add(line.arn);
    yield JSON.stringify(line);
  }
  for await (const { arn, lastAccessed, permissions } of storedEvidence(store, accountId)) {
    if (inScope(arn) && !audited.has(arn)) continue;
    const kept: StoredEvidence = {
      arn,
      lastAccessed: known.lastAccessed.has(arn) ? null : lastAccessed,
      permissions: known.permissions.has(arn) ? null : permissions,
    };
    if (kept.lastAccessed !== null || kept.permissions !== null) yield JSON.stringify(kept);
  }
}

function lineOf(
  runId: string,
  record: PrincipalRecord,
  audited: Audited | undefined,
  uncarried: readonly PartKind[],
): StoredEvidence | null {
  const { arn, lastAccessed, permissions } = record;
  if (audited === undefined) return null;
  const stored = <Part extends { readonly status: string; readonly carriedFrom: string | null }>(part: Part) =>
    part.status === 'COMPLETE'
      ? { fingerprint: audited.fingerprint, part: { ...part, carriedFrom: part.carriedFrom ?? runId } }
      : null;
  const reports = uncarried.includes('lastAccessed') ? null : stored(lastAccessed);
  const line: StoredEvidence = {
    arn,
    lastAccessed: reports === null ? null : { ...reports, refreshOn: audited.refreshOn },
    permissions: uncarried.includes('permissions') ? null : stored(permissions),
  };
  return line.lastAccessed === null && line.permissions === null ? null : line;
}

/** What a run noted of a principal when it looked at it. */
export type Audited = Pick<InventoryLine, 'fingerprint' | 'refreshOn'>;

/** By ARN, what is noted of each principal that a run audited. */
export async function auditedPrincipals(
  store: ObjectStore,
  runId: string,
  accountId: string,
): Promise<Map<string, Audited>> {
  const audited = new Map<string, Audited>();
  const key = objects.inventory(runId, accountId);
  if (!(await store.exists(key))) return audited;
  for await (const line of store.readLines(key)) {
    const { arn, fingerprint, refreshOn } = v.parse(InventoryLine, JSON.parse(line));
    audited.set(arn, { fingerprint, refreshOn });
  }
  return audited;
}

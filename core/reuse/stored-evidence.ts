import * as v from 'valibot';
import { InventoryLine, StoredEvidence, type PartKind } from '../contract/account-objects.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import { objects } from '../contract/objects.ts';
import { principalScope } from '../policies/principal-patterns.ts';
import type { Services } from '../ports/services.ts';
import type { ObjectStore } from '../ports/store.ts';
import { validLines } from '../objects/valid-lines.ts';
import { readRun, recordsOf } from '../objects/stored-runs.ts';

/**
 * The last complete evidence of an account, line by line; nothing where there is none yet. What can't be read is not
 * known: it is asked again, and the run overwrites the object.
 * @param warn hears of damage; whoever reads more than once a run, once
 * @throws StoreError
 */
export async function* storedEvidence(
  store: ObjectStore,
  accountId: string,
  warn: (message: string) => void = () => undefined,
): AsyncGenerator<StoredEvidence> {
  const key = objects.evidence(accountId);
  if (!(await store.exists(key))) return;
  yield* validLines(store, key, StoredEvidence, (reason) => {
    warn(`${reason}. What was kept from there on is asked again.`);
  });
}

/**
 * Keeps what a run has found for the days to come: COMPLETE parts of its records, and older ones of those whose part
 * failed today. Of principals that the run did not look at everything stays; who is gone is forgotten.
 * @param uncarried parts of the run that are not kept, by ARN
 * @throws StoreError
 */
export async function saveEvidence(
  { store, warn }: Pick<Services, 'store' | 'warn'>,
  runId: string,
  accountId: string,
  uncarried: Uncarried,
): Promise<void> {
  const run = await readRun(store, runId);
  const patterns = run === null || run.scope.principals === 'all' ? null : run.scope.principals;
  const lines = keptLines({ store, warn }, runId, accountId, principalScope(patterns), uncarried);
  await store.writeLines(objects.evidence(accountId), lines);
}

/** Parts that a run has found and that are its alone, by ARN. */
export type Uncarried = ReadonlyMap<string, readonly PartKind[]>;

async function* keptLines(
  { store, warn }: Pick<Services, 'store' | 'warn'>,
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
  for await (const { arn, lastAccessed, permissions } of storedEvidence(store, accountId, warn)) {
    if (inScope(arn) && !audited.has(arn)) continue;
    const kept: StoredEvidence = {
      arn,
      lastAccessed: known.lastAccessed.has(arn) ? null : sinceThen(lastAccessed, audited.get(arn)),
      permissions: known.permissions.has(arn) ? null : permissions,
    };
    if (kept.lastAccessed !== null || kept.permissions !== null) yield JSON.stringify(kept);
  }
}

/** Today's part failed, and what the user lost was noted once: it counts for the older one, too. */
const sinceThen = (part: StoredEvidence['lastAccessed'], today: Audited | undefined): StoredEvidence['lastAccessed'] =>
  part === null || today === undefined ? part : { ...part, signIn: today.signIn };

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
    lastAccessed: reports === null ? null : { ...reports, refreshOn: audited.refreshOn, signIn: audited.signIn },
    permissions: uncarried.includes('permissions') ? null : stored(permissions),
  };
  return line.lastAccessed === null && line.permissions === null ? null : line;
}

/** What a run noted of a principal when it looked at it. */
export type Audited = Pick<InventoryLine, 'fingerprint' | 'refreshOn' | 'signIn'>;

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
    const { arn, fingerprint, refreshOn, signIn } = v.parse(InventoryLine, JSON.parse(line));
    audited.set(arn, { fingerprint, refreshOn, signIn });
  }
  return audited;
}

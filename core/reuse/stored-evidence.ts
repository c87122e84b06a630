import { InventoryLine, StoredEvidence, type PartKind } from '../contract/account-objects.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import { objects } from '../contract/objects.ts';
import { principalScope } from '../policies/principal-patterns.ts';
import type { Services } from '../ports/services.ts';
import type { DamagedObject, ObjectStore, Warn } from '../ports/store.ts';
import { readObjectLines, unlessDamaged } from '../ports/stored-objects.ts';
import { validLines } from '../objects/valid-lines.ts';
import { readPrincipalScope, recordsOf } from '../objects/stored-runs.ts';

/**
 * The last COMPLETE evidence of an account, line by line. Empty if there is none yet. Evidence that can't be read is
 * asked for again, and the run overwrites the object.
 * @param onDamage called if the object is damaged
 * @throws StoreError
 */
export async function* storedEvidence(
  store: ObjectStore,
  accountId: string,
  onDamage: (damage: DamagedObject) => void = () => undefined,
): AsyncGenerator<StoredEvidence> {
  const key = objects.evidence(accountId);
  if (await store.exists(key)) yield* validLines(store, key, StoredEvidence, onDamage);
}

/**
 * Stores evidence for later runs: the COMPLETE parts of a run's records, and the older part if today's failed. Keeps
 * the evidence of principals outside the run's scope, and drops that of deleted principals.
 * @param uncarried parts of the run that are not stored, by ARN
 * @param wasRechecked whether the account was rechecked after the batches. If not, a policy may have been different when
 *   the evidence was found, so all evidence of the run is asked for again after the shorter period.
 * @throws StoreError
 */
export async function saveEvidence(
  { store, warn }: Pick<Services, 'store' | 'warn'>,
  runId: string,
  accountId: string,
  uncarried: Uncarried,
  wasRechecked: boolean,
): Promise<void> {
  const scope = await readPrincipalScope(store, runId);
  const patterns = scope === null || scope.principals === 'all' ? null : scope.principals;
  const lines = keptLines({ store, warn }, runId, accountId, principalScope(patterns), { uncarried, wasRechecked });
  await store.writeLines(objects.evidence(accountId), lines);
}

/** By ARN: parts of a run that no later run may carry over. */
export type Uncarried = ReadonlyMap<string, readonly PartKind[]>;

async function* keptLines(
  { store, warn }: Pick<Services, 'store' | 'warn'>,
  runId: string,
  accountId: string,
  inScope: (arn: string) => boolean,
  { uncarried, wasRechecked }: { readonly uncarried: Uncarried; readonly wasRechecked: boolean },
): AsyncGenerator<string> {
  const audited = await auditedPrincipals(store, runId, accountId);
  const stored = { lastAccessed: new Set<string>(), permissions: new Set<string>() };
  for await (const record of recordsOf(store, runId, accountId)) {
    const note = audited.get(record.arn);
    const mayWait = wasRechecked || record.lastAccessed.carriedFrom !== null;
    const line = lineOf(
      runId,
      record,
      note === undefined || mayWait ? note : { ...note, refreshIdleOn: undefined },
      uncarried.get(record.arn) ?? [],
    );
    if (line === null) continue;
    if (line.lastAccessed !== null) stored.lastAccessed.add(line.arn);
    if (line.permissions !== null) stored.permissions.add(line.arn);
    yield JSON.stringify(line);
  }
  for await (const { arn, lastAccessed, permissions } of soundEvidence(store, accountId, warn)) {
    if (inScope(arn) && !audited.has(arn)) continue;
    const kept: StoredEvidence = {
      arn,
      lastAccessed: stored.lastAccessed.has(arn) ? null : withSignIn(lastAccessed, audited.get(arn)),
      permissions: stored.permissions.has(arn) ? null : permissions,
    };
    if (kept.lastAccessed !== null || kept.permissions !== null) yield JSON.stringify(kept);
  }
}

/** The stored evidence; nothing of an object whose checksum is wrong, because the new object would make it look valid. */
async function* soundEvidence(store: ObjectStore, accountId: string, warn: Warn): AsyncGenerator<StoredEvidence> {
  const key = objects.evidence(accountId);
  if (!(await store.exists(key))) return;
  const isSound = await unlessDamaged(
    async () => {
      let bytes = 0;
      for await (const line of store.readLines(key)) bytes += line.length;
      return bytes >= 0;
    },
    false,
    (damage) => {
      warn(`${damage.message} Its evidence is asked for again.`, damage);
    },
  );
  if (!isSound) return;
  yield* storedEvidence(store, accountId, (damage) => {
    warn(`${damage.message} The evidence from that line on is asked for again.`, damage);
  });
}

/** The older part gets today's password and keys: one that was deleted since is noted only today. */
const withSignIn = (
  part: StoredEvidence['lastAccessed'],
  today: InventoryNote | undefined,
): StoredEvidence['lastAccessed'] => (part === null || today === undefined ? part : { ...part, signIn: today.signIn });

function lineOf(
  runId: string,
  record: PrincipalRecord,
  audited: InventoryNote | undefined,
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
    lastAccessed: reports === null ? null : { ...reports, ...plannedOf(audited) },
    permissions: uncarried.includes('permissions') ? null : stored(permissions),
  };
  return line.lastAccessed === null && line.permissions === null ? null : line;
}

/** What the inventory of a run says about a principal. */
export type InventoryNote = Pick<InventoryLine, 'fingerprint' | 'refreshOn' | 'refreshIdleOn' | 'signIn'>;

const plannedOf = ({ refreshOn, refreshIdleOn, signIn }: InventoryNote): Omit<InventoryNote, 'fingerprint'> => ({
  refreshOn,
  refreshIdleOn,
  signIn,
});

/** By ARN: what the inventory of a run says about each principal. */
export async function auditedPrincipals(
  store: ObjectStore,
  runId: string,
  accountId: string,
): Promise<Map<string, InventoryNote>> {
  const audited = new Map<string, InventoryNote>();
  const key = objects.inventory(runId, accountId);
  if (!(await store.exists(key))) return audited;
  for await (const { arn, fingerprint, ...noted } of readObjectLines(store, key, InventoryLine)) {
    audited.set(arn, { fingerprint, ...plannedOf({ fingerprint, ...noted }) });
  }
  return audited;
}

import { Claim } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { Executions } from '../ports/executions.ts';
import { DamagedObject, type ObjectStore, type Warn } from '../ports/store.ts';
import { readObject, readValue, unlessDamaged } from '../ports/stored-objects.ts';
import { RunSummary } from '../contract/run.ts';
import { newestRuns } from './newest-runs.ts';
import { readRunContext } from './run-context.ts';

export class RunInProgress extends Error {
  override name = 'RunInProgress';

  static of({ runId, execution }: Pick<Claim, 'runId' | 'execution'>): RunInProgress {
    return new RunInProgress(
      `Run ${runId} is still in progress (execution ${execution}). Only one run is allowed at a time. Wait for that run or stop it, then start again. If its execution no longer exists, delete ${objects.claim}.`,
    );
  }

  /** The claim can't be read, and the objects of the run do not say which execution it has. */
  static unknown(runId: string, damage: DamagedObject): RunInProgress {
    return new RunInProgress(
      `${damage.message} Whether run ${runId} is still in progress is not known. If no execution runs, delete ${objects.claim} and start again.`,
      { cause: damage },
    );
  }
}

/** Another run has taken over the claim, so this run must stop writing. */
export class RunSuperseded extends Error {
  override name = 'RunSuperseded';
  constructor(runId: string, holder: string | null) {
    super(`Run ${runId} no longer holds the claim${holder === null ? '' : `. Run ${holder} holds it`}.`);
  }
}

/** A late invocation belongs to a run that has ended, so it must not write. */
export class RunEnded extends Error {
  override name = 'RunEnded';
  constructor(runId: string) {
    super(`Run ${runId} has ended.`);
  }
}

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly interrupted: string | null }
  /** A run for the scheduled day was claimed before. */
  | { readonly kind: 'dayTaken'; readonly day: string };

interface ClaimRequest {
  readonly execution: string;
  readonly runId: string;
  readonly scheduledDay: string | null;
}

/** @throws StoreError, DamagedObject */
async function readClaim(store: ObjectStore): Promise<{ claim: Claim; etag: string } | null> {
  const stored = await readObject(store, objects.claim, Claim);
  return stored === null ? null : { claim: stored.value, etag: stored.etag };
}

const text = (claim: Claim): string => `${JSON.stringify(claim, null, 2)}\n`;

/**
 * Claims the right to write for one run, by compare-and-set.
 * @returns in `interrupted`, the run that held the claim before, if its execution ended without releasing it
 * @throws RunInProgress if another execution holds the claim and is running; PreconditionFailed if two start at once
 */
export async function claimRun(
  store: ObjectStore,
  request: ClaimRequest,
  executions: Executions,
  warn: Warn = () => undefined,
): Promise<ClaimResult> {
  let current;
  try {
    current = await readClaim(store);
  } catch (error: unknown) {
    if (!(error instanceof DamagedObject) || error.etag === null) throw error;
    return replaceDamagedClaim(store, request, executions, error, error.etag, warn);
  }
  const last = current?.claim.lastScheduledDay ?? null;
  const interrupted = current === null || current.claim.released ? null : current.claim.runId;
  const claim: Claim = { ...request, lastScheduledDay: request.scheduledDay ?? last, released: false, interrupted };
  if (current === null) {
    await store.write(objects.claim, text(claim), { ifNoneMatch: '*' });
    return { kind: 'claimed', interrupted: null };
  }
  // A retry. The run that the first attempt interrupted must still be closed.
  if (current.claim.execution === request.execution) return { kind: 'claimed', interrupted: current.claim.interrupted };
  // Days are compared as text, YYYY-MM-DD. A late start for an earlier day is refused too.
  if (request.scheduledDay !== null && last !== null && request.scheduledDay <= last) {
    return { kind: 'dayTaken', day: request.scheduledDay };
  }
  if (!current.claim.released && (await executions.isRunning(current.claim.execution))) {
    throw RunInProgress.of(current.claim);
  }
  await store.write(objects.claim, text(claim), { ifMatch: current.etag });
  return { kind: 'claimed', interrupted };
}

/** A run that was planned and has not ended. Null as `execution`: its objects do not name it. */
interface UnendedRun {
  readonly runId: string;
  readonly execution: string | null;
}

/**
 * Claims the run although the stored claim is damaged. The objects of the newest run say whether it may still be active.
 * @throws RunInProgress
 */
async function replaceDamagedClaim(
  store: ObjectStore,
  request: ClaimRequest,
  executions: Executions,
  damage: DamagedObject,
  etag: string,
  warn: Warn,
): Promise<ClaimResult> {
  const unended = await unendedRun(store, request.runId);
  if (unended !== null) {
    const { runId, execution } = unended;
    if (execution === null) throw RunInProgress.unknown(runId, damage);
    if (await executions.isRunning(execution)) throw RunInProgress.of({ runId, execution });
  }
  warn(
    `${damage.message} No run is in progress, so this run replaces it. The last scheduled day is not known, so a day that was audited may be audited again.`,
    damage,
  );
  const interrupted = unended?.runId ?? null;
  const claim: Claim = { ...request, lastScheduledDay: request.scheduledDay, released: false, interrupted };
  await store.write(objects.claim, text(claim), { ifMatch: etag });
  return { kind: 'claimed', interrupted };
}

/** The most runs that are read. One whose planning was interrupted early says nothing about the claim. */
const MOST_RUNS = 3;

/** The newest run, if it has not ended: each run claims before it plans, so no older run holds the claim. */
async function unendedRun(store: ObjectStore, ownRunId: string): Promise<UnendedRun | null> {
  let count = 0;
  for await (const runId of newestRuns(store)) {
    if (runId === ownRunId) continue;
    // A damaged run.json does not say that the run has ended.
    const status = await unlessDamaged(
      async () => (await readValue(store, objects.run(runId), RunSummary))?.status ?? null,
      'RUNNING',
      () => undefined,
    );
    if (status !== null && status !== 'RUNNING') return null;
    const context = await unlessDamaged(
      () => readRunContext(store, runId),
      null,
      () => undefined,
    );
    if (status !== null || context !== null) return { runId, execution: context?.execution ?? null };
    count += 1;
    if (count === MOST_RUNS) break;
  }
  return null;
}

/** @throws RunSuperseded if another run holds the claim */
export async function assertClaimHeld(store: ObjectStore, runId: string): Promise<void> {
  const current = await readClaim(store);
  if (current?.claim.runId !== runId) throw new RunSuperseded(runId, current?.claim.runId ?? null);
}

/** Runs `work`, and releases the claim if it throws: the run ends before it has written anything. */
export async function releasingOnError<T>(store: ObjectStore, runId: string, work: () => T): Promise<T> {
  try {
    return work();
  } catch (error: unknown) {
    await releaseClaim(store, runId);
    throw error;
  }
}

/** Releases the claim if this run still holds it. A damaged claim stays: the next run replaces it. */
export async function releaseClaim(store: ObjectStore, runId: string): Promise<void> {
  const current = await unlessDamaged(
    () => readClaim(store),
    null,
    () => undefined,
  );
  if (current === null || current.claim.runId !== runId || current.claim.released) return;
  await store.write(objects.claim, text({ ...current.claim, released: true }), { ifMatch: current.etag });
}

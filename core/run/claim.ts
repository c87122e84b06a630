import * as v from 'valibot';
import { Claim } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { Executions } from '../ports/executions.ts';
import type { ObjectStore } from '../ports/store.ts';

export class RunInProgress extends Error {
  override name = 'RunInProgress';
  constructor(claim: Claim) {
    super(
      `Run ${claim.runId} is still in progress (execution ${claim.execution}). Only one run is allowed at a time. Wait for that run or stop it, then start again. If its execution no longer exists, delete ${objects.claim}.`,
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

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly interrupted: string | null }
  /** A run for the scheduled day was claimed before. */
  | { readonly kind: 'dayTaken'; readonly day: string };

interface ClaimRequest {
  readonly execution: string;
  readonly runId: string;
  readonly scheduledDay: string | null;
}

async function readClaim(store: ObjectStore): Promise<{ claim: Claim; etag: string } | null> {
  const stored = await store.read(objects.claim);
  if (stored === null) return null;
  return { claim: v.parse(Claim, JSON.parse(stored.text)), etag: stored.etag };
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
): Promise<ClaimResult> {
  const current = await readClaim(store);
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
    throw new RunInProgress(current.claim);
  }
  await store.write(objects.claim, text(claim), { ifMatch: current.etag });
  return { kind: 'claimed', interrupted };
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

/** Releases the claim if this run still holds it. */
export async function releaseClaim(store: ObjectStore, runId: string): Promise<void> {
  const current = await readClaim(store);
  if (current === null || current.claim.runId !== runId || current.claim.released) return;
  await store.write(objects.claim, text({ ...current.claim, released: true }), { ifMatch: current.etag });
}

import * as v from 'valibot';
import { Claim } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { Executions } from '../ports/executions.ts';
import type { ObjectStore } from '../ports/store.ts';

export class RunInProgress extends Error {
  override name = 'RunInProgress';
  constructor(claim: Claim) {
    super(
      `Run ${claim.runId} is still in progress (execution ${claim.execution}). One run at a time: wait for it, or stop it, and start again. If it is known to be gone, remove ${objects.claim}.`,
    );
  }
}

/** Another run took the claim over: this one must not write any more. */
export class RunSuperseded extends Error {
  override name = 'RunSuperseded';
  constructor(runId: string, holder: string | null) {
    super(`Run ${runId} no longer holds the claim${holder === null ? '' : `; run ${holder} does`}.`);
  }
}

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly interrupted: string | null }
  /** The scheduled day has been run already. */
  | { readonly kind: 'dayTaken'; readonly day: string };

interface Wanted {
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
 * @returns the run that was interrupted, where a claim was taken over from an execution that ended without releasing it
 * @throws RunInProgress when another execution holds the claim and still runs; PreconditionFailed when two start at once
 */
export async function claimRun(store: ObjectStore, wanted: Wanted, executions: Executions): Promise<ClaimResult> {
  const current = await readClaim(store);
  const last = current?.claim.lastScheduledDay ?? null;
  const interrupted = current === null || current.claim.released ? null : current.claim.runId;
  const claim: Claim = { ...wanted, lastScheduledDay: wanted.scheduledDay ?? last, released: false, interrupted };
  if (current === null) {
    await store.write(objects.claim, text(claim), { ifNoneMatch: '*' });
    return { kind: 'claimed', interrupted: null };
  }
  // A retry: what the first attempt took over is still to be closed.
  if (current.claim.execution === wanted.execution) return { kind: 'claimed', interrupted: current.claim.interrupted };
  // Days are compared as text, YYYY-MM-DD: a late start of an earlier day is not run either.
  if (wanted.scheduledDay !== null && last !== null && wanted.scheduledDay <= last) {
    return { kind: 'dayTaken', day: wanted.scheduledDay };
  }
  if (!current.claim.released && (await executions.isRunning(current.claim.execution))) {
    throw new RunInProgress(current.claim);
  }
  await store.write(objects.claim, text(claim), { ifMatch: current.etag });
  return { kind: 'claimed', interrupted };
}

/** @throws RunSuperseded when the claim is another run's */
export async function assertClaimHeld(store: ObjectStore, runId: string): Promise<void> {
  const current = await readClaim(store);
  if (current?.claim.runId !== runId) throw new RunSuperseded(runId, current?.claim.runId ?? null);
}

/** Releases the claim, if it is still this run's. */
export async function releaseClaim(store: ObjectStore, runId: string): Promise<void> {
  const current = await readClaim(store);
  if (current === null || current.claim.runId !== runId || current.claim.released) return;
  await store.write(objects.claim, text({ ...current.claim, released: true }), { ifMatch: current.etag });
}

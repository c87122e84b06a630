import type { WorklistLine } from '../../contract/account-objects.ts';
import type { AuditBatchInput } from '../../contract/messages.ts';
import { breakEvenMs } from '../../cost/sleep-or-wait.ts';
import type { TurnRequest } from '../../pacing/take-turn.ts';
import type { Invocation } from '../../ports/services.ts';
import { mayPause } from '../attempt-end.ts';
import { REQUEST, RESERVE_MS, SIMULATE } from '../attempt-limits.ts';
import type { BatchEnd } from '../batch-lines.ts';
import type { EarlierAttempts } from '../worklist.ts';

/**
 * A turn that is overdue may end at any moment, so it is waited for in the function, which costs $0.0008 in this time at
 * 1,024 MB.
 */
const OVERDUE_MS = 60_000;

/** What a batch asks for when accounts share a bucket: its calls, and how long it may wait in the function. */
export function turnRequest(
  { runId, accountId, batch }: AuditBatchInput,
  lines: readonly WorklistLine[],
  { found, ends }: EarlierAttempts,
  { remainingMs, memoryMegabytes }: Invocation,
): TurnRequest {
  const reports = lines.filter(({ arn, asks }) => asks.includes('lastAccessed') && !found.lastAccessed.has(arn)).length;
  const simulated = lines.filter(
    ({ arn, asks, actions }) => asks.includes('permissions') && actions.length > 0 && !found.permissions.has(arn),
  );
  // The principals of a group share one simulation.
  const simulations = new Set(simulated.map(({ arn, group }) => group ?? arn)).size;
  const pauses = mayPause(ends, batch.pauses);
  const longestMs = Math.max(0, remainingMs() - RESERVE_MS);
  return {
    runId,
    accountId,
    // Not the reads: they follow the requests, and their remembered rate is often one that was never needed.
    calls: { [REQUEST]: reports, [SIMULATE]: simulations },
    remainingMs,
    longestSleepMs: pauses ? breakEvenMs(memoryMegabytes) : longestMs,
    giveUpAfterMs: pauses ? Math.min(longestMs, OVERDUE_MS) : longestMs,
  };
}

/**
 * The end of an attempt that did not get its turn in time. It is a gap and not a stall: the bucket was in use by another
 * account of this run.
 * @param resumeAt when the next attempt starts, in milliseconds since the epoch
 */
export function endWithoutTurn(
  { stalled }: AuditBatchInput,
  earlier: readonly BatchEnd[],
  resumeAt: number,
  now: number,
): Omit<BatchEnd, 'use' | 'calls'> {
  return {
    kind: 'end',
    finished: false,
    endedAt: new Date(now).toISOString(),
    resumeAt: new Date(resumeAt).toISOString(),
    stalled,
    paused: true,
    heldUntil: {},
    // The reports that were not ready before are still not ready.
    timedOut: earlier.at(-1)?.timedOut ?? [],
  };
}

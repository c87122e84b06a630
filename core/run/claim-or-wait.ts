import type { ExecutionInput } from '../contract/execution-input.ts';
import type { PlanRunInput } from '../contract/messages.ts';
import type { Services } from '../ports/services.ts';
import { claimRun, RunInProgress, type ClaimResult } from './claim.ts';
import { scheduledDayOf } from './parse-execution-input.ts';

/** How often a scheduled execution that waits for another run checks whether that run has ended. */
const RETRY_MS = 5 * 60_000;
/** How long a scheduled execution waits for another run. After that, the execution of the next day takes over. */
const LONGEST_WAIT_MS = 23 * 3_600_000;

/** `until`: milliseconds since the epoch. */
type Wait = { readonly kind: 'wait'; readonly until: number };

export type UnclaimedRun = Exclude<ClaimResult, { kind: 'claimed' }> | Wait;

/**
 * Claims the run. If another run is in progress, a scheduled execution waits for its end, so that its day is audited.
 * @throws InvalidInput; RunInProgress for an execution that was started by hand, and for one that waited too long
 */
export async function claimOrWait(
  runId: string,
  { id, startedAt }: PlanRunInput['execution'],
  wanted: ExecutionInput,
  { store, executions, clock, warn }: Services,
): Promise<ClaimResult | Wait> {
  const scheduledDay = scheduledDayOf(wanted, clock.now());
  try {
    return await claimRun(store, { execution: id, runId, scheduledDay }, executions, warn);
  } catch (error: unknown) {
    const until = clock.now() + RETRY_MS;
    const mayWait = wanted.scheduledTime !== undefined && until < Date.parse(startedAt) + LONGEST_WAIT_MS;
    if (!(error instanceof RunInProgress) || !mayWait) throw error;
    return { kind: 'wait', until };
  }
}

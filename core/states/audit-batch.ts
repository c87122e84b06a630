import type { BatchLine, FailedInvocation } from '../contract/account-objects.ts';
import type { AuditBatchInput, AuditBatchOutput, InvocationUse } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { iamReadsByState } from '../contract/permissions.ts';
import { invocationUse } from '../cost/invocation-use.ts';
import { batchOutput } from '../evidence/attempt-end.ts';
import { BatchAttempt } from '../evidence/batch-attempt.ts';
import type { BatchEnd } from '../evidence/batch-lines.ts';
import { endWithoutTurn, turnRequest } from '../evidence/turn/wait-for-turn.ts';
import { readAttemptEnd, readEarlierAttempts, readWorklist } from '../evidence/worklist.ts';
import { countedIfFailed, requestsOfNote } from '../objects/failed-invocations.ts';
import { writeWhile } from '../objects/write-concurrently.ts';
import type { PaceKeeper } from '../pacing/pace-keeper.ts';
import { timelineField } from '../pacing/session-timeline.ts';
import { takeTurn } from '../pacing/take-turn.ts';
import { CallLedger } from '../ports/calls/call-ledger.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { PreconditionFailed } from '../ports/store.ts';
import { assertClaimHeld } from '../run/claim.ts';

/**
 * Gathers the evidence of one batch with one static set of credentials: requests reports, reads them and simulates
 * concurrently, each at its own pace. Stops taking new work in time; the next attempt does the rest. An attempt whose
 * object exists is not repeated. If it fails, its calls are stored in an object of their own.
 * @throws RunSuperseded; AwsFault if no session can be opened; PreconditionFailed if two invocations overlap
 */
export async function auditBatch(
  input: AuditBatchInput,
  services: Services,
  invocation: Invocation,
): Promise<AuditBatchOutput> {
  const { store, clock } = services;
  const { runId, accountId, batch } = input;
  const startedAt = clock.now();
  const key = objects.batch(runId, accountId, batch.n, input.attempt);
  const earlierEnd = await readAttemptEnd(store, key);
  if (earlierEnd !== null) return batchOutput(input, earlierEnd);

  await assertClaimHeld(store, runId);
  const lines = await readWorklist(store, runId, accountId, batch);
  const earlier = await readEarlierAttempts(store, runId, accountId, batch.n, lines);
  const calls = new CallLedger();
  const use = (): InvocationUse => invocationUse(invocation, clock.now() - startedAt);
  /** What is known so far, for the count of the calls if the attempt fails. */
  const known: { pace?: PaceKeeper; end?: BatchEnd } = {};
  const failed = (): FailedInvocation => ({
    state: 'AuditBatch',
    startedAt: new Date(startedAt).toISOString(),
    endedAt: known.end?.endedAt ?? new Date(clock.now()).toISOString(),
    calls: known.end?.calls ?? calls.work(known.pace?.waits()),
    ...(known.pace === undefined ? {} : timelineField(calls, known.pace)),
    use: invocationUse(invocation, clock.now() - startedAt, requestsOfNote),
  });
  const audit = async (): Promise<BatchEnd> => {
    const actions = iamReadsByState['audit-batch'];
    const workMs = invocation.remainingMs();
    const session = await services.access.open({ runId, accountId, actions, workMs, calls });
    const turn = await takeTurn(services, turnRequest(input, lines, earlier, invocation));
    if (turn.kind === 'later') {
      const waited = endWithoutTurn(input, earlier.ends, turn.resumeAt, clock.now());
      const end: BatchEnd = { ...waited, calls: calls.work(), use: use() };
      known.end = end;
      await writeWhile(store, key, (channel) => channel.push(JSON.stringify(end satisfies BatchLine)));
      return end;
    }
    const { pace } = turn;
    known.pace = pace;
    const attempt = new BatchAttempt(input, earlier, services, invocation, pace, session);
    const end = await writeWhile(store, key, async (channel) => {
      const attemptEnd = await attempt.run(lines, channel);
      // A run that was superseded in the meantime must not write anything more.
      await assertClaimHeld(store, runId);
      // Saved before the object appears. If two invocations overlap, the one that did not write the pace last stops here.
      await pace.save(attemptEnd.resumeAt === null ? null : Date.parse(attemptEnd.resumeAt));
      // After the end of its turn an attempt saves no pace. If two invocations overlap, the later one stops here.
      if (pace.turnEnded && (await store.exists(key))) throw new PreconditionFailed(key);
      const end: BatchEnd = { ...attemptEnd, use: use() };
      known.end = end;
      await channel.push(JSON.stringify(end satisfies BatchLine));
      return end;
    });
    if (attempt.sessionExpired) services.access.discard(session);
    return end;
  };
  return batchOutput(input, await countedIfFailed(services, input, failed, audit));
}

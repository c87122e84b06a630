import type { BatchLine } from '../contract/account-objects.ts';
import type { AuditBatchInput, AuditBatchOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { LineChannel } from '../streams/line-channel.ts';
import { PaceKeeper } from '../pacing/pace-keeper.ts';
import { assertClaimHeld } from '../run/claim.ts';
import { invocationUse } from '../cost/invocation-use.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { BatchAttempt } from '../evidence/batch-attempt.ts';
import type { BatchEnd } from '../evidence/batch-lines.ts';
import { readAttemptEnd, readEarlierAttempts, readWorklist } from '../evidence/worklist.ts';

/**
 * Gathers the evidence of one batch: asks for last-accessed reports, reads them and simulates, side by side, each at
 * its own pace, with one static set of credentials. Stops taking new work in time and leaves the rest to the next
 * attempt. Idempotent by its object: an attempt that was written is not made again.
 * @throws RunSuperseded, AwsFault when no session can be opened, PreconditionFailed when two invocations overlap
 */
export async function auditBatch(
  input: AuditBatchInput,
  services: Services,
  invocation: Invocation,
): Promise<AuditBatchOutput> {
  const { store, clock } = services;
  const startedAt = clock.now();
  const key = objects.batch(input.runId, input.accountId, input.batch.n, input.attempt);
  const done = await readAttemptEnd(store, key);
  if (done !== null) return outputOf(input, done);

  await assertClaimHeld(store, input.runId);
  const lines = await readWorklist(store, input.runId, input.accountId, input.batch);
  const earlier = await readEarlierAttempts(store, input.runId, input.accountId, input.batch.n, lines);
  const session = await services.access.open(input.accountId, invocation.remainingMs());
  const pace = await PaceKeeper.open(services, input);

  const attempt = new BatchAttempt(input, services, invocation, pace, session.iam, session.calls);
  const channel = new LineChannel();
  const writing = store.writeLines(key, channel);
  // A write that fails early must not count as unhandled while the audit still runs.
  const written = writing.then(
    () => null,
    (error: unknown) => {
      const failure = error instanceof Error ? error : new Error(String(error));
      // It may have failed before it read a line: then only this tells the writers.
      channel.fail(failure);
      return failure;
    },
  );
  try {
    const found = await attempt.run(lines, earlier, channel);
    // A run that was superseded meanwhile leaves nothing more behind.
    await assertClaimHeld(store, input.runId);
    // Before the object appears: of two overlapping invocations, the one whose pace was overwritten gives way.
    await pace.save();
    const end: BatchEnd = { ...found, use: invocationUse(invocation, clock.now() - startedAt) };
    await channel.push(JSON.stringify(end satisfies BatchLine));
    channel.end();
    const failure = await written;
    if (failure !== null) throw failure;
    if (attempt.sessionExpired) services.access.discard(input.accountId);
    return outputOf(input, end);
  } catch (error: unknown) {
    channel.fail(error instanceof Error ? error : new Error(String(error)));
    // Why the object could not be written says more than that nobody takes its lines.
    throw (await written) ?? error;
  }
}

function outputOf(input: AuditBatchInput, end: BatchEnd): AuditBatchOutput {
  if (end.finished || end.resumeAt === null) {
    return { status: 'FINISHED', n: input.batch.n, attempts: input.attempt };
  }
  return {
    status: 'UNFINISHED',
    n: input.batch.n,
    attempt: input.attempt + 1,
    stalled: end.stalled,
    resumeAt: end.resumeAt,
  };
}

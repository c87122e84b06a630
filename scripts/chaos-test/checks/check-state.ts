import * as v from 'valibot';
import { AuditBatchInput, AuditBatchOutput } from '../../../core/contract/messages.ts';
import { objects } from '../../../core/contract/objects.ts';
import { StoredPaceMemory } from '../../../core/pacing/pace-memory.ts';
import { readValue } from '../../../core/ports/stored-objects.ts';
import type { Executions } from '../world/executions.ts';
import type { ObservedInvocation } from '../world/invocations.ts';
import type { ChaosWorld } from '../world/world.ts';

const OfRun = v.object({ runId: v.string() });

/** Between its last check of the claim and its last write, an invocation needs less than this. */
const LAST_WRITES_MS = 2_000;

/**
 * An invocation that starts after its run lost the claim must write nothing. A batch that runs while its run loses the claim
 * must not appear.
 */
export function checkClaims(world: ChaosWorld, executions: Executions): string[] {
  return executions.invocations.observed.flatMap(({ handler, payload, startedAt, writes }) => {
    const of = v.safeParse(OfRun, payload);
    if (!of.success) return [];
    const { runId } = of.output;
    const isLost = (at: number): boolean => world.claims.holder(at) !== runId;
    const wrong = isLost(startedAt)
      ? writes
      : writes.filter(({ key, at }) => key.includes('/batches/') && isLost(at - LAST_WRITES_MS));
    return wrong.slice(0, 1).map(({ key, at }) => {
      const holder = world.claims.holder(at) ?? 'none';
      return `${handler} of run ${runId} wrote ${key} at ${new Date(at).toISOString()}, but run ${holder} had the claim`;
    });
  });
}

interface FinishedAttempt {
  readonly input: AuditBatchInput;
  readonly startedAt: number;
}

function finishedAttempts(observed: readonly ObservedInvocation[]): FinishedAttempt[] {
  return observed.flatMap(({ handler, payload, startedAt, result }) => {
    if (handler !== 'audit-batch' || result?.kind !== 'returned') return [];
    return v.is(AuditBatchOutput, result.value) ? [{ input: v.parse(AuditBatchInput, payload), startedAt }] : [];
  });
}

/** The object of each attempt that returned must be there. */
export async function checkBatches(world: ChaosWorld, executions: Executions): Promise<string[]> {
  const violations: string[] = [];
  for (const { input } of finishedAttempts(executions.invocations.observed)) {
    const { runId, accountId, batch, attempt } = input;
    const key = objects.batch(runId, accountId, batch.n, attempt);
    if (!(await world.store.exists(key))) violations.push(`AuditBatch returned, but ${key} is missing`);
  }
  return violations;
}

/** The pace memory must be readable, and that of the last batch. */
export async function checkPace(world: ChaosWorld, executions: Executions): Promise<string[]> {
  const now = world.clock.now();
  const violations: string[] = [];
  for (const accountId of world.plan.accounts.keys()) {
    const attempts = finishedAttempts(executions.invocations.observed).filter(
      ({ input }) => input.accountId === accountId,
    );
    const last = attempts.at(-1);
    const memory = await readValue(world.store, objects.pace(accountId), StoredPaceMemory);
    if (last === undefined) continue;
    // With a shared bucket, the batches use the pace of all accounts.
    const shared = await readValue(world.store, objects.hubPace, StoredPaceMemory);
    const newest = Math.max(...[memory, shared].map((one) => (one === null ? 0 : Date.parse(one.updatedAt))));
    if (newest < last.startedAt) {
      violations.push(`the pace of ${accountId} is older than its last batch of run ${last.input.runId}`);
    }
    if (newest > now) violations.push(`the pace of ${accountId} is of the future`);
    for (const [operation, { learned }] of Object.entries(memory?.operations ?? {})) {
      if (learned === null) continue;
      const { rate } = world.plan.limit;
      if (learned.perSecond > 20 * rate || Date.parse(learned.at) > now) {
        violations.push(
          `the pace of ${accountId} has ${learned.perSecond} calls a second for ${operation}, but AWS allows ${rate}`,
        );
      }
    }
  }
  return violations;
}

import type { RunSummary } from '../../../core/contract/run.ts';
import type { FaultKind } from '../world/plan.ts';
import type { ChaosWorld } from '../world/world.ts';

/**
 * With these faults, calls are sent that no object counts: by a process that ends, by an invocation whose result nobody waits for
 * or that runs after its account was summarised, and by executions that never end a run. While the store refuses every write, the
 * last invocation of a process can't note its calls.
 */
const uncounted: readonly FaultKind[] = ['killed', 'duplicate', 'redrive', 'twoRuns', 'storeRefuses'];
/** Only these are counted exactly: an attempt of PlanRun that fails loses its calls to Organizations and STS. */
const isOfAccounts = (operation: string): boolean => operation.startsWith('iam:');

/** No call may be counted twice; without the faults above, every call is counted. */
export function checkCalls(world: ChaosWorld, runs: readonly RunSummary[]): string[] {
  const counted = new Map<string, number>();
  for (const { calls } of runs) {
    for (const [operation, { sent }] of Object.entries(calls))
      counted.set(operation, (counted.get(operation) ?? 0) + sent);
  }
  const mayMiss = uncounted.some((kind) => world.plan.kinds.has(kind));
  return [...new Set([...counted.keys(), ...world.wire.sent.keys()])].filter(isOfAccounts).flatMap((operation) => {
    const [sent, known] = [world.wire.sent.get(operation) ?? 0, counted.get(operation) ?? 0];
    return known > sent || (known < sent && !mayMiss)
      ? [`${sent} calls of ${operation} were sent, but ${known} are counted`]
      : [];
  });
}

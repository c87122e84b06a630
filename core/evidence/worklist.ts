import { WorklistLine, type PartKind } from '../contract/account-objects.ts';
import type { LastAccessed, Permissions, Problem } from '../contract/evidence.ts';
import type { Batch } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readObjectLines } from '../ports/stored-objects.ts';
import { attemptEntries, batchEntries, partOf, type BatchEnd } from './batch-lines.ts';
import { SharedSimulations } from './shared-simulations.ts';

/** The parts of one principal's evidence that a run has found so far. */
export interface FoundParts {
  lastAccessed?: { part: LastAccessed; problems: Problem[] };
  /** `sharedFrom`: ARN of the principal that was simulated, if it is another one of the group. */
  permissions?: { part: Permissions; problems: Problem[]; sharedFrom?: string };
}

/**
 * What earlier attempts of a batch wrote: which parts exist, the decisions that are shared, and how each attempt ended.
 */
export interface EarlierAttempts {
  readonly found: Readonly<Record<PartKind, ReadonlySet<string>>>;
  readonly shared: SharedSimulations;
  readonly ends: readonly BatchEnd[];
}

/** @throws ObjectNotFound, DamagedObject */
export async function readWorklist(
  store: ObjectStore,
  runId: string,
  accountId: string,
  batch: Pick<Batch, 'offset' | 'length'>,
): Promise<WorklistLine[]> {
  const lines: WorklistLine[] = [];
  const key = objects.worklist(runId, accountId);
  for await (const line of readObjectLines(store, key, WorklistLine, batch)) lines.push(line);
  return lines;
}

/** Reads all earlier attempts of batch `n`. @param lines the batch's worklist */
export async function readEarlierAttempts(
  store: ObjectStore,
  runId: string,
  accountId: string,
  n: number,
  lines: readonly WorklistLine[],
): Promise<EarlierAttempts> {
  const found = { lastAccessed: new Set<string>(), permissions: new Set<string>() };
  const ends: BatchEnd[] = [];
  const shared = new SharedSimulations();
  const grouped = new Map(lines.flatMap((line) => (line.group === null ? [] : [[line.arn, line]])));
  for await (const entry of batchEntries(store, runId, accountId, n)) {
    if (entry.kind === 'end') {
      ends.push(entry.end);
      continue;
    }
    found[entry.kind].add(entry.arn);
    const line = entry.kind === 'permissions' ? grouped.get(entry.arn) : undefined;
    if (line === undefined) continue;
    const simulated = partOf(entry);
    if (simulated.kind === 'permissions') shared.add(line, simulated.part, simulated.sharedFrom);
  }
  return { found, shared, ends };
}

/** How an attempt ended; null if it has no object. An attempt's object appears whole or not at all. */
export async function readAttemptEnd(store: ObjectStore, key: string): Promise<BatchEnd | null> {
  if (!(await store.exists(key))) return null;
  for await (const entry of attemptEntries(store, key)) if (entry.kind === 'end') return entry.end;
  return null;
}

import * as v from 'valibot';
import { InventoryLine, type PartKind } from '../contract/account-objects.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import type { Batch, SummariseAccountInput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { FailureCause } from '../contract/run.ts';
import type { BatchEnd } from '../evidence/batch-lines.ts';
import { recordOf } from '../evidence/record.ts';
import type { FoundParts } from '../evidence/worklist.ts';
import { batchNumbers } from '../objects/batch-numbers.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readObjectLines } from '../ports/stored-objects.ts';
import { recheckedParts } from '../reuse/changed-during-run.ts';
import type { ChangedPrincipals } from '../reuse/recheck-account.ts';
import { batchPlaces, carriedPlaces, foundParts } from './evidence-places.ts';

const Asked = v.object({ arn: v.string() });
const nothing = new Map<never, never>();

/** What `joinRecords` yields. */
export type JoinedEntry =
  | {
      readonly kind: 'record';
      readonly record: PrincipalRecord;
      /** Complete parts for which this principal needed no call. */
      readonly avoided: readonly PartKind[];
    }
  /** How an attempt of a batch ended. */
  | { readonly kind: 'attemptEnd'; readonly end: BatchEnd }
  /** Evidence was found for a principal that the inventory does not list. */
  | { readonly kind: 'unlisted'; readonly arn: string }
  /** Parts that no later run may carry over. */
  | { readonly kind: 'uncarried'; readonly arn: string; readonly parts: readonly PartKind[] };

/**
 * Joins evidence and inventory: one record for each principal of the inventory. First the principals of each batch,
 * then those with carried evidence only, then the rest. Only the positions of the evidence are in memory. The
 * evidence itself is read for a few principals at a time.
 * @param changed null if the account could not be rechecked
 * @param now milliseconds since the epoch
 * @param missing why a part is missing, if its batch does not say
 */
export async function* joinRecords(
  input: SummariseAccountInput,
  store: ObjectStore,
  changed: ChangedPrincipals | null,
  now: number,
  missing: FailureCause,
): AsyncGenerator<JoinedEntry> {
  const { runId, accountId, inventory } = input;
  const lines = await inventoryLines(store, input);
  const join = (arn: string, found: FoundParts, reason: FailureCause): JoinedEntry[] => {
    const line = lines.get(arn);
    if (line === undefined) return [{ kind: 'unlisted', arn }];
    if (line === null) return [];
    lines.set(arn, null);
    const record = recordOf(line, found, reason, now);
    return [{ kind: 'record', record, avoided: avoidedParts(record, found) }];
  };

  const carried = await carriedPlaces(store, runId, accountId);
  const ranges = new Map((inventory?.batches ?? []).map((batch) => [batch.n, batch]));
  for (const n of inventory === null ? await batchNumbers(store, runId, accountId) : ranges.keys()) {
    const { places, held, ends } = await batchPlaces(store, runId, accountId, n);
    for (const end of ends) yield { kind: 'attemptEnd', end };
    const reason = input.results.find((result) => result.n === n)?.error ?? missing;
    const range = ranges.get(n);
    // In the order of the worklist. If the range was lost with its execution, in the order of the batch's lines.
    const arns = range === undefined ? places.keys() : await askedArns(store, input, range);
    for await (const { arn, carried: earlier, asked } of foundParts(store, arns, carried, places, held)) {
      const { parts, uncarried } = recheckedParts(changed, arn, asked);
      if (uncarried.length > 0) yield { kind: 'uncarried', arn, parts: uncarried };
      yield* join(arn, { ...earlier, ...parts }, reason);
    }
  }
  // Principals that have a record were asked for one part, and the carried part is in their record already.
  const left = [...carried.keys()].filter((arn) => lines.get(arn) !== null);
  for await (const { arn, carried: earlier } of foundParts(store, left, carried, nothing, nothing)) {
    yield* join(arn, earlier, missing);
  }
  for (const arn of lines.keys()) yield* join(arn, {}, missing);
}

/** Carried parts, decisions of another principal of the group, and permissions whose actions are all ruled out. */
function avoidedParts({ lastAccessed, permissions }: PrincipalRecord, found: FoundParts): PartKind[] {
  const withoutCall =
    permissions.carriedFrom !== null ||
    found.permissions?.sharedFrom !== undefined ||
    (permissions.decisions.length === 0 && permissions.ruledOut > 0);
  return [
    ...(lastAccessed.status === 'COMPLETE' && lastAccessed.carriedFrom !== null ? (['lastAccessed'] as const) : []),
    ...(permissions.status === 'COMPLETE' && withoutCall ? (['permissions'] as const) : []),
  ];
}

/** By ARN: the lines of the inventory. A line is replaced by null once its record is made, to free its memory. */
async function inventoryLines(
  store: ObjectStore,
  { runId, accountId }: SummariseAccountInput,
): Promise<Map<string, InventoryLine | null>> {
  const lines = new Map<string, InventoryLine | null>();
  for await (const line of readObjectLines(store, objects.inventory(runId, accountId), InventoryLine)) {
    lines.set(line.arn, line);
  }
  return lines;
}

async function askedArns(
  store: ObjectStore,
  { runId, accountId }: SummariseAccountInput,
  range: Batch,
): Promise<string[]> {
  const arns: string[] = [];
  for await (const { arn } of readObjectLines(store, objects.worklist(runId, accountId), Asked, range)) arns.push(arn);
  return arns;
}

import * as v from 'valibot';
import { InventoryLine } from '../contract/account-objects.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import type { Batch, SummariseAccountInput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { FailureCause } from '../contract/run.ts';
import type { BatchEnd } from '../evidence/batch-lines.ts';
import { recordOf } from '../evidence/record.ts';
import type { FoundParts } from '../evidence/worklist.ts';
import type { ObjectStore } from '../ports/store.ts';
import type { AskedParts } from '../reuse/changed-during-run.ts';
import { batchNumbers } from '../objects/batch-numbers.ts';
import { batchPlaces, carriedPlaces, foundParts } from './evidence-places.ts';

const Asked = v.object({ arn: v.string() });
const nothing = new Map<never, never>();

/**
 * Every principal of the inventory in exactly one record: batch after batch, then who was carried whole, then the rest.
 * Of the evidence it is noted where it stands, and it is fetched some principals at a time.
 * @param heard filled with how the batches' attempts ended, with those whom the inventory does not list, and with parts
 *   that are not carried on
 * @param now milliseconds since the epoch
 * @param missing why a part is not there, where its batch does not say
 */
export async function* accountRecords(
  input: SummariseAccountInput,
  store: ObjectStore,
  heard: { readonly ends: BatchEnd[]; readonly unlisted: string[]; readonly asked: AskedParts },
  now: number,
  missing: FailureCause,
): AsyncGenerator<PrincipalRecord> {
  const { runId, accountId, inventory } = input;
  /** Null once it has its record. */
  const remaining = new Map<string, InventoryLine | null>();
  for await (const text of store.readLines(objects.inventory(runId, accountId))) {
    const line = v.parse(InventoryLine, JSON.parse(text));
    remaining.set(line.arn, line);
  }
  const record = (arn: string, found: FoundParts, reason: FailureCause): PrincipalRecord[] => {
    const line = remaining.get(arn);
    if (line === undefined) heard.unlisted.push(arn);
    if (line === undefined || line === null) return [];
    remaining.set(arn, null);
    return [recordOf(line, found, reason, now)];
  };

  const carried = await carriedPlaces(store, runId, accountId);
  const ranges = new Map((inventory?.batches ?? []).map((batch) => [batch.n, batch]));
  for (const n of inventory === null ? await batchNumbers(store, runId, accountId) : ranges.keys()) {
    const { places, held, ends } = await batchPlaces(store, runId, accountId, n);
    heard.ends.push(...ends);
    const reason = input.results.find((result) => result.n === n)?.error ?? missing;
    const range = ranges.get(n);
    // In the worklist's order; of a range that was lost with its execution, in the order of the findings.
    const arns = range === undefined ? places.keys() : await askedArns(store, input, range);
    for await (const { arn, carried: earlier, asked } of foundParts(store, arns, carried, places, held)) {
      yield* record(arn, { ...earlier, ...heard.asked.checked(arn, asked) }, reason);
    }
  }
  // An unlisted one is told by `record`; who has a record already was asked, and this is its other half.
  const left = [...carried.keys()].filter((arn) => remaining.get(arn) !== null);
  for await (const { arn, carried: earlier } of foundParts(store, left, carried, nothing, nothing)) {
    yield* record(arn, earlier, missing);
  }
  for (const arn of remaining.keys()) yield* record(arn, {}, missing);
}

async function askedArns(
  store: ObjectStore,
  { runId, accountId }: SummariseAccountInput,
  range: Batch,
): Promise<string[]> {
  const arns: string[] = [];
  for await (const line of store.readLines(objects.worklist(runId, accountId), range)) {
    arns.push(v.parse(Asked, JSON.parse(line)).arn);
  }
  return arns;
}

import * as v from 'valibot';
import { CarriedLine, InventoryLine } from '../contract/account-objects.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import type { Batch, SummariseAccountInput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { FailureCause } from '../contract/run.ts';
import { recordOf } from '../evidence/record.ts';
import { readBatch, readWorklist, type BatchEnd, type FoundParts } from '../evidence/worklist.ts';
import type { ObjectStore } from '../store.ts';
import type { AskedParts } from './asked-parts.ts';
import { batchNumbers } from './batch-numbers.ts';

/** Principals of whom one part was asked and the other is carried: so many of them are joined in one pass over these. */
const JOINED_AT_ONCE = 5_000;

/** A batch with what it was to ask; of one whose range was lost with its execution, nothing is known. */
interface PlannedBatch {
  readonly n: number;
  readonly arns: readonly string[] | null;
  /** Those of which a part is carried. */
  readonly halfCarried: readonly string[];
}

/**
 * Every principal of the inventory in exactly one record: batch after batch, so that no more than one batch's evidence
 * is in memory, and of carried parts those of some thousand principals; then who was carried whole; then the rest.
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
  const { runId, accountId } = input;
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

  for await (const batches of batchesInGroups(input, store)) {
    const wanted = new Set(batches.flatMap(({ halfCarried }) => halfCarried));
    const carried = new Map<string, FoundParts>();
    if (wanted.size > 0) {
      for await (const [arn, parts] of carriedParts(store, runId, accountId)) {
        if (wanted.has(arn)) carried.set(arn, { ...carried.get(arn), ...parts });
      }
    }
    for (const { n, arns } of batches) {
      const found = await readBatch(store, runId, accountId, n);
      heard.ends.push(...found.ends);
      const reason = input.results.find((result) => result.n === n)?.error ?? missing;
      // In the worklist's order; without a range, in the order of the findings.
      for (const arn of arns ?? found.parts.keys()) {
        yield* record(arn, { ...carried.get(arn), ...heard.asked.checked(arn, found.parts.get(arn)) }, reason);
      }
    }
  }
  // Parts that were found on different days stand in two lines: the first waits for the second.
  const halves = new Map<string, FoundParts>();
  for await (const [arn, parts] of carriedParts(store, runId, accountId)) {
    // An unlisted one is told by `record`; who has a record already was asked, and this is its other half.
    if (remaining.get(arn) === null) continue;
    const joined = { ...halves.get(arn), ...parts };
    if (joined.lastAccessed === undefined || joined.permissions === undefined) {
      halves.set(arn, joined);
    } else {
      halves.delete(arn);
      yield* record(arn, joined, missing);
    }
  }
  for (const arn of new Set([...remaining.keys(), ...halves.keys()]))
    yield* record(arn, halves.get(arn) ?? {}, missing);
}

async function* batchesInGroups(input: SummariseAccountInput, store: ObjectStore): AsyncGenerator<PlannedBatch[]> {
  const { runId, accountId, inventory } = input;
  const ranges = new Map((inventory?.batches ?? []).map((batch) => [batch.n, batch]));
  const numbers = inventory === null ? await batchNumbers(store, runId, accountId) : ranges.keys();
  let group: PlannedBatch[] = [];
  let halfCarried = 0;
  for (const n of numbers) {
    const batch = await plannedBatch(store, input, n, ranges.get(n));
    if (halfCarried + batch.halfCarried.length > JOINED_AT_ONCE && group.length > 0) {
      yield group;
      group = [];
      halfCarried = 0;
    }
    group.push(batch);
    halfCarried += batch.halfCarried.length;
  }
  if (group.length > 0) yield group;
}

async function plannedBatch(
  store: ObjectStore,
  { runId, accountId }: SummariseAccountInput,
  n: number,
  range: Batch | undefined,
): Promise<PlannedBatch> {
  if (range === undefined) {
    const { parts } = await readBatch(store, runId, accountId, n);
    return { n, arns: null, halfCarried: [...parts.keys()] };
  }
  const lines = await readWorklist(store, runId, accountId, range);
  return {
    n,
    arns: lines.map(({ arn }) => arn),
    halfCarried: lines.filter(({ asks }) => asks.length < 2).map(({ arn }) => arn),
  };
}

async function* carriedParts(
  store: ObjectStore,
  runId: string,
  accountId: string,
): AsyncGenerator<readonly [arn: string, parts: FoundParts]> {
  for await (const text of store.readLines(objects.carried(runId, accountId))) {
    const { arn, lastAccessed, permissions } = v.parse(CarriedLine, JSON.parse(text));
    yield [
      arn,
      {
        ...(lastAccessed === null ? {} : { lastAccessed: { part: lastAccessed, problems: [] } }),
        ...(permissions === null ? {} : { permissions: { part: permissions, problems: [] } }),
      },
    ];
  }
}

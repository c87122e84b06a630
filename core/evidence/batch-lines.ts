import * as v from 'valibot';
import { BatchLine, type PartKind } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import { placedLines, type PlacedLine } from '../objects/placed-lines.ts';
import { DamagedObject, type ObjectStore } from '../ports/store.ts';
import { parseLine } from '../ports/stored-objects.ts';

export type BatchEnd = Extract<BatchLine, { kind: 'end' }>;
export type BatchPart = Exclude<BatchLine, { kind: 'end' }>;

/**
 * A line of a batch. A part is not parsed beyond its ARN: the report of an administrator takes hundreds of kilobytes.
 */
export type BatchEntry =
  (PlacedLine & { readonly kind: PartKind; readonly arn: string }) | { readonly kind: 'end'; readonly end: BatchEnd };

/** The start of a line as the audit writes it. A line that starts differently is parsed whole. */
const HEAD = /^\{"kind":"(lastAccessed|permissions)","arn":("(?:[^"\\]|\\.)*")/;

/** The lines of every attempt of batch `n`, in order. Later attempts add to earlier ones. @throws StoreError */
export async function* batchEntries(
  store: ObjectStore,
  runId: string,
  accountId: string,
  n: number,
): AsyncGenerator<BatchEntry> {
  for (let attempt = 1; ; attempt += 1) {
    const key = objects.batch(runId, accountId, n, attempt);
    if (!(await store.exists(key))) return;
    yield* attemptEntries(store, key);
  }
}

/** @throws ObjectNotFound */
export async function* attemptEntries(store: ObjectStore, key: string): AsyncGenerator<BatchEntry> {
  for await (const line of placedLines(store, key)) yield entryOf(line);
}

/** @throws DamagedObject */
export function partOf({ text, place: { key } }: Pick<PlacedLine, 'text' | 'place'>): BatchPart {
  const line = parseLine(key, text, BatchLine);
  if (line.kind === 'end') throw new DamagedObject(key, 'a line that was read as a part is the end of an attempt');
  return line;
}

function entryOf(placed: PlacedLine): BatchEntry {
  const [, kind, arn] = HEAD.exec(placed.text) ?? [];
  if (kind !== undefined && arn !== undefined) {
    // Parsed to get a string of its own: a substring would keep the whole line in memory.
    const own = parseLine(placed.place.key, arn, v.string());
    return { kind: kind === 'lastAccessed' ? 'lastAccessed' : 'permissions', arn: own, ...placed };
  }
  const line = parseLine(placed.place.key, placed.text, BatchLine);
  return line.kind === 'end' ? { kind: 'end', end: line } : { kind: line.kind, arn: line.arn, ...placed };
}

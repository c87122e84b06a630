import type { ByteRange, ObjectStore } from '../ports/store.ts';

/** Where a line is: its bytes with their end, from the start of its object. */
export interface Place extends ByteRange {
  readonly key: string;
}

export interface PlacedLine {
  readonly text: string;
  /** The text's, without an end. */
  readonly bytes: Uint8Array;
  readonly place: Place;
}

/** Lines so near to each other are fetched with what lies between them: a request takes as long as so many bytes. */
const GAP_BYTES = 1 << 20;

const encoder = new TextEncoder();

/** The lines of an object that is not compressed, each with its place, to fetch it again. @throws StoreError */
export async function* placedLines(store: ObjectStore, key: string, range?: ByteRange): AsyncGenerator<PlacedLine> {
  let offset = range?.offset ?? 0;
  for await (const text of store.readLines(key, range)) {
    const bytes = encoder.encode(text);
    const length = bytes.length + 1;
    yield { text, bytes, place: { key, offset, length } };
    offset += length;
  }
}

/**
 * Fetches lines again, in few requests. As bytes: they take what `length` says and no more, where text that was cut out
 * of a larger one keeps all of it in memory.
 */
export async function fetchPlaces(
  store: ObjectStore,
  places: readonly Place[],
): Promise<ReadonlyMap<Place, Uint8Array>> {
  const fetched = new Map<Place, Uint8Array>();
  const byKey = new Map<string, Map<number, Place>>();
  for (const place of places) {
    const ofKey = byKey.get(place.key) ?? new Map<number, Place>();
    byKey.set(place.key, ofKey.set(place.offset, place));
  }
  for (const [key, ofKey] of byKey) {
    for (const range of rangesOf([...ofKey.values()])) {
      for await (const { bytes, place } of placedLines(store, key, range)) {
        const wanted = ofKey.get(place.offset);
        if (wanted !== undefined) fetched.set(wanted, bytes);
      }
    }
  }
  return fetched;
}

function rangesOf(places: readonly Place[]): ByteRange[] {
  const ranges: { offset: number; length: number }[] = [];
  for (const { offset, length } of [...places].sort((a, b) => a.offset - b.offset)) {
    const last = ranges.at(-1);
    if (last !== undefined && offset - last.offset - last.length <= GAP_BYTES) {
      last.length = offset + length - last.offset;
    } else {
      ranges.push({ offset, length });
    }
  }
  return ranges;
}

import type { ByteRange, ObjectStore } from '../ports/store.ts';

/** Where a line is in its object, with its line end. */
export interface Place extends ByteRange {
  readonly key: string;
}

export interface PlacedLine {
  readonly text: string;
  /** The bytes of the text, without the line end. */
  readonly bytes: Uint8Array;
  readonly place: Place;
}

/** Lines with at most this gap between them share a request: a request takes as long as this many bytes. */
const GAP_BYTES = 1 << 20;

const encoder = new TextEncoder();

/** The lines of an uncompressed object, each with its place, by which it can be fetched again. @throws StoreError */
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
 * Fetches lines again, in few requests. Returns bytes, because a string that was cut out of a larger one keeps the
 * whole in memory.
 */
export async function fetchPlaces(
  store: ObjectStore,
  places: readonly Place[],
): Promise<ReadonlyMap<Place, Uint8Array>> {
  const fetched = new Map<Place, Uint8Array>();
  const byKey = new Map<string, Map<number, Place>>();
  for (const place of places) {
    const placesOfKey = byKey.get(place.key) ?? new Map<number, Place>();
    byKey.set(place.key, placesOfKey.set(place.offset, place));
  }
  for (const [key, placesOfKey] of byKey) {
    for (const range of rangesOf([...placesOfKey.values()])) {
      for await (const { bytes, place } of placedLines(store, key, range)) {
        const wanted = placesOfKey.get(place.offset);
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

import * as v from 'valibot';
import { CarriedLine } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import { batchEntries, partOf, type BatchEnd } from '../evidence/batch-lines.ts';
import type { FoundParts } from '../evidence/worklist.ts';
import { fetchPlaces, placedLines, type Place } from '../objects/placed-lines.ts';
import type { ObjectStore } from '../ports/store.ts';
import { parseLine } from '../ports/stored-objects.ts';

/**
 * The most evidence that is in memory at once, in bytes. A limit in principals would not help: a report takes from a
 * few hundred bytes to some hundred kilobytes.
 */
const WINDOW_BYTES = 64 << 20;

/** A batch up to this size is kept in memory when it is read, so that it need not be fetched again. */
const HELD_BYTES = 16 << 20;

/** Where a principal's evidence is stored, in order: later lines replace earlier ones. */
interface Places {
  readonly carried: readonly Place[];
  readonly asked: readonly Place[];
}

/** Lines that are in memory already. */
type HeldLines = ReadonlyMap<Place, Uint8Array>;

/** By ARN: the places of its lines. */
export type PlacesByArn = ReadonlyMap<string, readonly Place[]>;

/** The start of a line as the audit writes it. */
const CARRIED_HEAD = /^\{"arn":("(?:[^"\\]|\\.)*")/;
const Named = v.object({ arn: v.string() });

/** The places of the carried evidence, in the order of the object. */
export async function carriedPlaces(store: ObjectStore, runId: string, accountId: string): Promise<PlacesByArn> {
  const places = new Map<string, Place[]>();
  for await (const { text, place } of placedLines(store, objects.carried(runId, accountId))) {
    const head = CARRIED_HEAD.exec(text)?.[1];
    const { arn } = parseLine(place.key, head === undefined ? text : `{"arn":${head}}`, Named);
    add(places, arn, place);
  }
  return places;
}

/** The places of the evidence of batch `n`, and how its attempts ended. */
export async function batchPlaces(
  store: ObjectStore,
  runId: string,
  accountId: string,
  n: number,
): Promise<{ readonly places: PlacesByArn; readonly held: HeldLines; readonly ends: BatchEnd[] }> {
  const places = new Map<string, Place[]>();
  const ends: BatchEnd[] = [];
  const held = new Map<Place, Uint8Array>();
  let bytes = 0;
  for await (const entry of batchEntries(store, runId, accountId, n)) {
    if (entry.kind === 'end') {
      ends.push(entry.end);
      continue;
    }
    add(places, entry.arn, entry.place);
    bytes += entry.place.length;
    if (bytes <= HELD_BYTES) held.set(entry.place, entry.bytes);
    else held.clear();
  }
  return { places, held, ends };
}

function add(places: Map<string, Place[]>, arn: string, place: Place): void {
  const ofArn = places.get(arn);
  if (ofArn === undefined) places.set(arn, [place]);
  else ofArn.push(place);
}

/** The parts of a principal that earlier runs found, and those that this run found. */
export interface JoinedParts {
  readonly arn: string;
  readonly carried: FoundParts;
  readonly asked: FoundParts;
}

/** The parts of each principal, in the order of `arns`, with at most a window of lines in memory. */
export async function* foundParts(
  store: ObjectStore,
  arns: Iterable<string>,
  carried: PlacesByArn,
  asked: PlacesByArn,
  held: HeldLines,
): AsyncGenerator<JoinedParts> {
  let window = new Map<string, Places>();
  let bytes = 0;
  for (const arn of arns) {
    const places = { carried: carried.get(arn) ?? [], asked: asked.get(arn) ?? [] };
    const own = [...places.carried, ...places.asked].reduce((sum, { length }) => sum + length, 0);
    if (bytes + own > WINDOW_BYTES && window.size > 0) {
      yield* windowParts(store, window, held);
      window = new Map();
      bytes = 0;
    }
    window.set(arn, places);
    bytes += own;
  }
  yield* windowParts(store, window, held);
}

async function* windowParts(
  store: ObjectStore,
  window: ReadonlyMap<string, Places>,
  held: HeldLines,
): AsyncGenerator<JoinedParts> {
  const places = [...window.values()].flatMap(({ carried, asked }) => [...carried, ...asked]);
  const fetched = await fetchPlaces(
    store,
    places.filter((place) => !held.has(place)),
  );
  const decoder = new TextDecoder();
  const textOf = (place: Place): string => decoder.decode(held.get(place) ?? fetched.get(place));
  for (const [arn, places] of window) {
    const carried: FoundParts = {};
    for (const place of places.carried) {
      const { lastAccessed, permissions } = parseLine(place.key, textOf(place), CarriedLine);
      if (lastAccessed !== null) carried.lastAccessed = { part: lastAccessed, problems: [] };
      if (permissions !== null) carried.permissions = { part: permissions, problems: [] };
    }
    const asked: FoundParts = {};
    for (const place of places.asked) {
      const line = partOf({ text: textOf(place), place });
      const { problems } = line;
      if (line.kind === 'lastAccessed') asked.lastAccessed = { part: line.part, problems };
      else {
        const { sharedFrom } = line;
        asked.permissions = { part: line.part, problems, ...(sharedFrom === undefined ? {} : { sharedFrom }) };
      }
    }
    yield { arn, carried, asked };
  }
}

import * as v from 'valibot';
import { CarriedLine } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import { batchEntries, partOf, type BatchEnd } from '../evidence/batch-lines.ts';
import type { FoundParts } from '../evidence/worklist.ts';
import { fetchPlaces, placedLines, type Place } from '../placed-lines.ts';
import type { ObjectStore } from '../store.ts';

/**
 * Text of evidence that is in memory at once, in bytes. Not counted in principals: one's report takes from a few
 * hundred bytes to some hundred kilobytes.
 */
const WINDOW_BYTES = 64 << 20;

/** Where a principal's evidence stands, in the order in which it counts: later lines replace earlier ones. */
interface Places {
  readonly carried: readonly Place[];
  readonly asked: readonly Place[];
}

/** By ARN, lines of it. */
export type PlacesByArn = ReadonlyMap<string, readonly Place[]>;

/** As the pipeline writes it. */
const CARRIED_HEAD = /^\{"arn":("(?:[^"\\]|\\.)*")/;
const Named = v.object({ arn: v.string() });

/** What is carried, in the order in which it stands. */
export async function carriedPlaces(store: ObjectStore, runId: string, accountId: string): Promise<PlacesByArn> {
  const places = new Map<string, Place[]>();
  for await (const { text, place } of placedLines(store, objects.carried(runId, accountId))) {
    const head = CARRIED_HEAD.exec(text)?.[1];
    const { arn } = v.parse(Named, JSON.parse(head === undefined ? text : `{"arn":${head}}`));
    add(places, arn, place);
  }
  return places;
}

/** What batch `n` has found, and how its attempts ended. */
export async function batchPlaces(
  store: ObjectStore,
  runId: string,
  accountId: string,
  n: number,
): Promise<{ readonly places: PlacesByArn; readonly ends: BatchEnd[] }> {
  const places = new Map<string, Place[]>();
  const ends: BatchEnd[] = [];
  for await (const entry of batchEntries(store, runId, accountId, n)) {
    if (entry.kind === 'end') ends.push(entry.end);
    else add(places, entry.arn, entry.place);
  }
  return { places, ends };
}

function add(places: Map<string, Place[]>, arn: string, place: Place): void {
  const known = places.get(arn);
  if (known === undefined) places.set(arn, [place]);
  else known.push(place);
}

/** What was found of each, in the order of `arns`, with no more in memory than a window of lines. */
export async function* foundParts(
  store: ObjectStore,
  arns: Iterable<string>,
  carried: PlacesByArn,
  asked: PlacesByArn,
): AsyncGenerator<readonly [arn: string, found: FoundParts]> {
  let window = new Map<string, Places>();
  let bytes = 0;
  for (const arn of arns) {
    const places = { carried: carried.get(arn) ?? [], asked: asked.get(arn) ?? [] };
    const own = [...places.carried, ...places.asked].reduce((sum, { length }) => sum + length, 0);
    if (bytes + own > WINDOW_BYTES && window.size > 0) {
      yield* windowParts(store, window);
      window = new Map();
      bytes = 0;
    }
    window.set(arn, places);
    bytes += own;
  }
  yield* windowParts(store, window);
}

async function* windowParts(
  store: ObjectStore,
  window: ReadonlyMap<string, Places>,
): AsyncGenerator<readonly [arn: string, found: FoundParts]> {
  const lines = await fetchPlaces(
    store,
    [...window.values()].flatMap(({ carried, asked }) => [...carried, ...asked]),
  );
  const decoder = new TextDecoder();
  const textOf = (place: Place): string => decoder.decode(lines.get(place));
  for (const [arn, { carried, asked }] of window) {
    const found: FoundParts = {};
    for (const place of carried) {
      const { lastAccessed, permissions } = v.parse(CarriedLine, JSON.parse(textOf(place)));
      if (lastAccessed !== null) found.lastAccessed = { part: lastAccessed, problems: [] };
      if (permissions !== null) found.permissions = { part: permissions, problems: [] };
    }
    for (const place of asked) {
      const line = partOf(textOf(place));
      if (line.kind === 'lastAccessed') found.lastAccessed = { part: line.part, problems: line.problems };
      else found.permissions = { part: line.part, problems: line.problems };
    }
    yield [arn, found];
  }
}

import type { ObjectStore } from '../ports/store.ts';

const RUNS = 'runs/';
/** The characters that follow in an ID's time, `YYYYMMDDTHHMMSSZ`, from the last to the first. */
const CHARACTERS = 'ZT9876543210';

/**
 * The IDs of the runs that have objects, the newest first. For a store whose `latest.json` or claim can't be read. It
 * asks for one character of the time after the other, because a listing of all objects can take minutes. Of runs that
 * started in the same second it has one.
 * @throws StoreError
 */
export const newestRuns = (store: ObjectStore): AsyncGenerator<string> => runsBelow(store, RUNS);

async function* runsBelow(store: ObjectStore, prefix: string): AsyncGenerator<string> {
  const first = await firstKey(store, prefix);
  if (first === null) return;
  if (prefix.endsWith('Z')) {
    yield first.slice(RUNS.length).split('/')[0] ?? '';
    return;
  }
  for (const character of CHARACTERS) yield* runsBelow(store, `${prefix}${character}`);
}

async function firstKey(store: ObjectStore, prefix: string): Promise<string | null> {
  for await (const key of store.list(prefix)) return key;
  return null;
}

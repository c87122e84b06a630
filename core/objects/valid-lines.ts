import * as v from 'valibot';
import { DamagedObject, type ObjectStore } from '../ports/store.ts';

/**
 * What an object's lines say, each by itself. Where one is not what it should be, or the rest can't be unpacked, those
 * before it hold, `damaged` hears why, and no more come: an object that nobody repairs must not end one run after another.
 * @throws StoreError where the store can't be asked: that says nothing about the object
 */
export async function* validLines<const Schema extends v.GenericSchema>(
  store: ObjectStore,
  key: string,
  schema: Schema,
  damaged: (reason: string) => void,
): AsyncGenerator<v.InferOutput<Schema>> {
  let line = 0;
  try {
    for await (const text of store.readLines(key)) {
      line += 1;
      yield v.parse(schema, JSON.parse(text));
    }
  } catch (error: unknown) {
    if (!isDamage(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    damaged(error instanceof DamagedObject ? reason : `${key} is damaged in line ${line}: ${reason}`);
  }
}

/** What an object holds is not what it should: another attempt would find the same. */
export const isDamage = (error: unknown): boolean =>
  error instanceof SyntaxError || error instanceof DamagedObject || v.isValiError(error);

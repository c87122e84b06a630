import * as v from 'valibot';
import { DamagedObject, type ObjectStore } from '../ports/store.ts';

/**
 * The valid lines of an object up to the first damaged one. Calls `onDamage` with the reason if a line is damaged or
 * the rest can't be decompressed. It does not throw, because a damaged object must not stop every later run.
 * @throws StoreError if the store does not answer: the object itself may be valid
 */
export async function* validLines<const Schema extends v.GenericSchema>(
  store: ObjectStore,
  key: string,
  schema: Schema,
  onDamage: (reason: string) => void,
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
    onDamage(error instanceof DamagedObject ? reason : `${key} is damaged in line ${line}: ${reason}`);
  }
}

/** Whether the object is damaged: another attempt would fail in the same way. */
export const isDamage = (error: unknown): boolean =>
  error instanceof SyntaxError || error instanceof DamagedObject || v.isValiError(error);

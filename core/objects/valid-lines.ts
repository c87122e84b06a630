import type * as v from 'valibot';
import type { DamagedObject, ObjectStore } from '../ports/store.ts';
import { readObjectLines, untilDamage } from '../ports/stored-objects.ts';

/**
 * The valid lines of an object up to the first damaged one. Calls `onDamage` with what is wrong. It does not throw,
 * because a damaged object must not stop every later run.
 * @throws StoreError if the store does not answer: the object itself may be valid
 */
export const validLines = <const Schema extends v.GenericSchema>(
  store: ObjectStore,
  key: string,
  schema: Schema,
  onDamage: (damage: DamagedObject) => void,
): AsyncGenerator<v.InferOutput<Schema>> => untilDamage(readObjectLines(store, key, schema), onDamage);

import * as v from 'valibot';
import type { Bindings } from './expressions.ts';
import { StateFault } from './faults.ts';
import type { LoadedState } from './loaded-state.ts';
import { checkPayload } from './payload.ts';
import { parseField } from './parse-field.ts';

type MapState = Extract<LoadedState, { type: 'Map' }>;
type ReadLines = (bucket: string, key: string) => AsyncIterable<string>;

/** The items of a Map: its Items, or the lines of its ItemReader's object. @throws StateFault */
export async function itemsOf(state: MapState, bindings: Bindings, readLines: ReadLines): Promise<unknown[]> {
  if (state.reader !== null) return readItems(state.reader, bindings, readLines);
  const items = v.safeParse(v.array(v.unknown()), await state.items?.evaluate(bindings));
  if (items.success) return items.output;
  throw new StateFault('States.QueryEvaluationError', `The Items of ${state.path} are not an array.`);
}

async function readItems(
  reader: NonNullable<MapState['reader']>,
  bindings: Bindings,
  readLines: ReadLines,
): Promise<unknown[]> {
  const bucket = parseField(v.string(), await reader.bucket.evaluate(bindings), 'ItemReader.Arguments.Bucket');
  const key = parseField(v.string(), await reader.key.evaluate(bindings), 'ItemReader.Arguments.Key');
  const items: unknown[] = [];
  try {
    for await (const line of readLines(bucket, key)) {
      if (line !== '') items.push(JSON.parse(line));
    }
  } catch (error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StateFault('States.ItemReaderFailed', `${key}: ${reason}`, { cause: error });
  }
  if (items.length === 0) throw new StateFault('States.ItemReaderFailed', `${key} has no items.`);
  return items;
}

/** The input of one iteration: the result of the ItemSelector, or the item if there is none. @throws StateFault */
export async function selectItem(state: MapState, bindings: Bindings, value: unknown, index: number): Promise<unknown> {
  const states = v.parse(v.looseObject({ context: v.looseObject({}) }), bindings.states);
  const context = { ...states.context, Map: { Item: { Index: index, Value: value } } };
  const selected =
    state.itemSelector === null
      ? value
      : await state.itemSelector.evaluate({ ...bindings, states: { ...states, context } });
  checkPayload(selected, `an item of ${state.path}`);
  return selected;
}

import { isChosen } from './chosen-keys.ts';
import type { KeyValue } from './condition-context.ts';
import { isUnknown, weightOf, type Truth } from './truth.ts';

/** The values of the keys that a caller chooses, by key. */
export type Chosen = ReadonlyMap<string, KeyValue>;

/** At most this many keys are chosen one after another. */
const MOST_CHOSEN = 3;

/**
 * An answer that may depend on keys that the caller chooses: the best one that some values give.
 * @param values to try; none if the caller does not choose the key in this request
 */
export function bestChoice<Answer extends { readonly truth: Truth }>(
  ask: (chosen: Chosen) => Answer,
  values: (key: string) => readonly KeyValue[],
  chosen: Chosen = new Map(),
): Answer {
  const answer = ask(chosen);
  const isOpen = (key: string): boolean => isChosen(key) && !chosen.has(key) && values(key).length > 0;
  const key = isUnknown(answer.truth) ? answer.truth.find(isOpen) : undefined;
  if (key === undefined || chosen.size >= MOST_CHOSEN) return answer;
  let best: Answer | null = null;
  for (const value of values(key)) {
    const one = bestChoice(ask, values, new Map([...chosen, [key, value]]));
    if (one.truth === true) return one;
    if (best === null || weightOf(one.truth) < weightOf(best.truth)) best = one;
  }
  return best ?? answer;
}

import { DefinitionError } from './faults.ts';
import type { LoadedState } from './loaded-state.ts';

function nextStates(state: LoadedState): string[] {
  switch (state.type) {
    case 'Choice':
      return [...state.choices.map(({ next }) => next), ...(state.fallback === null ? [] : [state.fallback])];
    case 'Task':
    case 'Map':
      return [...(state.next === null ? [] : [state.next]), ...state.catch.map(({ next }) => next)];
    case 'Wait':
    case 'Pass':
      return state.next === null ? [] : [state.next];
    case 'Succeed':
    case 'Fail':
      return [];
  }
}

/** Checks that every transition leads to a state, and that every state can be reached. @throws DefinitionError */
export function checkTransitions(states: ReadonlyMap<string, LoadedState>, startAt: string, parent: string): void {
  const reached = new Set<string>();
  const visit = (name: string, from: string): void => {
    const state = states.get(name);
    if (state === undefined) throw new DefinitionError(from, 'Next', `there is no state ${name}`);
    if (reached.has(name)) return;
    reached.add(name);
    for (const next of nextStates(state)) visit(next, state.path);
  };
  visit(startAt, parent);
  for (const { name, path } of states.values()) {
    if (!reached.has(name)) throw new DefinitionError(path, null, 'no transition leads here');
  }
}

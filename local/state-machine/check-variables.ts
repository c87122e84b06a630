import type { Template } from './expressions.ts';
import { DefinitionError } from './faults.ts';
import type { LoadedState, Results } from './loaded-state.ts';

interface Use {
  readonly field: string;
  readonly template: Template;
}

function templatesOf(state: LoadedState): Use[] {
  const uses: Use[] = [];
  const add = (field: string, template: Template | null): void => {
    if (template !== null) uses.push({ field, template });
  };
  const addResults = (prefix: string, { assign, output }: Results): void => {
    for (const [name, template] of assign) add(`${prefix}Assign.${name}`, template);
    add(`${prefix}Output`, output);
  };
  switch (state.type) {
    case 'Task':
      add('Arguments', state.arguments);
      break;
    case 'Map':
      add('Items', state.items);
      add('ItemReader', state.reader?.key ?? null);
      add('ItemReader', state.reader?.bucket ?? null);
      add('ItemSelector', state.itemSelector);
      add('MaxConcurrency', state.maxConcurrency);
      break;
    case 'Choice':
      state.choices.forEach((choice, index) => {
        add(`Choices.${index}.Condition`, choice.condition);
        addResults(`Choices.${index}.`, choice);
      });
      break;
    case 'Wait':
      add('Seconds', state.seconds);
      add('Timestamp', state.timestamp);
      break;
    case 'Fail':
      add('Error', state.error);
      add('Cause', state.cause);
      return uses;
    case 'Pass':
    case 'Succeed':
      break;
  }
  if (state.type === 'Task' || state.type === 'Map') {
    state.catch.forEach((catcher, index) => {
      addResults(`Catch.${index}.`, catcher);
    });
  }
  addResults('', state);
  return uses;
}

function assignedIn(states: readonly LoadedState[]): Set<string> {
  const names = new Set<string>();
  for (const state of states) {
    if (state.type === 'Fail') continue;
    const all = [state, ...('catch' in state ? state.catch : []), ...('choices' in state ? state.choices : [])];
    for (const { assign } of all) for (const [name] of assign) names.add(name);
  }
  return names;
}

/**
 * Variables do not cross into a Distributed Map's children, and an inline Map's iterations may read but not assign
 * those around them (Step Functions Developer Guide, "Variable scope").
 */
export function checkVariables(states: readonly LoadedState[], outer: ReadonlySet<string>): void {
  const own = assignedIn(states);
  for (const state of states) {
    for (const name of state.type === 'Fail' ? [] : assignedIn([state])) {
      if (outer.has(name))
        throw new DefinitionError(state.path, `Assign.${name}`, `assigns $${name} of an outer scope`);
    }
    for (const { field, template } of templatesOf(state)) {
      for (const name of template.variables) {
        if (!own.has(name) && !outer.has(name)) {
          throw new DefinitionError(state.path, field, `reads $${name}, which is assigned nowhere in its scope`);
        }
      }
    }
    if (state.type === 'Map') {
      const inner = state.processor.mode === 'INLINE' ? new Set([...outer, ...own]) : new Set<string>();
      checkVariables([...state.processor.states.values()], inner);
    }
  }
}

import type { Template } from './expressions.ts';
import { DefinitionError } from './faults.ts';
import { builtInFunctions, awsFunctionNames } from './jsonata-functions.ts';
import type { LoadedState, AssignAndOutput } from './loaded-state.ts';

interface TemplateField {
  readonly field: string;
  readonly template: Template;
}

/** A variable of an outer scope. A scope is the state machine itself, or the iterations of a Map. */
interface OuterVariable {
  readonly scope: string;
  readonly readable: boolean;
}

/** Every Assign and Output of a state, each with the prefix of its field. */
function outputsOf(state: LoadedState): (readonly [prefix: string, AssignAndOutput])[] {
  if (state.type === 'Fail') return [];
  return [
    ['', state],
    ...('catch' in state ? state.catch.map((catcher, index) => [`Catch.${index}.`, catcher] as const) : []),
    ...('choices' in state ? state.choices.map((choice, index) => [`Choices.${index}.`, choice] as const) : []),
  ];
}

function templatesOf(state: LoadedState): TemplateField[] {
  const templates: TemplateField[] = [];
  const add = (field: string, template: Template | null): void => {
    if (template !== null) templates.push({ field, template });
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
      });
      break;
    case 'Wait':
      add('Seconds', state.seconds);
      add('Timestamp', state.timestamp);
      break;
    case 'Fail':
      add('Error', state.error);
      add('Cause', state.cause);
      break;
    case 'Pass':
    case 'Succeed':
      break;
  }
  for (const [prefix, { assign, output }] of outputsOf(state)) {
    for (const [name, template] of assign) add(`${prefix}Assign.${name}`, template);
    add(`${prefix}Output`, output);
  }
  return templates;
}

/** Unicode identifiers of at most 80 characters (Step Functions Developer Guide, "Variable name syntax"). */
const variableName = /^\p{ID_Start}\p{ID_Continue}{0,79}$/u;

function checkName(name: string, state: string, field: string): void {
  const refuse = (problem: string): never => {
    throw new DefinitionError(state, field, problem);
  };
  if (name === 'states') refuse('$states is reserved');
  if (!variableName.test(name)) refuse(`${name} is not the name of a variable`);
  if (builtInFunctions.has(name) || awsFunctionNames.has(name)) refuse(`$${name} would hide the function of that name`);
}

/**
 * An inner scope must not assign a variable that an outer scope assigns, at any depth. The iterations of an inline Map
 * can read outer variables, but the children of a Distributed Map cannot (Step Functions Developer Guide, "Variable
 * scope"). AWS checks only assignments that can precede the Map. This check ignores the order of the states.
 */
export function checkVariables(
  states: readonly LoadedState[],
  scope = 'the state machine',
  outer: ReadonlyMap<string, OuterVariable> = new Map(),
): void {
  const own = new Set<string>();
  for (const state of states) {
    for (const [prefix, { assign }] of outputsOf(state)) {
      for (const [name] of assign) {
        const field = `${prefix}Assign.${name}`;
        checkName(name, state.path, field);
        const reused = outer.get(name);
        if (reused !== undefined) {
          throw new DefinitionError(state.path, field, `assigns $${name}, which ${reused.scope} around it assigns`);
        }
        own.add(name);
      }
    }
  }
  for (const state of states) {
    for (const { field, template } of templatesOf(state)) {
      for (const name of template.variables) {
        if (own.has(name) || outer.get(name)?.readable === true) continue;
        const problem = outer.has(name)
          ? `which ${outer.get(name)?.scope} assigns: the children of a Distributed Map cannot read it`
          : 'which no state in its scope assigns';
        throw new DefinitionError(state.path, field, `reads $${name}, ${problem}`);
      }
    }
    if (state.type === 'Map') {
      const inner = new Map([...outer, ...[...own].map((name) => [name, { scope, readable: true }] as const)]);
      if (state.processor.mode === 'DISTRIBUTED') {
        for (const [name, variable] of inner) inner.set(name, { ...variable, readable: false });
      }
      checkVariables([...state.processor.states.values()], `the Map ${state.path}`, inner);
    }
  }
}

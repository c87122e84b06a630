import * as v from 'valibot';
import type { Random } from '../../core/clock.ts';
import { Machine, State, type Retrier } from './definition.ts';
import { compileTemplate, ExpressionError, type Template } from './expressions.ts';
import { DefinitionError } from './faults.ts';

export interface Results {
  readonly assign: readonly (readonly [string, Template])[];
  /** Null: the result, or for states without one the input, goes on unchanged. */
  readonly output: Template | null;
}

export interface LoadedCatcher extends Results {
  readonly errorEquals: readonly string[];
  readonly next: string;
}

interface Faults {
  readonly retry: readonly Retrier[];
  readonly catch: readonly LoadedCatcher[];
}

/** Null: the execution, or the iteration, ends here. */
interface Following {
  readonly next: string | null;
}

export type LoadedState = { readonly name: string; readonly path: string } & (
  | ({ readonly type: 'Task'; readonly resource: string; readonly arguments: Template } & Results & Faults & Following)
  | ({
      readonly type: 'Map';
      readonly processor: Processor;
      readonly items: Template | null;
      readonly reader: { readonly bucket: Template; readonly key: Template } | null;
      readonly itemSelector: Template | null;
      readonly maxConcurrency: Template;
      readonly toleratedFailurePercentage: number;
    } & Results &
      Faults &
      Following)
  | ({
      readonly type: 'Choice';
      readonly choices: readonly (Results & { readonly condition: Template; readonly next: string })[];
      readonly fallback: string | null;
    } & Results)
  | ({ readonly type: 'Wait'; readonly seconds: Template | null; readonly timestamp: Template | null } & Results &
      Following)
  | ({ readonly type: 'Pass' } & Results & Following)
  | ({ readonly type: 'Succeed' } & Results)
  | { readonly type: 'Fail'; readonly error: Template; readonly cause: Template }
);

export interface Processor {
  readonly mode: 'INLINE' | 'DISTRIBUTED';
  readonly startAt: string;
  readonly states: ReadonlyMap<string, LoadedState>;
}

export interface LoadedMachine {
  readonly processor: Processor;
  readonly timeoutSeconds: number | null;
}

/**
 * Reads a definition and makes sure that it means here what it means in the cloud.
 * @param definition ASL as JSON text or parsed, with every CloudFormation reference resolved
 * @throws DefinitionError for everything that is not implemented, leads nowhere, or reads a variable out of its scope
 */
export function loadStateMachine(definition: unknown, random: Random): LoadedMachine {
  const content: unknown = typeof definition === 'string' ? JSON.parse(definition) : definition;
  const parsed = v.safeParse(Machine, content);
  if (!parsed.success) throw notImplemented('', parsed.issues);
  const { StartAt, States, TimeoutSeconds } = parsed.output;
  const states = loadStates(States, StartAt, '', random);
  checkVariables([...states.values()], new Set());
  return { processor: { mode: 'INLINE', startAt: StartAt, states }, timeoutSeconds: TimeoutSeconds ?? null };
}

function notImplemented(
  state: string,
  issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]],
): DefinitionError {
  const [issue] = issues;
  const field = v.getDotPath(issue);
  const problem = issue.expected === 'never' ? 'this field is not implemented' : issue.message;
  return new DefinitionError(state, field, problem);
}

function loadStates(
  raw: Readonly<Record<string, unknown>>,
  startAt: string,
  parent: string,
  random: Random,
): Map<string, LoadedState> {
  const states = new Map<string, LoadedState>();
  for (const [name, value] of Object.entries(raw)) {
    const path = parent === '' ? name : `${parent}/${name}`;
    const parsed = v.safeParse(State, value);
    if (!parsed.success) throw notImplemented(path, parsed.issues);
    states.set(name, loadState(parsed.output, name, path, random));
  }
  if (!states.has(startAt)) throw new DefinitionError(parent, 'StartAt', `there is no state ${startAt}`);
  checkPaths(states, startAt, parent);
  return states;
}

function loadState(state: State, name: string, path: string, random: Random): LoadedState {
  const compile = (field: string, value: unknown): Template => {
    try {
      return compileTemplate(value, random);
    } catch (error: unknown) {
      if (error instanceof ExpressionError) throw new DefinitionError(path, field, error.message);
      throw error;
    }
  };
  const optional = (field: string, value: unknown): Template | null =>
    value === undefined ? null : compile(field, value);
  const results = (from: { Assign?: Record<string, unknown> | undefined; Output?: unknown }): Results => ({
    assign: Object.entries(from.Assign ?? {}).map(([key, value]) => [key, compile(`Assign.${key}`, value)] as const),
    output: optional('Output', from.Output),
  });
  const following = (from: { Next?: string | undefined; End?: true | undefined }): Following => {
    if ((from.Next === undefined) === (from.End === undefined)) {
      throw new DefinitionError(path, 'Next', 'a state has either Next or End');
    }
    return { next: from.Next ?? null };
  };
  const faults = (from: {
    Retry: Retrier[];
    Catch: { ErrorEquals: string[]; Next: string; Assign?: Record<string, unknown> | undefined; Output?: unknown }[];
  }): Faults => ({
    retry: from.Retry,
    catch: from.Catch.map((catcher) => ({ errorEquals: catcher.ErrorEquals, next: catcher.Next, ...results(catcher) })),
  });

  switch (state.Type) {
    case 'Task':
      return {
        name,
        path,
        type: 'Task',
        resource: state.Resource,
        arguments: compile('Arguments', state.Arguments),
        ...results(state),
        ...faults(state),
        ...following(state),
      };
    case 'Map': {
      const { ProcessorConfig, StartAt, States } = state.ItemProcessor;
      if ((state.Items === undefined) === (state.ItemReader === undefined)) {
        throw new DefinitionError(path, 'Items', 'a Map has either Items or an ItemReader');
      }
      if (state.ItemReader !== undefined && ProcessorConfig.Mode === 'INLINE') {
        throw new DefinitionError(path, 'ItemReader', 'only a distributed Map has a reader');
      }
      return {
        name,
        path,
        type: 'Map',
        processor: { mode: ProcessorConfig.Mode, startAt: StartAt, states: loadStates(States, StartAt, path, random) },
        items: optional('Items', state.Items),
        reader:
          state.ItemReader === undefined
            ? null
            : {
                bucket: compile('ItemReader.Arguments.Bucket', state.ItemReader.Arguments.Bucket),
                key: compile('ItemReader.Arguments.Key', state.ItemReader.Arguments.Key),
              },
        itemSelector: optional('ItemSelector', state.ItemSelector),
        maxConcurrency: compile('MaxConcurrency', state.MaxConcurrency),
        toleratedFailurePercentage: state.ToleratedFailurePercentage ?? 0,
        ...results(state),
        ...faults(state),
        ...following(state),
      };
    }
    case 'Choice':
      return {
        name,
        path,
        type: 'Choice',
        choices: state.Choices.map((choice, index) => ({
          condition: compile(`Choices.${index}.Condition`, choice.Condition),
          next: choice.Next,
          ...results(choice),
        })),
        fallback: state.Default ?? null,
        ...results(state),
      };
    case 'Wait':
      if ((state.Seconds === undefined) === (state.Timestamp === undefined)) {
        throw new DefinitionError(path, 'Seconds', 'a Wait has either Seconds or a Timestamp');
      }
      return {
        name,
        path,
        type: 'Wait',
        seconds: optional('Seconds', state.Seconds),
        timestamp: optional('Timestamp', state.Timestamp),
        ...results(state),
        ...following(state),
      };
    case 'Pass':
      return { name, path, type: 'Pass', ...results(state), ...following(state) };
    case 'Succeed':
      return { name, path, type: 'Succeed', ...results(state) };
    case 'Fail':
      return {
        name,
        path,
        type: 'Fail',
        error: compile('Error', state.Error ?? ''),
        cause: compile('Cause', state.Cause ?? ''),
      };
  }
}

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

/** Every transition leads to a state, and every state can be reached. */
function checkPaths(states: ReadonlyMap<string, LoadedState>, startAt: string, parent: string): void {
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
function checkVariables(states: readonly LoadedState[], outer: ReadonlySet<string>): void {
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

import * as v from 'valibot';
import type { Random } from '../../core/ports/clock.ts';
import { checkTransitions } from './check-transitions.ts';
import { checkVariables } from './check-variables.ts';
import { Machine, State, type Retrier } from './definition.ts';
import { ExpressionError } from './expression-syntax.ts';
import { compileTemplate, type Template } from './expressions.ts';
import { DefinitionError } from './faults.ts';
import { taskService } from './task.ts';
import type { ErrorHandling, Transition, LoadedMachine, LoadedState, AssignAndOutput } from './loaded-state.ts';
import type { OptionalField } from './states-fields.ts';

/** Step Functions quotas: a state machine's definition. */
const MAX_DEFINITION_BYTES = 1024 * 1024;

/** Maximum number of characters in a state's name. */
const MAX_NAME_CHARACTERS = 80;

/** The expressions of a Task or a Map can read its retry count. */
const RETRIES = 'context.State.RetryCount';

/**
 * Loads a definition, and checks that it has the same meaning here as in the cloud.
 * @param definition ASL as JSON text or parsed, with every CloudFormation reference resolved
 * @throws DefinitionError for an unimplemented field, a transition to no state, or a variable used outside its scope
 */
export function loadStateMachine(definition: unknown, random: Random): LoadedMachine {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DEFINITION_BYTES) {
    throw new DefinitionError('', null, `it has ${bytes} bytes, and at most ${MAX_DEFINITION_BYTES} are allowed`);
  }
  const content: unknown = JSON.parse(text);
  const parsed = v.safeParse(Machine, content);
  if (!parsed.success) throw notImplemented('', parsed.issues);
  const { StartAt, States, TimeoutSeconds } = parsed.output;
  const states = loadStates(States, StartAt, '', random, new Set());
  checkVariables([...states.values()]);
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
  usedNames: Set<string>,
): Map<string, LoadedState> {
  const states = new Map<string, LoadedState>();
  for (const [name, value] of Object.entries(raw)) {
    const path = parent === '' ? name : `${parent}/${name}`;
    if (name === '' || name.length > MAX_NAME_CHARACTERS) {
      throw new DefinitionError(path, null, `a state's name has between 1 and ${MAX_NAME_CHARACTERS} characters`);
    }
    if (usedNames.has(name)) throw new DefinitionError(path, null, 'another state of the state machine has this name');
    usedNames.add(name);
    const parsed = v.safeParse(State, value);
    if (!parsed.success) throw notImplemented(path, parsed.issues);
    states.set(name, loadState(parsed.output, name, path, random, usedNames));
  }
  if (!states.has(startAt)) throw new DefinitionError(parent, 'StartAt', `there is no state ${startAt}`);
  checkTransitions(states, startAt, parent);
  return states;
}

function loadState(state: State, name: string, path: string, random: Random, usedNames: Set<string>): LoadedState {
  const compile = (field: string, value: unknown, ...available: OptionalField[]): Template => {
    try {
      return compileTemplate(value, { random, available: new Set(available) });
    } catch (error: unknown) {
      if (error instanceof ExpressionError) throw new DefinitionError(path, field, error.message);
      throw error;
    }
  };
  const optional = (field: string, value: unknown, ...available: OptionalField[]): Template | null =>
    value === undefined ? null : compile(field, value, ...available);
  const assignAndOutput = (
    from: { Assign?: Record<string, unknown> | undefined; Output?: unknown },
    prefix = '',
    ...available: OptionalField[]
  ): AssignAndOutput => ({
    assign: Object.entries(from.Assign ?? {}).map(
      ([key, value]) => [key, compile(`${prefix}Assign.${key}`, value, ...available)] as const,
    ),
    output: optional(`${prefix}Output`, from.Output, ...available),
  });
  const nextState = (from: { Next?: string | undefined; End?: true | undefined }): Transition => {
    if ((from.Next === undefined) === (from.End === undefined)) {
      throw new DefinitionError(path, 'Next', 'a state has either Next or End');
    }
    return { next: from.Next ?? null };
  };
  const errorHandling = (from: {
    Retry: Retrier[];
    Catch: { ErrorEquals: string[]; Next: string; Assign?: Record<string, unknown> | undefined; Output?: unknown }[];
  }): ErrorHandling => ({
    retry: from.Retry,
    catch: from.Catch.map((catcher, index) => ({
      errorEquals: catcher.ErrorEquals,
      next: catcher.Next,
      ...assignAndOutput(catcher, `Catch.${index}.`, 'errorOutput', RETRIES),
    })),
  });

  switch (state.Type) {
    case 'Task':
      if (taskService(state.Resource) === null) {
        throw new DefinitionError(path, 'Resource', `${state.Resource} is not implemented`);
      }
      return {
        name,
        path,
        type: 'Task',
        resource: state.Resource,
        arguments: compile('Arguments', state.Arguments, RETRIES),
        ...assignAndOutput(state, '', 'result', RETRIES),
        ...errorHandling(state),
        ...nextState(state),
      };
    case 'Map': {
      const { ProcessorConfig, StartAt, States } = state.ItemProcessor;
      if ((state.Items === undefined) === (state.ItemReader === undefined)) {
        throw new DefinitionError(path, 'Items', 'a Map has either Items or an ItemReader');
      }
      if (state.ItemReader !== undefined && ProcessorConfig.Mode === 'INLINE') {
        throw new DefinitionError(path, 'ItemReader', 'only a distributed Map has a reader');
      }
      if (state.ToleratedFailurePercentage !== undefined && ProcessorConfig.Mode === 'INLINE') {
        throw new DefinitionError(path, 'ToleratedFailurePercentage', 'only a distributed Map tolerates failures');
      }
      return {
        name,
        path,
        type: 'Map',
        processor: {
          mode: ProcessorConfig.Mode,
          startAt: StartAt,
          states: loadStates(States, StartAt, path, random, usedNames),
        },
        items: optional('Items', state.Items, RETRIES),
        reader:
          state.ItemReader === undefined
            ? null
            : {
                bucket: compile('ItemReader.Arguments.Bucket', state.ItemReader.Arguments.Bucket, RETRIES),
                key: compile('ItemReader.Arguments.Key', state.ItemReader.Arguments.Key, RETRIES),
              },
        itemSelector: optional(
          'ItemSelector',
          state.ItemSelector,
          RETRIES,
          'context.Map.Item.Index',
          'context.Map.Item.Value',
        ),
        maxConcurrency: compile('MaxConcurrency', state.MaxConcurrency, RETRIES),
        toleratedFailurePercentage: state.ToleratedFailurePercentage ?? 0,
        ...assignAndOutput(state, '', 'result', RETRIES),
        ...errorHandling(state),
        ...nextState(state),
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
          ...assignAndOutput(choice, `Choices.${index}.`),
        })),
        fallback: state.Default ?? null,
        ...assignAndOutput(state),
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
        ...assignAndOutput(state),
        ...nextState(state),
      };
    case 'Pass':
      return { name, path, type: 'Pass', ...assignAndOutput(state), ...nextState(state) };
    case 'Succeed':
      return { name, path, type: 'Succeed', ...assignAndOutput(state) };
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

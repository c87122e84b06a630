import * as v from 'valibot';
import type { ExecutionEnvironment, ExecutionEvent } from './execution-environment.ts';
import type { ExecutionTime } from './execution-time.ts';
import type { Bindings } from './expressions.ts';
import { StateFault } from './faults.ts';
import { newJournal, type ExecutionContext, type Journal } from './journal.ts';
import type { AssignAndOutput, LoadedState, Processor } from './loaded-state.ts';
import { itemsOf, selectItem } from './map-items.ts';
import { runIterations } from './map-iterations.ts';
import { parseField, WaitSeconds, WholeNumber } from './parse-field.ts';
import { checkPayload } from './payload.ts';
import { runWithRetries } from './retry.ts';
import { runTask } from './task.ts';
import { isTimestamp, timestamp } from './timestamp.ts';
import { Variables } from './variables.ts';

interface Outcome {
  readonly output: unknown;
  readonly next: string | null;
}

/** Makes the bindings of a state's expressions. A Task or a Map passes its retry count. */
type StateBindings = (extra: Bindings, retryCount?: number) => Bindings;

type StateOf<Type extends LoadedState['type']> = Extract<LoadedState, { type: Type }>;

/**
 * Transitions that Step Functions bills for Standard workflows: each entered state, each retry, and each start of a
 * Distributed Map child (Step Functions pricing; Developer Guide, "Distributed Map").
 */
interface TransitionCount {
  transitions: number;
}

export class Execution {
  constructor(
    private readonly environment: ExecutionEnvironment,
    private readonly context: ExecutionContext,
    private readonly time: ExecutionTime,
    private readonly count: TransitionCount,
    /** What the execution has done before, if it is redriven. */
    private readonly journal: Journal,
  ) {}

  /**
   * Enters one state after another, until a state has no next one. A redriven execution begins with the state that did not succeed.
   * @throws StateFault, ExecutionAborted
   */
  async run(processor: Processor, input: unknown, variables: Variables): Promise<unknown> {
    const { at } = this.journal;
    let current = processor.states.get(at?.name ?? processor.startAt);
    let data = at === null ? input : at.input;
    variables.assign(at?.variables ?? []);
    while (current !== undefined) {
      this.journal.at = { name: current.name, input: data, variables: variables.own() };
      const { output, next } = await this.#enter(current, data, variables);
      this.journal.iterations.clear();
      this.time.checkDeadline();
      data = output;
      if (next === null) return data;
      current = processor.states.get(next);
    }
    throw new StateFault('States.Runtime', 'The definition leads to a state that does not exist.');
  }

  async #enter(state: LoadedState, input: unknown, variables: Variables): Promise<Outcome> {
    this.time.check();
    this.count.transitions += 1;
    this.#report({ kind: 'entered', path: state.path });
    const entered = { Name: state.name, EnteredTime: timestamp(this.time.now()) };
    const bindings: StateBindings = (extra, retryCount) => ({
      ...variables.all(),
      states: {
        input,
        context: {
          Execution: this.context,
          State: retryCount === undefined ? entered : { ...entered, RetryCount: retryCount },
        },
        ...extra,
      },
    });
    switch (state.type) {
      case 'Succeed':
        return { ...(await this.#assignAndOutput(state, bindings({}), variables, input)), next: null };
      case 'Pass':
        return { ...(await this.#assignAndOutput(state, bindings({}), variables, input)), next: state.next };
      case 'Wait':
        await this.#wait(state, bindings({}));
        return { ...(await this.#assignAndOutput(state, bindings({}), variables, input)), next: state.next };
      case 'Choice':
        return this.#choose(state, bindings({}), variables, input);
      case 'Fail':
        throw new StateFault(
          parseField(v.string(), await state.error.evaluate(bindings({})), `${state.path}, Error`),
          parseField(v.string(), await state.cause.evaluate(bindings({})), `${state.path}, Cause`),
        );
      case 'Task':
      case 'Map':
        return this.#runWithErrorHandling(state, bindings, variables);
    }
  }

  async #runWithErrorHandling(
    state: StateOf<'Task'> | StateOf<'Map'>,
    bindings: StateBindings,
    variables: Variables,
  ): Promise<Outcome> {
    const work = async (retryCount: number): Promise<Outcome> => {
      const before = bindings({}, retryCount);
      const result =
        state.type === 'Task' ? await this.#task(state, before) : await this.#map(state, before, variables);
      checkPayload(result, `the result of ${state.path}`);
      return {
        ...(await this.#assignAndOutput(state, bindings({ result }, retryCount), variables, result)),
        next: state.next,
      };
    };
    return runWithRetries<Outcome>({
      work,
      retriers: state.retry,
      catchers: state.catch,
      random: this.environment.random,
      onRetry: async (fault, delayMs) => {
        this.time.check();
        this.count.transitions += 1;
        this.#report({ kind: 'retried', path: state.path, error: fault.error });
        // Unlike a redrive, a retry of a Map repeats all its iterations.
        this.journal.iterations.clear();
        await this.time.sleep(delayMs);
      },
      onCatch: async (fault, catcher, retryCount) => {
        this.#report({ kind: 'caught', path: state.path, error: fault.error });
        const errorOutput = { Error: fault.error, Cause: fault.reason };
        const caught = await this.#assignAndOutput(
          catcher,
          bindings({ errorOutput }, retryCount),
          variables,
          errorOutput,
        );
        return { ...caught, next: catcher.next };
      },
    });
  }

  /** Assign and Output both read the variables as they were before the assignment. */
  async #assignAndOutput(
    { assign, output }: AssignAndOutput,
    bindings: Bindings,
    variables: Variables,
    unchanged: unknown,
  ): Promise<{ output: unknown }> {
    const [values, result] = await Promise.all([
      Promise.all(assign.map(async ([name, template]) => [name, await template.evaluate(bindings)] as const)),
      output === null ? Promise.resolve(unchanged) : output.evaluate(bindings),
    ]);
    checkPayload(result, 'an output');
    variables.assign(values);
    return { output: result };
  }

  async #choose(state: StateOf<'Choice'>, bindings: Bindings, variables: Variables, input: unknown): Promise<Outcome> {
    for (const choice of state.choices) {
      const holds = await choice.condition.evaluate(bindings);
      if (typeof holds !== 'boolean') {
        throw new StateFault('States.QueryEvaluationError', `A condition of ${state.path} is neither true nor false.`);
      }
      if (holds) return { ...(await this.#assignAndOutput(choice, bindings, variables, input)), next: choice.next };
    }
    if (state.fallback === null)
      throw new StateFault('States.NoChoiceMatched', `No condition of ${state.path} is true.`);
    return { ...(await this.#assignAndOutput(state, bindings, variables, input)), next: state.fallback };
  }

  async #wait(state: StateOf<'Wait'>, bindings: Bindings): Promise<void> {
    if (state.seconds !== null) {
      const seconds = parseField(WaitSeconds, await state.seconds.evaluate(bindings), `${state.path}, Seconds`);
      return this.time.sleep(seconds * 1000);
    }
    const Timestamp = v.pipe(v.string(), v.check(isTimestamp, 'must be a timestamp'));
    const until = parseField(Timestamp, await state.timestamp?.evaluate(bindings), `${state.path}, Timestamp`);
    return this.time.sleep(Date.parse(until) - this.time.now());
  }

  async #task(state: StateOf<'Task'>, bindings: Bindings): Promise<unknown> {
    const parameters = await state.arguments.evaluate(bindings);
    checkPayload(parameters, `the payload of ${state.path}`);
    return runTask(state.resource, parameters, this.environment);
  }

  async #map(state: StateOf<'Map'>, bindings: Bindings, variables: Variables): Promise<unknown> {
    const { mode } = state.processor;
    return runIterations({
      mode,
      items: await itemsOf(state, bindings, this.environment.readLines),
      maxConcurrency: parseField(
        WholeNumber,
        await state.maxConcurrency.evaluate(bindings),
        `${state.path}, MaxConcurrency`,
      ),
      tolerated: state.toleratedFailurePercentage,
      ...(this.environment.signal === undefined ? {} : { signal: this.environment.signal }),
      iterate: async (value, index, signal) => {
        const { iterations } = this.journal;
        const earlier = iterations.get(index);
        if (earlier?.kind === 'succeeded') return earlier.output;
        const selected = await selectItem(state, bindings, value, index);
        const scope = mode === 'DISTRIBUTED' ? Variables.ofExecution() : variables.inner();
        const journal = earlier?.journal ?? newJournal();
        const context =
          earlier?.context ?? (mode === 'DISTRIBUTED' ? this.#childContext(index, selected) : this.context);
        iterations.set(index, { kind: 'open', journal, context });
        const environment = { ...this.environment, signal };
        const iteration = new Execution(environment, context, this.time.until(signal), this.count, journal);
        try {
          const output = await iteration.run(state.processor, selected, scope);
          iterations.set(index, { kind: 'succeeded', output });
          return output;
        } finally {
          scope.deleteOwn();
        }
      },
      onTolerated: ({ error }) => {
        this.#report({ kind: 'childFailed', path: state.path, error });
      },
    });
  }

  /** A child of a Distributed Map is a separate execution. Its start is billed as one transition. */
  #childContext(index: number, input: unknown): ExecutionContext {
    this.count.transitions += 1;
    return {
      Id: `${this.context.Id}/${index}`,
      Name: `${this.context.Name}-${index}`,
      StartTime: timestamp(this.time.now()),
      Input: input,
    };
  }

  #report(event: ExecutionEvent): void {
    this.environment.onEvent?.(event);
  }
}

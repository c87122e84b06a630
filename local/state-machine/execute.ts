import pLimit from 'p-limit';
import * as v from 'valibot';
import type { Clock, Random } from '../../core/clock.ts';
import type { Bindings } from './expressions.ts';
import { ExecutionAborted, StateFault } from './faults.ts';
import type { LoadedMachine, LoadedState, Processor, Results } from './loaded-state.ts';
import { itemsOf, selectItem } from './map-items.ts';
import { attempt } from './retry.ts';
import { runTask, type TaskTargets } from './task.ts';
import { checkPayload } from './payload.ts';
import { typed, WholeNumber } from './typed.ts';
import { Variables } from './variables.ts';

export interface ExecutionEvent {
  readonly kind: 'entered' | 'retried' | 'caught' | 'childStarted' | 'childFailed';
  /** The state's name behind those of the Maps around it. */
  readonly path: string;
  /** The error's name, of a fault. */
  readonly error?: string;
}

/** The world around a state machine on one machine. */
export interface ExecutionEnvironment extends TaskTargets {
  readonly clock: Clock;
  readonly random: Random;
  /** The lines of a reader's object. */
  readonly readLines: (bucket: string, key: string) => AsyncIterable<string>;
  /** Stops the execution: no further state is entered, waits end at once, tasks that run are awaited. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ExecutionEvent) => void;
}

export interface ExecutionStart {
  readonly name: string;
  readonly id: string;
  readonly input: unknown;
  /** Milliseconds since the epoch, as the context object shows it. */
  readonly startedAt: number;
}

export type ExecutionResult = {
  /** State transitions as Step Functions bills them. */
  readonly transitions: number;
} & (
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; readonly error: string; readonly cause: string }
);

const iso = (ms: number): string => new Date(ms).toISOString();

/** Runs a state machine from its start to its end. */
export async function execute(
  machine: LoadedMachine,
  start: ExecutionStart,
  environment: ExecutionEnvironment,
): Promise<ExecutionResult> {
  const { startedAt } = start;
  const execution = new Execution(
    environment,
    {
      Execution: { Id: start.id, Name: start.name, StartTime: iso(startedAt), Input: start.input },
      StateMachine: { Id: 'local', Name: 'local' },
    },
    machine.timeoutSeconds === null ? Number.POSITIVE_INFINITY : startedAt + machine.timeoutSeconds * 1000,
  );
  const result = (): { transitions: number } => ({ transitions: execution.transitions });
  try {
    checkPayload(start.input, 'the execution’s input');
    const output = await execution.run(machine.processor, start.input, new Variables(null));
    return { status: 'SUCCEEDED', output, ...result() };
  } catch (error: unknown) {
    if (error instanceof ExecutionAborted) {
      return { status: 'ABORTED', error: 'Aborted', cause: error.message, ...result() };
    }
    if (!(error instanceof StateFault)) throw error;
    const timedOut = error.error === 'States.Timeout' && environment.clock.now() >= execution.deadline;
    return { status: timedOut ? 'TIMED_OUT' : 'FAILED', error: error.error, cause: error.reason, ...result() };
  }
}

interface Outcome {
  readonly output: unknown;
  readonly next: string | null;
}

type StateOf<Type extends LoadedState['type']> = Extract<LoadedState, { type: Type }>;

class Execution {
  /**
   * Counted as Step Functions bills Standard workflows: each state entered, each retry, and each start of a
   * Distributed Map child (Step Functions pricing; Developer Guide, "Distributed Map").
   */
  transitions = 0;

  constructor(
    private readonly environment: ExecutionEnvironment,
    private readonly context: Readonly<Record<string, unknown>>,
    readonly deadline: number,
  ) {}

  /** Enters state after state. @throws StateFault, ExecutionAborted */
  async run(processor: Processor, input: unknown, variables: Variables): Promise<unknown> {
    let current = processor.states.get(processor.startAt);
    let data = input;
    while (current !== undefined) {
      const { output, next } = await this.#enter(current, data, variables);
      data = output;
      if (next === null) return data;
      current = processor.states.get(next);
    }
    throw new StateFault('States.Runtime', 'The definition leads to no state.');
  }

  async #enter(state: LoadedState, input: unknown, variables: Variables): Promise<Outcome> {
    this.#checkStopped();
    this.transitions += 1;
    this.#tell({ kind: 'entered', path: state.path });
    const enteredAt = iso(this.environment.clock.now());
    const bindings = (extra: Bindings, retryCount = 0): Bindings => ({
      ...variables.all(),
      states: {
        input,
        context: { ...this.context, State: { Name: state.name, EnteredTime: enteredAt, RetryCount: retryCount } },
        ...extra,
      },
    });
    switch (state.type) {
      case 'Succeed':
        return { ...(await this.#results(state, bindings({}), variables, input)), next: null };
      case 'Pass':
        return { ...(await this.#results(state, bindings({}), variables, input)), next: state.next };
      case 'Wait':
        await this.#wait(state, bindings({}));
        return { ...(await this.#results(state, bindings({}), variables, input)), next: state.next };
      case 'Choice':
        return this.#choose(state, bindings({}), variables, input);
      case 'Fail':
        throw new StateFault(
          typed(v.string(), await state.error.evaluate(bindings({})), `${state.path}, Error`),
          typed(v.string(), await state.cause.evaluate(bindings({})), `${state.path}, Cause`),
        );
      case 'Task':
      case 'Map':
        return this.#withFaults(state, bindings, variables);
    }
  }

  async #withFaults(
    state: StateOf<'Task'> | StateOf<'Map'>,
    bindings: (extra: Bindings, retryCount?: number) => Bindings,
    variables: Variables,
  ): Promise<Outcome> {
    const work = async (retryCount: number): Promise<Outcome> => {
      const before = bindings({}, retryCount);
      const result =
        state.type === 'Task' ? await this.#task(state, before) : await this.#map(state, before, variables);
      checkPayload(result, `the result of ${state.path}`);
      return { ...(await this.#results(state, bindings({ result }, retryCount), variables, result)), next: state.next };
    };
    return attempt<Outcome>({
      work,
      retriers: state.retry,
      catchers: state.catch,
      random: this.environment.random,
      onRetry: async (fault, delayMs) => {
        this.#checkStopped();
        this.transitions += 1;
        this.#tell({ kind: 'retried', path: state.path, error: fault.error });
        await this.#sleep(delayMs);
      },
      onCatch: async (fault, catcher) => {
        this.#tell({ kind: 'caught', path: state.path, error: fault.error });
        const errorOutput = { Error: fault.error, Cause: fault.reason };
        const caught = await this.#results(catcher, bindings({ errorOutput }), variables, errorOutput);
        return { ...caught, next: catcher.next };
      },
    });
  }

  /** Output and Assign are evaluated side by side, on the variables as they were. */
  async #results(
    { assign, output }: Results,
    bindings: Bindings,
    variables: Variables,
    unchanged: unknown,
  ): Promise<{ output: unknown }> {
    const [values, result] = await Promise.all([
      Promise.all(assign.map(async ([name, template]) => [name, await template.evaluate(bindings)] as const)),
      output === null ? Promise.resolve(unchanged) : output.evaluate(bindings),
    ]);
    checkPayload(result, 'an output');
    for (const [name, value] of values) {
      checkPayload(value, `the variable ${name}`);
      variables.assign(name, value);
    }
    return { output: result };
  }

  async #choose(state: StateOf<'Choice'>, bindings: Bindings, variables: Variables, input: unknown): Promise<Outcome> {
    for (const choice of state.choices) {
      const holds = await choice.condition.evaluate(bindings);
      if (typeof holds !== 'boolean') {
        throw new StateFault('States.QueryEvaluationError', `A condition of ${state.path} is neither true nor false.`);
      }
      if (holds) return { ...(await this.#results(choice, bindings, variables, input)), next: choice.next };
    }
    if (state.fallback === null) throw new StateFault('States.NoChoiceMatched', `Nothing in ${state.path} holds.`);
    return { ...(await this.#results(state, bindings, variables, input)), next: state.fallback };
  }

  async #wait(state: StateOf<'Wait'>, bindings: Bindings): Promise<void> {
    const now = this.environment.clock.now();
    if (state.seconds !== null) {
      const seconds = typed(WholeNumber, await state.seconds.evaluate(bindings), `${state.path}, Seconds`);
      return this.#sleep(seconds * 1000);
    }
    const timestamp = v.safeParse(v.pipe(v.string(), v.isoTimestamp()), await state.timestamp?.evaluate(bindings));
    if (!timestamp.success) {
      throw new StateFault('States.Runtime', `${state.path} waits for no timestamp: ${timestamp.issues[0].message}`);
    }
    return this.#sleep(Date.parse(timestamp.output) - now);
  }

  async #task(state: StateOf<'Task'>, bindings: Bindings): Promise<unknown> {
    const parameters = await state.arguments.evaluate(bindings);
    checkPayload(parameters, `the payload of ${state.path}`);
    return runTask(state.resource, parameters, this.environment);
  }

  async #map(state: StateOf<'Map'>, bindings: Bindings, variables: Variables): Promise<unknown> {
    const items = await itemsOf(state, bindings, this.environment.readLines);
    const concurrency = typed(
      WholeNumber,
      await state.maxConcurrency.evaluate(bindings),
      `${state.path}, MaxConcurrency`,
    );
    const limit = pLimit(concurrency === 0 ? Number.POSITIVE_INFINITY : concurrency);
    const distributed = state.processor.mode === 'DISTRIBUTED';
    let failures = 0;
    const stop: { reason: Error | null } = { reason: null };

    const iterate = async (value: unknown, index: number): Promise<unknown> => {
      if (stop.reason !== null) return null;
      const selected = await selectItem(state, bindings, value, index);
      const scope = new Variables(distributed ? null : variables);
      const child = distributed ? this.#child(index, selected) : this;
      try {
        return await child.run(state.processor, selected, scope);
      } catch (error: unknown) {
        failures += 1;
        // A Distributed Map tolerates failed children; nothing tolerates being stopped.
        if (!(error instanceof StateFault) || !this.#tolerates(state, failures, items.length)) {
          stop.reason = error instanceof Error ? error : new Error(String(error));
        } else {
          this.#tell({ kind: 'childFailed', path: state.path, error: error.error });
        }
        return null;
      } finally {
        if (child !== this) this.transitions += child.transitions;
      }
    };
    const results = await Promise.all(items.map((value, index) => limit(() => iterate(value, index))));
    if (stop.reason !== null) {
      if (!distributed || !(stop.reason instanceof StateFault)) throw stop.reason;
      throw new StateFault(
        'States.ExceedToleratedFailureThreshold',
        `${failures} of ${items.length} items failed: ${stop.reason.message}`,
      );
    }
    return results;
  }

  /** A child of a Distributed Map is an execution of its own; its start is billed too. */
  #child(index: number, input: unknown): Execution {
    const own = v.parse(v.object({ Id: v.string(), Name: v.string() }), this.context.Execution);
    const child = new Execution(
      this.environment,
      {
        ...this.context,
        Execution: {
          Id: `${own.Id}/${index}`,
          Name: `${own.Name}-${index}`,
          StartTime: iso(this.environment.clock.now()),
          Input: input,
        },
      },
      this.deadline,
    );
    child.transitions = 1;
    return child;
  }

  #tolerates(state: StateOf<'Map'>, failures: number, items: number): boolean {
    return state.processor.mode === 'DISTRIBUTED' && (failures * 100) / items <= state.toleratedFailurePercentage;
  }

  #checkStopped(): void {
    if (this.environment.signal?.aborted === true) throw new ExecutionAborted('The execution was stopped.');
    if (this.environment.clock.now() >= this.deadline) {
      throw new StateFault('States.Timeout', 'The execution took longer than its TimeoutSeconds.');
    }
  }

  async #sleep(ms: number): Promise<void> {
    const { clock, signal } = this.environment;
    const allowed = Math.min(ms, this.deadline - clock.now());
    if (signal === undefined) {
      await clock.sleep(allowed);
    } else {
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          resolve();
        };
        signal.addEventListener('abort', stop, { once: true });
        clock.sleep(allowed).then(() => {
          signal.removeEventListener('abort', stop);
          resolve();
        }, reject);
      });
    }
    this.#checkStopped();
  }

  #tell(event: ExecutionEvent): void {
    this.environment.onEvent?.(event);
  }
}

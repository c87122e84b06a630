import type { HandlerName } from '../../../core/contract/environment.ts';
import type { ExecutionInput } from '../../../core/contract/execution-input.ts';
import { PlanRunOutput } from '../../../core/contract/messages.ts';
import { runIdOf } from '../../../core/run/run-id.ts';
import { execute, type ExecutionResult } from '../../../local/state-machine/execute.ts';
import { newJournal, type Journal } from '../../../local/state-machine/journal.ts';
import { loadStateMachine } from '../../../local/state-machine/load.ts';
import { workflowDefinition, type Synthesised } from '../../../local/synthesised-definition.ts';
import * as v from 'valibot';
import { Invocations } from './invocations.ts';
import { LambdaFault } from './life.ts';
import type { ChaosWorld } from './world.ts';

/** The definitions, loaded once in a process: reading them takes real time. @param ofOrganization of `workflowDefinition` */
const definitions = new Map<boolean, Promise<Synthesised>>();
export function definitionFor(ofOrganization: boolean): Promise<Synthesised> {
  const loaded = definitions.get(ofOrganization) ?? workflowDefinition({ ofOrganization });
  definitions.set(ofOrganization, loaded);
  return loaded;
}

/** How an execution is broken, so that it can be redriven. */
export interface Break {
  /** Milliseconds after its start at which it is stopped; null if it is not. */
  readonly stopAfterMs: number | null;
  /** A function that fails at every attempt; null if none does. */
  readonly failing: HandlerName | null;
}

/** An execution that was started, with everything that the checks need. */
export interface ObservedExecution {
  readonly id: string;
  readonly name: string;
  readonly runId: string;
  readonly input: ExecutionInput;
  readonly startedAt: number;
  /** Of the last redrive. */
  endedAt: number;
  /** Of the last redrive. */
  result: ExecutionResult | null;
  /** What PlanRun decided; null if it never returned. */
  decision: PlanRunOutput['decision'] | null;
  /** What the interpreter has done, for a redrive. */
  readonly journal: Journal;
}

/** Starts and redrives executions of the synthesised workflow. */
export class Executions {
  readonly observed: ObservedExecution[] = [];
  readonly invocations: Invocations;

  constructor(
    private readonly world: ChaosWorld,
    private readonly synthesised: Synthesised,
  ) {
    this.invocations = new Invocations(world);
  }

  async start(name: string, input: ExecutionInput, broken: Break | null = null): Promise<ObservedExecution> {
    const startedAt = this.world.clock.now();
    const runId = await runIdOf(name, new Date(startedAt).toISOString());
    const execution: ObservedExecution = {
      id: `chaos:${name}`,
      name,
      runId,
      input,
      startedAt,
      endedAt: startedAt,
      result: null,
      decision: null,
      journal: newJournal(),
    };
    this.observed.push(execution);
    await this.#run(execution, broken);
    return execution;
  }

  /** Redrives an execution that did not succeed. As in Step Functions, it has the same ID and input. */
  async redrive(execution: ObservedExecution): Promise<void> {
    await this.#run(execution, null);
  }

  async #run(execution: ObservedExecution, broken: Break | null): Promise<void> {
    const { world } = this;
    const { clock, random } = world;
    const stop = new AbortController();
    if (broken !== null) world.log.add('redrive');
    const stopAfterMs = broken?.stopAfterMs ?? null;
    if (stopAfterMs !== null) {
      void clock.sleep(stopAfterMs).then(() => {
        stop.abort();
        // As in Step Functions, the execution has ended, but functions that it has invoked go on.
        world.running.delete(execution.id);
      });
    }
    world.running.add(execution.id);
    execution.result = await execute(
      loadStateMachine(this.synthesised.definition, random),
      { id: execution.id, name: execution.name, input: execution.input, startedAt: execution.startedAt },
      {
        clock,
        random,
        signal: stop.signal,
        publish: () => Promise.resolve(),
        putEvents: () => Promise.resolve(),
        readLines: (_bucket, key) => world.store.readLines(key),
        invoke: (functionArn, payload) => {
          const handler = this.synthesised.functions[functionArn];
          if (handler === undefined) throw new Error(`There is no function ${functionArn}.`);
          return this.#invoke(execution, handler, payload, handler === broken?.failing);
        },
      },
      execution.journal,
    );
    execution.endedAt = clock.now();
    world.running.delete(execution.id);
  }

  async #invoke(
    execution: ObservedExecution,
    handler: HandlerName,
    payload: unknown,
    fails: boolean,
  ): Promise<unknown> {
    if (fails) throw new LambdaFault('Runtime.ExitError', 'The process ended.');
    const value = await this.invocations.invoke(handler, payload);
    if (handler === 'plan-run') execution.decision = v.parse(PlanRunOutput, value).decision;
    return value;
  }
}

import { execute, type ExecutionResult } from '../../local/state-machine/execute.ts';
import type { ExecutionEnvironment } from '../../local/state-machine/execution-environment.ts';
import { loadStateMachine } from '../../local/state-machine/load.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';

export type Json = Record<string, unknown>;

export const half = (): number => 0.5;

/** Adds the fields that the tests' definitions omit because they are always the same. */
function complete(state: Json): Json {
  const { Type, ItemProcessor } = state;
  const ends = ['Pass', 'Task', 'Map', 'Wait'].includes(String(Type)) && !('Next' in state);
  const call = { Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'f', Payload: {} } };
  return {
    ...(ends ? { End: true } : {}),
    ...(Type === 'Task' ? call : {}),
    ...state,
    ...(ItemProcessor === undefined ? {} : { ItemProcessor: completeProcessor(ItemProcessor as Json) }),
  };
}

function completeStates(states: Json): Json {
  return Object.fromEntries(Object.entries(states).map(([name, state]) => [name, complete(state as Json)]));
}

function completeProcessor({ Mode = 'INLINE', States, ...rest }: Json): Json {
  const config = Mode === 'INLINE' ? { Mode } : { Mode, ExecutionType: 'STANDARD' };
  const states = completeStates(States as Json);
  return { ProcessorConfig: config, StartAt: Object.keys(states)[0], States: states, ...rest };
}

/**
 * Makes a definition of the given states. The states may omit End, a Task's Resource and Arguments, and a processor's
 * StartAt and ProcessorConfig. A processor's Mode replaces its ProcessorConfig.
 */
export function machineOf(states: Json, top: Json = {}): Json {
  return { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: completeStates(states), ...top };
}

/** Runs a definition in virtual time. `seconds` is its duration. */
export async function runDefinition(
  definition: Json,
  input: unknown = {},
  environment: Partial<ExecutionEnvironment> = {},
): Promise<ExecutionResult & { readonly seconds: number }> {
  const { clock = new VirtualClock(0) } = environment;
  const result = await execute(
    loadStateMachine(definition, half),
    { name: 'n', id: 'i', input, startedAt: 0 },
    {
      random: half,
      invoke: async (_arn, payload) => payload,
      publish: () => Promise.resolve(),
      putEvents: () => Promise.resolve(),
      readLines: async function* () {
        yield* [];
      },
      ...environment,
      clock,
    },
  );
  return { ...result, seconds: clock.now() / 1000 };
}

/** The result of one call of a function. */
export interface Call {
  readonly value?: unknown;
  /** The error's name. */
  readonly throw?: string;
  /** Duration of the call. */
  readonly seconds?: number;
}

/** A function with the given results, one for each call. Further calls repeat the last result. */
export function scriptedFunction(calls: readonly Call[], clock: VirtualClock): ExecutionEnvironment['invoke'] {
  let next = 0;
  return async (_arn, payload) => {
    const call = calls[Math.min(next, calls.length - 1)] ?? { value: payload };
    next += 1;
    await clock.sleep((call.seconds ?? 0) * 1000);
    if (call.throw !== undefined) throw Object.assign(new Error('no'), { name: call.throw });
    return 'value' in call ? call.value : payload;
  };
}

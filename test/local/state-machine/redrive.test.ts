import { execute, type ExecutionResult } from '../../../local/state-machine/execute.ts';
import { newJournal, type Journal } from '../../../local/state-machine/journal.ts';
import { loadStateMachine } from '../../../local/state-machine/load.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { half, machineOf, type Json } from '../../support/run-definition.ts';

const call = (payload: unknown) => ({
  Type: 'Task',
  Arguments: { FunctionName: 'f', Payload: payload },
  Output: '{% $states.result.Payload %}',
});

/** An execution that can be redriven, and the payloads of its calls since its last start. */
class Redrivable {
  readonly #journal: Journal = newJournal();
  readonly clock = new VirtualClock(0);
  calls: unknown[] = [];
  /** By payload: calls that fail. */
  failing = new Set<unknown>();

  constructor(private readonly definition: Json) {}

  run(signal?: AbortSignal): Promise<ExecutionResult> {
    this.calls = [];
    return execute(
      loadStateMachine(this.definition, half),
      { name: 'n', id: 'i', input: { items: [1, 2, 3] }, startedAt: 0 },
      {
        clock: this.clock,
        random: half,
        invoke: async (_arn, payload) => {
          this.calls.push(payload);
          await this.clock.sleep(1_000);
          if (this.failing.has(payload)) throw Object.assign(new Error('no'), { name: 'Broken' });
          return payload;
        },
        publish: () => Promise.resolve(),
        putEvents: () => Promise.resolve(),
        readLines: async function* () {
          yield* [];
        },
        ...(signal === undefined ? {} : { signal }),
      },
      this.#journal,
    );
  }
}

test('a redrive begins with the state that failed, with its input and the variables before it', async () => {
  const states = {
    A: { ...call('a'), Next: 'B', Assign: { seen: '{% $states.result.Payload %}' } },
    B: { ...call('b'), Next: 'C', Output: '{% $states.result.Payload & $seen %}' },
    C: { Type: 'Pass', Output: '{% $states.input & $seen %}' },
  };
  const execution = new Redrivable(machineOf(states));
  execution.failing.add('b');
  expect(await execution.run()).toMatchObject({ status: 'FAILED', error: 'Broken' });
  expect(execution.calls).toEqual(['a', 'b']);
  // It may be redriven again and again.
  expect(await execution.run()).toMatchObject({ status: 'FAILED' });
  execution.failing.clear();
  expect(await execution.run()).toMatchObject({ status: 'SUCCEEDED', output: 'baa' });
  expect(execution.calls).toEqual(['b']);
});

test('a state whose error was caught is not repeated', async () => {
  const states = {
    A: { ...call('a'), Next: 'B', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] },
    B: call('b'),
  };
  const execution = new Redrivable(machineOf(states));
  execution.failing = new Set(['a', 'b']);
  await execution.run();
  execution.failing.clear();
  expect(await execution.run()).toMatchObject({ status: 'SUCCEEDED', output: 'b' });
  expect(execution.calls).toEqual(['b']);
});

test.each(['INLINE', 'DISTRIBUTED'])(
  'in a Map of mode %s, only the iterations that did not succeed are repeated, each from its own state',
  async (Mode) => {
    const states = {
      M: {
        Type: 'Map',
        Items: '{% $states.input.items %}',
        MaxConcurrency: 1,
        ItemProcessor: {
          Mode,
          States: {
            First: { ...call('{% $states.input %}'), Next: 'Second', Assign: { item: '{% $states.input %}' } },
            Second: call('{% "second " & $string($item) %}'),
          },
        },
      },
    };
    const execution = new Redrivable(machineOf(states));
    execution.failing.add('second 2');
    expect(await execution.run()).toMatchObject({ status: 'FAILED' });
    expect(execution.calls).toEqual([1, 'second 1', 2, 'second 2']);
    execution.failing.clear();
    const redriven = await execution.run();
    expect(redriven).toMatchObject({ status: 'SUCCEEDED', output: ['second 1', 'second 2', 'second 3'] });
    expect(execution.calls).toEqual(['second 2', 3, 'second 3']);
  },
);

test('a retry of a Map repeats all its iterations', async () => {
  const Retry = [{ ErrorEquals: ['Broken'], IntervalSeconds: 1, MaxAttempts: 1 }];
  const ItemProcessor = { States: { One: call('{% $states.input %}') } };
  const map = { Type: 'Map', Items: '{% $states.input.items %}', MaxConcurrency: 1, ItemProcessor, Retry };
  const execution = new Redrivable(machineOf({ M: map }));
  execution.failing.add(2);
  expect(await execution.run()).toMatchObject({ status: 'FAILED' });
  expect(execution.calls).toEqual([1, 2, 1, 2]);
});

test('an execution that was stopped is redriven with its whole timeout', async () => {
  const states = { A: { ...call('a'), Next: 'W' }, W: { Type: 'Wait', Seconds: 50, Next: 'B' }, B: call('b') };
  const execution = new Redrivable(machineOf(states, { TimeoutSeconds: 60 }));
  const stop = new AbortController();
  void execution.clock.sleep(30_000).then(() => {
    stop.abort();
  });
  expect(await execution.run(stop.signal)).toMatchObject({ status: 'ABORTED' });
  await execution.clock.sleep(100_000);
  expect(await execution.run()).toMatchObject({ status: 'SUCCEEDED', output: 'b' });
  expect(execution.calls).toEqual(['b']);
});

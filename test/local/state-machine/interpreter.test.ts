import { VirtualClock } from '../../../local/virtual-clock.ts';
import { execute, type ExecutionEnvironment } from '../../../local/state-machine/execute.ts';
import { DefinitionError } from '../../../local/state-machine/faults.ts';
import { loadStateMachine } from '../../../local/state-machine/load.ts';
import { workflowDefinition } from '../../../local/definition.ts';

type Json = Record<string, unknown>;
const half = (): number => 0.5;
const machine = (States: Json, StartAt = Object.keys(States)[0]!): Json => ({
  QueryLanguage: 'JSONata',
  StartAt,
  States,
});
const task = (extra: Json = {}): Json => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'f', Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  ...('Next' in extra ? {} : { End: true }),
  ...extra,
});
const pass = (extra: Json = {}): Json => ({ Type: 'Pass', End: true, ...extra });
const map = (States: Json, extra: Json = {}, Mode = 'INLINE'): Json => ({
  Type: 'Map',
  End: true,
  Items: '{% $states.input %}',
  ItemProcessor: {
    ProcessorConfig: Mode === 'INLINE' ? { Mode } : { Mode, ExecutionType: 'STANDARD' },
    StartAt: Object.keys(States)[0],
    States,
  },
  ...extra,
});

async function run(definition: Json, input: unknown = {}, environment: Partial<ExecutionEnvironment> = {}) {
  const clock = new VirtualClock(0);
  const result = await execute(
    loadStateMachine(definition, half),
    { name: 'n', id: 'i', input, startedAt: 0 },
    {
      clock,
      random: half,
      invoke: async (_arn, payload) => payload,
      publish: () => Promise.resolve(),
      readLines: async function* () {
        yield '';
      },
      ...environment,
    },
  );
  return { ...result, now: clock.now() };
}

const failing = (name: string, times: number): ((arn: string, payload: unknown) => Promise<unknown>) => {
  let left = times;
  return async (_arn, payload) => {
    if (left-- > 0) throw Object.assign(new Error('no'), { name });
    return payload;
  };
};

test.each<[string, Json, unknown, unknown]>([
  ['Pass hands on its input', { P: pass() }, { a: 1 }, { a: 1 }],
  [
    'Output replaces it, deeply',
    { P: pass({ Output: { b: ['{% $states.input.a + 1 %}', 'plain {% text'] } }) },
    { a: 1 },
    { b: [2, 'plain {% text'] },
  ],
  [
    'Assign is seen by the next state',
    { P: { Type: 'Pass', Next: 'Q', Assign: { x: '{% $states.input.a %}' } }, Q: pass({ Output: '{% $x %}' }) },
    { a: 3 },
    3,
  ],
  [
    'Assign and Output see old values',
    {
      P: { Type: 'Pass', Next: 'Q', Assign: { x: 1 } },
      Q: { Type: 'Pass', Next: 'R', Assign: { x: 2 }, Output: '{% $x %}' },
      R: pass(),
    },
    {},
    1,
  ],
  ['Succeed has an Output', { S: { Type: 'Succeed', Output: '{% $states.input.a %}' } }, { a: 'x' }, 'x'],
  [
    'a Choice takes the first that holds',
    {
      C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.a > 1 %}', Next: 'P' }], Default: 'Q' },
      P: pass({ Output: 'p' }),
      Q: pass({ Output: 'q' }),
    },
    { a: 2 },
    'p',
  ],
  [
    'a Choice falls back to its Default',
    {
      C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.a > 1 %}', Next: 'P' }], Default: 'Q' },
      P: pass({ Output: 'p' }),
      Q: pass({ Output: 'q' }),
    },
    { a: 1 },
    'q',
  ],
  ['a Task answers as Lambda does', { T: task({ Output: '{% $states.result.StatusCode %}' }) }, {}, 200],
  ['a Map keeps the order of its items', { M: map({ T: task() }) }, [3, 1, 2], [3, 1, 2]],
  ['a Map over nothing is an empty list', { M: map({ T: task() }) }, [], []],
  [
    'ItemSelector knows the item',
    {
      M: map(
        { P: pass() },
        { ItemSelector: { v: '{% $states.context.Map.Item.Value %}', i: '{% $states.context.Map.Item.Index %}' } },
      ),
    },
    ['a'],
    [{ v: 'a', i: 0 }],
  ],
  [
    'an inline Map reads outer variables',
    { A: { Type: 'Pass', Next: 'M', Assign: { x: 7 } }, M: map({ P: pass({ Output: '{% $x %}' }) }) },
    [1],
    [7],
  ],
  ['a single item stays a list', { P: pass({ Output: '{% [$states.input.a] %}' }) }, { a: [1] }, [1]],
  [
    'AWS’s functions are there',
    {
      P: pass({
        Output: [
          '{% $partition([1,2,3], 2) %}',
          '{% $range(1, 5, 2) %}',
          '{% $parse("{}") %}',
          '{% $hash("a", "SHA-256") %}',
        ],
      }),
    },
    {},
    [[[1, 2], [3]], [1, 3, 5], {}, 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
  ],
])('%s', async (_name, states, input, output) => {
  expect(await run(machine(states), input)).toMatchObject({ status: 'SUCCEEDED', output });
});

test.each<[string, Json, string, string]>([
  ['a field that is not implemented', { P: pass({ ResultPath: '$.x' }) }, 'P', 'ResultPath'],
  ['a TimeoutSeconds of a Task', { T: task({ TimeoutSeconds: 1 }) }, 'T', 'TimeoutSeconds'],
  ['a JSONPath state', { P: pass({ QueryLanguage: 'JSONPath' }) }, 'P', 'QueryLanguage'],
  [
    'a Map with an ItemBatcher, by its path',
    { M: map({ N: map({ P: pass() }, { ItemBatcher: {} }) }) },
    'M/N',
    'ItemBatcher',
  ],
  [
    'a Retry’s unknown field',
    { T: task({ Retry: [{ ErrorEquals: ['States.ALL'], Jitter: 1 }] }) },
    'T',
    'Retry.0.Jitter',
  ],
  [
    'an outer variable in a Distributed Map',
    {
      A: { Type: 'Pass', Next: 'M', Assign: { x: 7 } },
      M: map({ P: pass({ Output: '{% $x %}' }) }, {}, 'DISTRIBUTED'),
    },
    'M/P',
    'Output',
  ],
  ['a variable that nobody assigns', { P: pass({ Output: '{% $y %}' }) }, 'P', 'Output'],
  [
    'an assignment to an outer variable',
    { A: { Type: 'Pass', Next: 'M', Assign: { x: 7 } }, M: map({ P: pass({ Assign: { x: 1 } }) }) },
    'M/P',
    'Assign.x',
  ],
  ['a Next that leads nowhere', { P: { Type: 'Pass', Next: 'Z' } }, 'P', 'Next'],
  ['$eval, which Step Functions does not have', { P: pass({ Output: '{% $eval("1") %}' }) }, 'P', 'Output'],
  ['an expression that does not parse', { P: pass({ Output: '{% ( %}' }) }, 'P', 'Output'],
])('%s is refused with the state’s name', (_name, states, state, field) => {
  let error: unknown = null;
  try {
    loadStateMachine(machine(states), half);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(DefinitionError);
  expect(error).toMatchObject({ state, field });
});

const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 10, MaxAttempts: 4, BackoffRate: 2, MaxDelaySeconds: 30 };

test('retries back off up to MaxDelaySeconds, and each is billed', async () => {
  const result = await run(machine({ T: task({ Retry: [retry] }) }), {}, { invoke: failing('Busy', 4) });
  expect(result).toMatchObject({ status: 'SUCCEEDED', transitions: 5, now: (10 + 20 + 30 + 30) * 1000 });
});

test('full jitter draws each delay from zero up', async () => {
  const result = await run(
    machine({ T: task({ Retry: [{ ...retry, JitterStrategy: 'FULL' }] }) }),
    {},
    { invoke: failing('Busy', 1) },
  );
  expect(result.now).toBe(5_000);
});

test('a fault that no retry names is caught, with its name and cause', async () => {
  const states = {
    T: task({
      Next: 'P',
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'P', Output: '{% $states.errorOutput.Error %}' }],
    }),
    P: pass(),
  };
  expect(await run(machine(states), {}, { invoke: failing('AccessDenied', 1) })).toMatchObject({
    output: 'AccessDenied',
  });
});

test('a fault that nobody catches fails the execution', async () => {
  const result = await run(machine({ T: task() }), {}, { invoke: failing('Broken', 9) });
  expect(result).toMatchObject({ status: 'FAILED', error: 'Broken' });
});

test('a payload over 256 KiB fails, and States.ALL does not catch it', async () => {
  const states = { T: task({ Next: 'P', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'P' }] }), P: pass() };
  const result = await run(machine(states), {}, { invoke: async () => 'x'.repeat(262_145) });
  expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
});

test('hours of Wait take no real time', async () => {
  const began = performance.now();
  const result = await run(
    machine({
      W: { Type: 'Wait', Timestamp: '1970-01-01T10:00:00Z', Next: 'V' },
      V: { Type: 'Wait', Seconds: 60, End: true },
    }),
  );
  expect(result.now).toBe(36_060_000);
  expect(performance.now() - began).toBeLessThan(5_000);
});

test('a Distributed Map reads its items, bounds what runs, tolerates what fails, and bills each child', async () => {
  let running = 0;
  let most = 0;
  const environment = {
    readLines: async function* () {
      yield* ['1', '2', '3', '4'];
    },
    invoke: async (_arn: string, payload: unknown) => {
      most = Math.max(most, (running += 1));
      await new Promise(setImmediate);
      running -= 1;
      if (payload === 2) throw new Error('two');
      return payload;
    },
  };
  const states = {
    M: {
      ...map({ T: task() }, { MaxConcurrency: 2, ToleratedFailurePercentage: 100 }, 'DISTRIBUTED'),
      Items: undefined,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSONL' },
        Arguments: { Bucket: 'b', Key: 'k' },
      },
    },
  };
  expect(await run(machine(JSON.parse(JSON.stringify(states)) as Json), {}, environment)).toMatchObject({
    status: 'SUCCEEDED',
    transitions: 1 + 4 + 4,
  });
  expect(most).toBe(2);
});

test('a stopped execution enters no further state and ends its waits at once', async () => {
  const abort = new AbortController();
  const states = { T: task({ Next: 'W' }), W: { Type: 'Wait', Seconds: 3600, End: true } };
  const invoke = async (): Promise<unknown> => {
    abort.abort();
    return {};
  };
  expect(await run(machine(states), {}, { invoke, signal: abort.signal })).toMatchObject({
    status: 'ABORTED',
    transitions: 1,
  });
});

test('the synthesised workflow is one that can be run here', async () => {
  const { definition, functions } = await workflowDefinition();
  expect(() => loadStateMachine(definition, half)).not.toThrow();
  expect(Object.values(functions).sort()).toEqual([
    'audit-batch',
    'inventory-account',
    'plan-run',
    'summarise-account',
    'summarise-run',
  ]);
});

describe('an expression of the wrong type fails its state as Step Functions does', () => {
  const wait = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: "{% 'x' %}", End: true } } };
  const fail = { StartAt: 'F', States: { F: { Type: 'Fail', Error: '{% 1 %}' } } };
  const infinite = { StartAt: 'P', States: { P: { Type: 'Pass', Output: '{% 1/0 %}', End: true } } };
  const map = {
    StartAt: 'M',
    States: {
      M: {
        Type: 'Map',
        Items: [1],
        MaxConcurrency: "{% 'x' %}",
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'P',
          States: { P: { Type: 'Pass', End: true } },
        },
        End: true,
      },
    },
  };
  test.each([
    ['Wait.Seconds', wait],
    ['Fail.Error', fail],
    ['a number without end', infinite],
    ['Map.MaxConcurrency', map],
  ])('%s', async (_name, definition) => {
    const result = await run({ QueryLanguage: 'JSONata', ...definition });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  test('a variable larger than a payload is refused', async () => {
    const result = await run({
      QueryLanguage: 'JSONata',
      StartAt: 'P',
      States: { P: { Type: 'Pass', Assign: { big: "{% $pad('', 300000, 'x') %}" }, Output: 1, End: true } },
    });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

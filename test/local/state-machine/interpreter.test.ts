import { workflowDefinition } from '../../../local/synthesised-definition.ts';
import type { ExecutionEvent } from '../../../local/state-machine/execution-environment.ts';
import { loadStateMachine } from '../../../local/state-machine/load.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { half, machineOf, runDefinition } from '../../support/run-definition.ts';

const hour = { Type: 'Wait', Seconds: 3600 };
const echo = { Type: 'Task', Arguments: { FunctionName: 'f', Payload: '{% $states.input %}' } };

test('a fault has its cause in Lambda’s format', async () => {
  const invoke = async (): Promise<unknown> => {
    throw Object.assign(new Error('no "good"'), { name: 'AccessDenied' });
  };
  const states = {
    T: {
      Type: 'Task',
      Next: 'P',
      Catch: [
        {
          ErrorEquals: ['States.ALL'],
          Next: 'P',
          Output:
            '{% {"error": $states.errorOutput.Error, "message": $parse($states.errorOutput.Cause).errorMessage} %}',
        },
      ],
    },
    P: { Type: 'Pass' },
  };
  expect(await runDefinition(machineOf(states), {}, { invoke })).toMatchObject({
    output: { error: 'AccessDenied', message: 'no "good"' },
  });
});

const query = { Type: 'Task', Resource: 'arn:aws:states:::athena:startQueryExecution.sync' };
const ask = { ...query, Arguments: { QueryString: 'SELECT ?', WorkGroup: 'w', ExecutionParameters: ['1'] } };

test('a query of Athena is awaited, and its answer is read with the limit of rows', async () => {
  const resultSet = { ResultSetMetadata: { ColumnInfo: [] }, Rows: [] };
  const read = jest.fn(() => ({ resultSet, isPart: true }));
  const run = jest.fn(async () => ({ id: 'q-1', scannedBytes: 7 }));
  const states = {
    Q: { ...ask, Next: 'R', Assign: { read: '{% $states.result.QueryExecution.Statistics.DataScannedInBytes %}' } },
    R: {
      Type: 'Task',
      Resource: 'arn:aws:states:::athena:getQueryResults',
      Arguments: { QueryExecutionId: '{% $states.input.QueryExecution.QueryExecutionId %}', MaxResults: 5 },
      Output: '{% { "result": $states.result, "read": $read } %}',
    },
  };
  expect(await runDefinition(machineOf(states), {}, { queries: { run, read } })).toMatchObject({
    output: { result: { ResultSet: resultSet, NextToken: 'next' }, read: 7 },
  });
  expect([run.mock.calls, read.mock.calls]).toEqual([[['SELECT ?', ['1']]], [['q-1', 5]]]);
});

test('a query that fails is States.TaskFailed with Athena’s reason; without anything that runs queries the execution fails', async () => {
  const queries = { run: () => Promise.reject(new Error('SYNTAX_ERROR')), read: jest.fn() };
  expect(await runDefinition(machineOf({ Q: ask }), {}, { queries })).toMatchObject({
    status: 'FAILED',
    error: 'States.TaskFailed',
    cause: expect.stringContaining('"StateChangeReason":"SYNTAX_ERROR"') as string,
  });
  expect(await runDefinition(machineOf({ Q: ask }))).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

test('hours of Wait take no real time', async () => {
  const began = performance.now();
  const states = {
    W: { Type: 'Wait', Timestamp: '1970-01-01T10:00:00Z', Next: 'V' },
    V: { Type: 'Wait', Seconds: 60 },
  };
  expect((await runDefinition(machineOf(states))).seconds).toBe(36_060);
  expect(performance.now() - began).toBeLessThan(5_000);
});

test('a Distributed Map limits its concurrency and reports its failed children', async () => {
  let running = 0;
  let most = 0;
  const events: ExecutionEvent[] = [];
  const invoke = async (_arn: string, payload: unknown): Promise<unknown> => {
    most = Math.max(most, (running += 1));
    await new Promise(setImmediate);
    running -= 1;
    if (payload === 2) throw new Error('two');
    return payload;
  };
  const states = {
    M: {
      Type: 'Map',
      Items: [1, 2, 3, 4],
      MaxConcurrency: 2,
      ToleratedFailurePercentage: 100,
      ItemProcessor: { Mode: 'DISTRIBUTED', States: { T: echo } },
    },
  };
  const onEvent = (event: ExecutionEvent): void => void events.push(event);
  expect(await runDefinition(machineOf(states), {}, { invoke, onEvent })).toMatchObject({
    status: 'SUCCEEDED',
    transitions: 1 + 4 + 4,
  });
  expect(most).toBe(2);
  expect(events.filter(({ kind }) => kind === 'childFailed')).toEqual([
    { kind: 'childFailed', path: 'M', error: 'Error' },
  ]);
});

test('a stopped execution enters no further state and ends its waits at once', async () => {
  const abort = new AbortController();
  const invoke = async (): Promise<unknown> => {
    abort.abort();
    return {};
  };
  const states = { T: { Type: 'Task', Next: 'W' }, W: hour };
  expect(await runDefinition(machineOf(states), {}, { invoke, signal: abort.signal })).toMatchObject({
    status: 'ABORTED',
    transitions: 1,
  });
});

test.each(['INLINE', 'DISTRIBUTED'])('stopping ends the waits inside a Map at once: %s', async (Mode) => {
  const abort = new AbortController();
  const clock = new VirtualClock(0);
  const states = {
    M: {
      Type: 'Map',
      Items: [1, 2, 3],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
      Next: 'Caught',
      ItemProcessor: { Mode, States: { W: hour } },
    },
    Caught: { Type: 'Pass' },
  };
  const ended = runDefinition(machineOf(states), {}, { clock, signal: abort.signal });
  await clock.sleep(60_000);
  abort.abort();
  expect(await ended).toMatchObject({ status: 'ABORTED', seconds: 60 });
});

test('a definition of more than 1 MiB is refused, as an object and as text', () => {
  const definition = machineOf({ P: { Type: 'Pass' } }, { Comment: 'x'.repeat(1024 * 1024) });
  expect(() => loadStateMachine(definition, half)).toThrow('1048576 are allowed');
  expect(() => loadStateMachine(JSON.stringify(definition), half)).toThrow('1048576 are allowed');
  expect(() => loadStateMachine({ ...definition, Comment: 'x' }, half)).not.toThrow();
});

test('the interpreter can load the synthesised workflow', async () => {
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

import { readdirSync, readFileSync } from 'node:fs';
import { DefinitionError } from '../../../local/state-machine/faults.ts';
import { loadStateMachine } from '../../../local/state-machine/load.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import {
  half,
  machineOf,
  runDefinition,
  scriptedFunction,
  type Call,
  type Json,
} from '../../support/run-definition.ts';

const fixtures = `${__dirname}/../../fixtures/state-machine`;
const read = (path: string): unknown => JSON.parse(readFileSync(`${fixtures}/${path}`, 'utf8'));
/** The cases in the files of a folder, each with its file's name. */
const casesOf = <Case>(folder: string): [file: string, name: string, Case][] =>
  readdirSync(`${fixtures}/${folder}`).flatMap((file) =>
    (read(`${folder}/${file}`) as (Case & { name: string })[]).map((one): [string, string, Case] => [
      file.replace('.json', ''),
      one.name,
      one,
    ]),
  );

/** Cases of expressions, which are evaluated in the Output of a Pass. */
const expressions = read('expressions.json') as {
  input: unknown;
  values: [name: string, expression: string, value: unknown][];
  failures: [name: string, expression: string, cause: string][];
  refusals: [name: string, expression: string, problem: string][];
};
const pass = (expression: string): Json => machineOf({ P: { Type: 'Pass', Output: `{% ${expression} %}` } });

test.each(expressions.values)('an expression: %s', async (_name, expression, output) => {
  expect(await runDefinition(pass(expression), expressions.input)).toMatchObject({ status: 'SUCCEEDED', output });
});

test.each(expressions.failures)('an expression fails its state: %s', async (_name, expression, cause) => {
  expect(await runDefinition(pass(expression), expressions.input)).toMatchObject({
    status: 'FAILED',
    error: 'States.QueryEvaluationError',
    cause: expect.stringContaining(cause) as string,
  });
});

test.each(expressions.refusals)('an expression is refused: %s', (_name, expression, problem) => {
  expect(() => loadStateMachine(pass(expression), half)).toThrow(problem);
  expect(() => loadStateMachine(pass(expression), half)).toThrow(DefinitionError);
});

interface Run {
  readonly states: Json;
  readonly top?: Json;
  readonly input?: unknown;
  /** Results of the function that every Task calls. */
  readonly calls?: Call[];
  /** Lines of the object that every ItemReader reads. */
  readonly lines?: unknown[];
  readonly expect: Json;
}

test.each(casesOf<Run>('executions'))('%s: %s', async (_file, _name, run) => {
  const clock = new VirtualClock(0);
  const result = await runDefinition(machineOf(run.states, run.top), run.input, {
    clock,
    invoke: scriptedFunction(run.calls ?? [], clock),
    readLines: async function* () {
      for (const line of run.lines ?? []) yield JSON.stringify(line);
    },
  });
  expect(result).toMatchObject({
    ...('output' in run.expect ? { status: 'SUCCEEDED' } : {}),
    ...run.expect,
  });
});

interface Refusal {
  readonly states: Json;
  readonly top?: Json;
  readonly state: string;
  readonly field: string | null;
  readonly problem: string;
}

test.each(casesOf<Refusal>('refusals'))(
  '%s: a definition is refused with %s',
  (_file, _name, { states, top, state, field, problem }) => {
    let error: unknown = null;
    try {
      loadStateMachine(machineOf(states, top), half);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(DefinitionError);
    expect(error).toMatchObject({ state, field, message: expect.stringContaining(problem) as string });
  },
);

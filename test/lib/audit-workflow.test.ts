import validate from 'asl-validator';
import { seededRandom } from '../../local/seeded-random.ts';
import { retryDelayMs } from '../../local/state-machine/retry.ts';
import { Retrier } from '../../local/state-machine/definition.ts';
import * as v from 'valibot';
import { taskRetries } from '../../lib/workflow-retries.ts';
import { workflowDefinition } from '../../local/synthesised-definition.ts';

interface Definition {
  States: Record<string, { Type: string; Resource?: string; Retry?: object[]; ItemProcessor?: Definition }>;
}

const tasksOf = ({ States }: Definition): { name: string; retry: object[] }[] =>
  Object.entries(States).flatMap(([name, state]) => [
    ...(state.Resource?.endsWith(':lambda:invoke') === true ? [{ name, retry: state.Retry ?? [] }] : []),
    ...(state.ItemProcessor === undefined ? [] : tasksOf(state.ItemProcessor)),
  ]);

test('the synthesised definition is valid for Step Functions', async () => {
  const { definition } = await workflowDefinition();
  const { isValid, errorsText } = validate(JSON.parse(definition));
  expect([isValid, isValid ? '' : errorsText('\n')]).toEqual([true, '']);
});

test('every function’s task retries throttled invocations and Lambda’s own faults, with full jitter and a longest delay', async () => {
  const { definition } = await workflowDefinition();
  const tasks = tasksOf(JSON.parse(definition) as Definition);
  expect(tasks.map(({ name }) => name).sort()).toEqual([
    'AuditBatch',
    'InventoryAccount',
    'PlanRun',
    'SummariseAccount',
    'SummariseRun',
  ]);
  for (const { retry } of tasks) {
    expect(retry).toHaveLength(taskRetries.length);
    for (const one of retry)
      expect(one).toMatchObject({ JitterStrategy: 'FULL', MaxDelaySeconds: expect.any(Number) as number });
    expect(JSON.stringify(retry)).toContain('Lambda.TooManyRequestsException');
  }
});

interface Assigning {
  Assign?: object;
  Catch?: Assigning[];
  Choices?: Assigning[];
  ItemProcessor?: { States: Record<string, Assigning> };
}

const assignedBy = (state: Assigning): string[] =>
  [state, ...(state.Catch ?? []), ...(state.Choices ?? [])].flatMap(({ Assign }) => Object.keys(Assign ?? {}));

/** Variables that are assigned both inside a Map, at any depth, and outside it. */
function reusedNames(states: Record<string, Assigning>, outer: ReadonlySet<string>): string[] {
  const own = Object.values(states).flatMap(assignedBy);
  const around = new Set([...outer, ...own]);
  const inner = Object.values(states).flatMap(({ ItemProcessor }) =>
    ItemProcessor === undefined ? [] : reusedNames(ItemProcessor.States, around),
  );
  return [...own.filter((name) => outer.has(name)), ...inner];
}

test('no Map assigns a variable that a state around it assigns', async () => {
  const { States } = JSON.parse((await workflowDefinition()).definition) as { States: Record<string, Assigning> };
  expect(reusedNames(States, new Set())).toEqual([]);
  // The search itself works.
  const reusing = {
    A: { Assign: { x: 1 } },
    M: { ItemProcessor: { States: { B: { Catch: [{ Assign: { x: 1 } }] } } } },
  };
  expect(reusedNames(reusing, new Set())).toEqual(['x']);
});

test('retries of throttled invocations take longer than a batch of another account (up to 15 minutes)', async () => {
  const { definition } = await workflowDefinition();
  const [batch] = tasksOf(JSON.parse(definition) as Definition).filter(({ name }) => name === 'AuditBatch');
  const throttled = batch!.retry
    .map((retry) => v.parse(Retrier, retry))
    .find(({ ErrorEquals }) => ErrorEquals.includes('Lambda.TooManyRequestsException'))!;
  const random = seededRandom(3);
  const minutes = Array.from({ length: 2_000 }, () => {
    const delays = Array.from({ length: throttled.MaxAttempts }, (_, n) => retryDelayMs(throttled, n, random));
    return delays.reduce((sum, delay) => sum + delay, 0) / 60_000;
  }).sort((a, b) => a - b);
  // One in a thousand sequences may be shorter than 20 minutes. None is shorter than the batch.
  expect(minutes[2]).toBeGreaterThan(20);
  expect(minutes[0]).toBeGreaterThan(15);
});

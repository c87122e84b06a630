import validate from 'asl-validator';
import { taskRetries } from '../../lib/workflow-retries.ts';
import { workflowDefinition } from '../../local/definition.ts';

interface Definition {
  States: Record<string, { Type: string; Retry?: object[]; ItemProcessor?: Definition }>;
}

const tasksOf = ({ States }: Definition): { name: string; retry: object[] }[] =>
  Object.entries(States).flatMap(([name, state]) => [
    ...(state.Type === 'Task' ? [{ name, retry: state.Retry ?? [] }] : []),
    ...(state.ItemProcessor === undefined ? [] : tasksOf(state.ItemProcessor)),
  ]);

test('the synthesised definition has the shape that Step Functions takes', async () => {
  const { definition } = await workflowDefinition();
  const { isValid, errorsText } = validate(JSON.parse(definition));
  expect([isValid, isValid ? '' : errorsText('\n')]).toEqual([true, '']);
});

test('every task retries throttled invocations and Lambda’s own faults, with full jitter and a longest delay', async () => {
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

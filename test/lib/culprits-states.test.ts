import validate from 'asl-validator';
import { ANALYSIS } from '../../core/doctor/athena-statements.ts';
import { workflowDefinition } from '../../local/synthesised-definition.ts';
import { resourcesOf, templateOf } from '../support/template.ts';

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: { readonly Next: string }[];
  readonly Catch?: { readonly ErrorEquals: string[]; readonly Next: string }[];
  readonly Resource?: string;
  readonly Assign?: Record<string, Record<string, string>>;
}
const statesOf = async (doctor: boolean): Promise<Record<string, State>> => {
  const { definition } = await workflowDefinition({ doctor });
  return (JSON.parse(definition) as { States: Record<string, State> }).States;
};
const added = ['ManyThrottled', 'WaitForLogs', 'CollectCalls', 'AskCallers', 'ReadCallers', 'NameCulprits'];

test('only the setting doctor adds the states and the function', async () => {
  const without = Object.keys(await statesOf(false));
  const withDoctor = await statesOf(true);
  expect(
    Object.keys(withDoctor)
      .filter((name) => !without.includes(name))
      .sort(),
  ).toEqual([...added].sort());
  expect(without.every((name) => name in withDoctor)).toBe(true);
  const functions = (settings: Record<string, unknown>): number =>
    resourcesOf(templateOf(settings)).filter(
      ([id, { Type }]) => Type === 'AWS::Lambda::Function' && /culprits/.test(id),
    ).length;
  expect([functions({}), functions({ doctor: { trailBucket: 'the-trail' } })]).toEqual([0, 1]);
});

test('the definition with the queries is valid for Step Functions', async () => {
  const { definition } = await workflowDefinition({ doctor: true });
  const { isValid, errorsText } = validate(JSON.parse(definition));
  expect([isValid, isValid ? '' : errorsText('\n')]).toEqual([true, '']);
});

test('each error of the branch is caught, and every way through it leads to the states after the report', async () => {
  const states = await statesOf(true);
  expect(states.SummariseRun?.Next).toBe('ManyThrottled');
  expect(states.ManyThrottled).toMatchObject({ Default: 'PublishEvents', Choices: [{ Next: 'WaitForLogs' }] });
  expect(added.slice(1).map((name) => states[name]?.Next)).toEqual([...added.slice(2), 'PublishEvents']);
  for (const name of ['CollectCalls', 'AskCallers', 'ReadCallers']) {
    // States.ALL does not include States.DataLimitExceeded.
    expect(states[name]?.Catch).toMatchObject([
      { ErrorEquals: ['States.DataLimitExceeded'], Next: 'NameCulprits' },
      { ErrorEquals: ['States.ALL'], Next: 'NameCulprits' },
    ]);
  }
  expect(states.NameCulprits?.Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'PublishEvents' }]);
});

test('the statements are those of the named queries, and name no analysis yet', async () => {
  const statements = (await statesOf(true)).WaitForLogs?.Assign?.statements;
  expect(Object.keys(statements ?? {})).toEqual(['collect', 'callers']);
  for (const statement of Object.values(statements ?? {})) {
    expect(statement).toContain(ANALYSIS);
    expect(statement).not.toContain('\n');
    // Step Functions would take such text for an expression.
    expect(statement).not.toMatch(/^\s*\{%|%\}\s*$/);
    expect(Buffer.byteLength(statement)).toBeLessThan(262_144);
  }
});

import validate from 'asl-validator';
import { workflowDefinition } from '../../local/synthesised-definition.ts';
import { resourcesOf, resourcesOfType, templateOf, VPC_WITH_ENDPOINTS } from '../support/template.ts';

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: { readonly Next: string }[];
  readonly Catch?: { readonly ErrorEquals: string[]; readonly Next: string }[];
  readonly Retry?: { readonly ErrorEquals: string[] }[];
}
const statesOf = async (settings: Parameters<typeof workflowDefinition>[0]): Promise<Record<string, State>> => {
  const { definition } = await workflowDefinition(settings);
  return (JSON.parse(definition) as { States: Record<string, State> }).States;
};

test('only the setting securityHub adds the states and the function', async () => {
  const without = Object.keys(await statesOf({}));
  const names = Object.keys(await statesOf({ securityHub: true }));
  const added = ['FindingsNotDelivered', 'ImportFindings', 'MoreFindings'];
  expect(names.filter((name) => !without.includes(name)).sort()).toEqual(added);
  expect(without.every((name) => names.includes(name))).toBe(true);
  const functions = (settings: Record<string, unknown>): number =>
    resourcesOf(templateOf(settings)).filter(
      ([id, { Type }]) => Type === 'AWS::Lambda::Function' && /importfindings/.test(id),
    ).length;
  expect([functions({}), functions({ securityHub: false }), functions({ securityHub: true })]).toEqual([0, 0, 1]);
});

test.each([false, true])('the definition is valid for Step Functions, with all other states too: %s', async (all) => {
  const { definition } = await workflowDefinition({ securityHub: true, doctor: all, ofOrganization: all });
  const { isValid, errorsText } = validate(JSON.parse(definition));
  expect([isValid, isValid ? '' : errorsText('\n')]).toEqual([true, '']);
});

test('findings are imported after the report is complete and before the messages, and each error is told', async () => {
  const states = await statesOf({ securityHub: true });
  expect(states.SummariseRun?.Next).toBe('ImportFindings');
  expect(states.ImportFindings).toMatchObject({
    Next: 'MoreFindings',
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'FindingsNotDelivered' }],
  });
  expect(states.ImportFindings?.Retry?.at(-1)?.ErrorEquals).toContain('LimitExceeded');
  expect(states.MoreFindings).toMatchObject({
    Choices: [{ Next: 'ImportFindings' }, { Next: 'FindingsNotDelivered' }],
    Default: 'PublishEvents',
  });
  expect(states.FindingsNotDelivered?.Next).toBe('PublishEvents');

  const withDoctor = await statesOf({ securityHub: true, doctor: true });
  expect(withDoctor.SummariseRun?.Next).toBe('ManyThrottled');
  expect(withDoctor.ManyThrottled?.Default).toBe('ImportFindings');
  expect(withDoctor.NameCulprits).toMatchObject({ Next: 'ImportFindings', Catch: [{ Next: 'ImportFindings' }] });
});

test('only the function that imports findings may do so, and only as the account’s own integration', () => {
  const policies = resourcesOfType('AWS::IAM::Policy', templateOf({ securityHub: true })).filter(({ Properties }) =>
    JSON.stringify(Properties).includes('securityhub:'),
  );
  expect(policies).toHaveLength(1);
  const { Statement } = policies[0]!.Properties.PolicyDocument as { Statement: Record<string, unknown>[] };
  const [statement, ...others] = Statement.filter(({ Action }) => JSON.stringify(Action).includes('securityhub:'));
  expect(others).toEqual([]);
  expect(statement?.Action).toBe('securityhub:BatchImportFindings');
  const resource = JSON.stringify(statement?.Resource);
  expect(resource).toContain(':product/');
  expect(resource).toContain('/default');
  expect(resource).not.toContain('*');
});

test('with vpc.endpoints the stack has an endpoint of Security Hub only if the function exists', () => {
  const hub = (settings: Record<string, unknown>): number =>
    resourcesOfType('AWS::EC2::VPCEndpoint', templateOf(settings)).filter(({ Properties }) =>
      JSON.stringify(Properties.ServiceName).includes('.securityhub'),
    ).length;
  expect([hub({ vpc: VPC_WITH_ENDPOINTS }), hub({ vpc: VPC_WITH_ENDPOINTS, securityHub: true })]).toEqual([0, 1]);
});

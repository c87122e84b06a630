import validate from 'asl-validator';
import { workflowDefinition } from '../../local/synthesised-definition.ts';
import { resourcesOf, templateOf } from '../support/template.ts';

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: { readonly Next: string }[];
  readonly Catch?: { readonly ErrorEquals: string[]; readonly Next: string }[];
  readonly Retry?: object[];
}
const statesOf = async (ofOrganization: boolean): Promise<Record<string, State>> => {
  const { definition } = await workflowDefinition({ ofOrganization });
  return (JSON.parse(definition) as { States: Record<string, State> }).States;
};
const added = ['MoreReports', 'OfOrganization', 'OrganizationUse', 'WaitForReports'];

test('only the setting accounts "organization" adds the states and the function', async () => {
  const without = Object.keys(await statesOf(false));
  const names = Object.keys(await statesOf(true));
  expect(names.filter((name) => !without.includes(name)).sort()).toEqual(added);
  const functions = (settings: Record<string, unknown>): number =>
    resourcesOf(templateOf(settings)).filter(
      ([id, { Type }]) => Type === 'AWS::Lambda::Function' && /organizationuse/.test(id),
    ).length;
  const memberRoleName = 'member';
  expect([functions({ memberRoleName }), functions({ memberRoleName, accounts: 'organization' })]).toEqual([0, 1]);
});

test.each([false, true])('the definition is valid for Step Functions, also with the queries (%s)', async (doctor) => {
  const { definition } = await workflowDefinition({ ofOrganization: true, doctor });
  const { isValid, errorsText } = validate(JSON.parse(definition));
  expect([isValid, isValid ? '' : errorsText('\n')]).toEqual([true, '']);
});

test('the reports are read after the accounts, in as many attempts as needed, and an error leads to SummariseRun', async () => {
  const states = await statesOf(true);
  expect(states.Accounts).toMatchObject({ Next: 'OfOrganization', Catch: [{ Next: 'OfOrganization' }] });
  expect(states.OfOrganization).toMatchObject({ Choices: [{ Next: 'OrganizationUse' }], Default: 'SummariseRun' });
  expect(states.OrganizationUse).toMatchObject({
    Next: 'MoreReports',
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'SummariseRun' }],
  });
  expect(states.OrganizationUse?.Retry).toHaveLength(3);
  expect(states.MoreReports).toMatchObject({ Choices: [{ Next: 'WaitForReports' }], Default: 'SummariseRun' });
  expect(states.WaitForReports?.Next).toBe('OrganizationUse');
});

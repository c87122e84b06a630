import { executionInput, givenLimits, type ScopeOptions } from '../../cli/scope-options.ts';

const RUN = '20261123T040000Z-1a2b3c';
const none: ScopeOptions = {
  ...{ accountId: [], organization: false, principal: [], spreadOver: 0, full: false },
  ...{ includeOu: [], excludeOu: [], includeAccount: [], excludeAccount: [] },
};

test.each<[string, Partial<ScopeOptions>, object]>([
  ['no option', {}, {}],
  ['--resume', { resume: RUN }, { resume: RUN }],
  ['--exceptions', { exceptions: '[]' }, { exceptions: '[]' }],
  ['--spread-over and --full', { spreadOver: 30, full: true }, { spreadOverMinutes: 30, full: true }],
  ['--account-id', { accountId: ['111122223333'] }, { accountIds: ['111122223333'] }],
  [
    '--organization with all limits',
    {
      ...{ organization: true, includeOu: ['ou-ab12-11111111'], includeAccount: ['111122223333'] },
      ...{ excludeOu: ['ou-ab12-22222222'], excludeAccount: ['111122223334'] },
    },
    {
      ...{ accounts: 'organization', include: ['ou-ab12-11111111', '111122223333'] },
      ...{ exclude: ['ou-ab12-22222222', '111122223334'] },
    },
  ],
])('the execution of %s has this input', (_, options, input) => {
  expect(executionInput({ ...none, ...options })).toEqual(input);
});

test('the limits that are given have the names of their options', () => {
  expect(givenLimits(none)).toEqual([]);
  expect(givenLimits({ ...none, excludeOu: ['ou-ab12-22222222'], includeAccount: ['111122223333'] })).toEqual([
    '--exclude-ou',
    '--include-account',
  ]);
});

import { SimulationContexts } from '../../../core/inventory/simulation-context.ts';

const document = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = (Action: string, Condition: object) => ({ Effect: 'Allow', Action, Resource: '*', Condition });
const denyOthers = (more: object, Condition: object) => ({ Effect: 'Deny', Resource: '*', Condition, ...more });
const region = (value: string) => ({ name: 'aws:RequestedRegion', type: 'string', values: [value] });

const contextOf = (
  documents: string[],
  { hasMfa = false, actions = ['lambda:CreateFunction', 'iam:CreateUser'] } = {},
) => new SimulationContexts().contextFor(documents, actions, { hasMfa, partition: 'aws' });

test.each([
  [
    'a guardrail that leaves IAM out',
    [
      document(
        denyOthers({ NotAction: ['iam:*', 'sts:*'] }, { StringNotEquals: { 'aws:RequestedRegion': 'eu-west-1' } }),
      ),
    ],
    'eu-west-1',
    false,
  ],
  [
    'an Allow in one Region, also of IAM',
    [document(allow('*', { StringEquals: { 'aws:RequestedRegion': ['eu-central-1'] } }))],
    'eu-central-1',
    true,
  ],
  [
    'a Deny of some Regions',
    [document(denyOthers({ Action: '*' }, { StringEquals: { 'aws:RequestedRegion': ['us-east-1', 'us-east-2'] } }))],
    'us-west-1',
    true,
  ],
  ['a pattern', [document(allow('*', { StringLike: { 'aws:RequestedRegion': 'eu-*' } }))], 'eu-west-1', true],
  [
    'the Region where IAM answers',
    [document(allow('*', { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }))],
    'us-east-1',
    false,
  ],
])('%s: the Region that the policies allow', (_name, documents, expected, isSplit) => {
  const global = isSplit ? [region('us-east-1')] : null;
  expect(contextOf(documents)).toEqual({ entries: [region(expected)], global });
});

test('no second Region without an action of IAM', () => {
  const documents = [document(allow('*', { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }))];
  expect(contextOf(documents, { actions: ['lambda:CreateFunction', 'iam:PassRole'] }).global).toBeNull();
});

test('a user’s MFA device is given only if the user has one and a policy names it', () => {
  const documents = [document(allow('*', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }))];
  const names = (entries: readonly { name: string }[]) => entries.map(({ name }) => name);
  expect(names(contextOf(documents, { hasMfa: true }).entries)).toEqual([
    'aws:MultiFactorAuthPresent',
    'aws:MultiFactorAuthAge',
  ]);
  expect(contextOf(documents)).toEqual({ entries: [], global: null });
  expect(contextOf([document({ Effect: 'Allow', Action: '*', Resource: '*' })], { hasMfa: true }).entries).toEqual([]);
});

test('a document that can’t be read gives nothing', () => {
  expect(contextOf(['{'], { hasMfa: true })).toEqual({ entries: [], global: null });
});

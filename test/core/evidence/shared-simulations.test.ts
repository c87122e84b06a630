import type { WorklistLine } from '../../../core/contract/account-objects.ts';
import type { Permissions } from '../../../core/contract/evidence.ts';
import { SharedSimulations } from '../../../core/evidence/shared-simulations.ts';

const line = (arn: string, group: string | null): WorklistLine => ({
  arn,
  type: 'role',
  actions: ['iam:PassRole'],
  ruledOut: 0,
  narrower: [],
  unaskable: [],
  asks: ['permissions'],
  group,
});
const part = (status: Permissions['status'], allowedByOrganizations: boolean | null): Permissions => ({
  status,
  asOf: '2026-11-23T04:00:00Z',
  carriedFrom: null,
  ruledOut: 0,
  decisions: [
    {
      action: 'iam:PassRole',
      decision: 'allowed',
      allowedByOrganizations,
      allowedByBoundary: null,
      missingContext: [],
      resources: [],
    },
  ],
});
const [a, b, c, alone] = [line('a', 'g'), line('b', 'g'), line('c', 'h'), line('alone', null)];

test('one principal of each group is simulated first, and all without a group', () => {
  expect(new SharedSimulations().rounds([a, b, c, alone])).toEqual([[a, c, alone], [b]]);
});

test('decisions of an earlier attempt are not simulated again', () => {
  const shared = new SharedSimulations();
  shared.add(a, part('COMPLETE', null));
  expect(shared.rounds([b, c])).toEqual([[c], [b]]);
  expect(shared.of(b)).toEqual({ part: part('COMPLETE', null), from: 'a' });
});

test('shared decisions name the principal that was simulated, also for the third principal', () => {
  const shared = new SharedSimulations();
  shared.add(b, part('COMPLETE', null), 'a');
  expect(shared.of(line('d', 'g'))?.from).toBe('a');
});

test.each<[string, Permissions, boolean]>([
  ['whole', part('COMPLETE', null), true],
  ['in part', part('PARTIAL', null), false],
  ['failed', part('FAILED', null), false],
  // SCPs may exempt principals by ARN.
  ['within an organization', part('COMPLETE', true), false],
])('decisions that were found %s are taken over: %#', (_, found, expected) => {
  const shared = new SharedSimulations();
  shared.add(a, found);
  expect(shared.of(b) !== null).toBe(expected);
});

test('a principal without a group shares nothing', () => {
  const shared = new SharedSimulations();
  shared.add(alone, part('COMPLETE', null));
  expect(shared.of(line('other', null))).toBeNull();
});

describe('resources with different names', () => {
  const naming = (arn: string, ...lists: string[][]): WorklistLine => ({
    ...line(arn, 'g'),
    narrower: lists.map((resources) => ({ resources, actions: ['iam:PassRole'] })),
  });
  const decided = (...arns: string[]): Permissions => {
    const { decisions, ...others } = part('COMPLETE', null);
    const resources = arns.map((arn) => ({ arn, decision: 'allowed' as const }));
    return { ...others, decisions: decisions.map((decision) => ({ ...decision, resources })) };
  };

  test.each<[string, WorklistLine, Permissions | null]>([
    ['stand in the same places', naming('b', ['blue', 'all'], ['blue']), decided('blue', 'all')],
    ['are fewer', naming('b', ['blue', 'all']), null],
    ['are more in one place', naming('b', ['blue', 'all', 'x'], ['blue']), null],
    ['are another in two places of one', naming('b', ['blue', 'all'], ['green']), null],
  ])('%s', (_, other, expected) => {
    const shared = new SharedSimulations();
    shared.add(naming('a', ['red', 'all'], ['red']), decided('red', 'all'));
    expect(shared.of(other)?.part ?? null).toEqual(expected);
  });
});

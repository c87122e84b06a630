import { planBatches } from '../../../core/inventory/batches.ts';
import { narrowerResources, principalVariables } from '../../../core/inventory/narrower-resources.ts';
import { principalScope } from '../../../core/inventory/principal-patterns.ts';
import { PolicyCompiler } from '../../../core/inventory/ruling-out.ts';

describe('batches', () => {
  const START = Date.parse('2026-11-23T04:00:00Z');
  const plan = (lines: number, principalsPerBatch: number, spreadMinutes = 0) =>
    planBatches(
      { lineBytes: Array.from({ length: lines }, (_, n) => 10 + n) },
      { principalsPerBatch, spreadMs: spreadMinutes * 60_000, startAt: START },
    );

  test.each([
    [0, 1_000, 0],
    [1, 1_000, 1],
    [1_000, 1_000, 1],
    [1_001, 1_000, 2],
    [10_000, 1_000, 10],
    [1_000_000, 1_000, 500],
  ])('%i principals, at most %i each, make %i', (lines, size, count) => {
    expect(plan(lines, size)).toHaveLength(count);
  });

  test('they cover the worklist without gap or overlap, in lines and in bytes', () => {
    const batches = plan(1_234, 100);
    expect([batches[0]!.from, batches[0]!.offset, batches.at(-1)!.to]).toEqual([0, 0, 1_234]);
    batches.slice(1).forEach((batch, index) => {
      const before = batches[index]!;
      expect([batch.from, batch.offset, batch.n]).toEqual([before.to, before.offset + before.length, before.n + 1]);
    });
    const total = batches.reduce((sum, { length }) => sum + length, 0);
    expect(total).toBe((1_234 * (10 + 10 + 1_233)) / 2);
  });

  test('a spread run has smaller batches, evenly over its window', () => {
    const batches = plan(600, 1_000, 60);
    expect(batches).toHaveLength(12);
    expect(batches.map(({ slotAt }) => (Date.parse(slotAt) - START) / 60_000)).toEqual([
      0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55,
    ]);
  });

  test('without a window all may begin at once', () => {
    expect(new Set(plan(300, 100).map(({ slotAt }) => slotAt)).size).toBe(1);
  });
});

describe('narrower resources', () => {
  const actions = ['s3:GetObject', 's3:PutObject', 'iam:PassRole'];
  const alice = principalVariables({
    accountId: '111122223333',
    type: 'user',
    name: 'alice',
    principalId: 'AIDA',
    tags: { team: 'red' },
  });
  const resources = (Resource: unknown, Action: unknown = 's3:GetObject', variables = alice) => {
    const policy = new PolicyCompiler(actions).compile(
      JSON.stringify({ Statement: [{ Effect: 'Allow', Action, Resource }] }),
    );
    return narrowerResources([policy], actions, variables);
  };

  test.each([
    ['*', []],
    ['arn:aws:s3:::a/*', ['arn:aws:s3:::a/*']],
    ['arn:aws:s3:::home/${aws:username}/*', ['arn:aws:s3:::home/alice/*']],
    ['arn:aws:s3:::${aws:PrincipalTag/team}/*', ['arn:aws:s3:::red/*']],
    ["arn:aws:s3:::${aws:PrincipalTag/none, 'common'}/*", ['arn:aws:s3:::common/*']],
    // What hangs on the request, and what the simulator takes for no ARN.
    ['arn:aws:s3:::${aws:SourceVpc}/*', []],
    ['arn:*', []],
    ['arn:aws:s*:::x', []],
  ])('%s names %j', (pattern, expected) => {
    expect(resources(pattern).flatMap((group) => group.resources)).toEqual(expected);
  });

  test('a role has no user name', () => {
    const role = principalVariables({
      accountId: '1',
      type: 'role',
      name: 'alice',
      principalId: 'AROA',
      tags: {},
    });
    expect(resources('arn:aws:s3:::home/${aws:username}/*', 's3:*', role)).toEqual([]);
  });

  test('ten of an action, actions with the same resources together', () => {
    const many = Array.from({ length: 15 }, (_, n) => `arn:aws:s3:::bucket-${n}/*`);
    expect(resources(many, 's3:*')).toEqual([
      { resources: many.slice(0, 10), actions: ['s3:GetObject', 's3:PutObject'] },
    ]);
  });
});

test.each([
  ['*', true],
  ['arn:aws:iam::*:role/deploy-*', true],
  ['arn:aws:iam::*:role/Deploy-*', false],
  ['arn:aws:iam::111122223333:role/deploy-?', true],
  ['arn:aws:iam::111122223333:role/deploy-??', false],
  ['arn:aws:iam::*:user/*', false],
  ['arn:aws:iam::111122223333:role/deploy.x', false],
])('the pattern %s: %s', (pattern, expected) => {
  expect(principalScope([pattern])('arn:aws:iam::111122223333:role/deploy-x')).toBe(expected);
});

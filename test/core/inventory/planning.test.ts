import fc from 'fast-check';
import { actionPattern } from '../../../core/policies/action-pattern.ts';
import { planBatches } from '../../../core/inventory/plan-batches.ts';
import { narrowerResources, narrowingContext } from '../../../core/policies/narrower-resources.ts';
import { principalScope } from '../../../core/policies/principal-patterns.ts';
import { PolicyCompiler } from '../../../core/policies/ruling-out.ts';
import { wildcardPattern } from '../../../core/policies/wildcards.ts';

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
  ])('%i principals, at most %i in a batch, give %i batches', (lines, size, count) => {
    expect(plan(lines, size)).toHaveLength(count);
  });

  test('batches cover the worklist without gap or overlap, in lines and in bytes', () => {
    const batches = plan(1_234, 100);
    expect([batches[0]!.from, batches[0]!.offset, batches.at(-1)!.to]).toEqual([0, 0, 1_234]);
    batches.slice(1).forEach((batch, index) => {
      const before = batches[index]!;
      expect([batch.from, batch.offset, batch.n]).toEqual([before.to, before.offset + before.length, before.n + 1]);
    });
    const total = batches.reduce((sum, { length }) => sum + length, 0);
    expect(total).toBe((1_234 * (10 + 10 + 1_233)) / 2);
  });

  const minutes = (time: string): number => Math.round((Date.parse(time) - START) / 600) / 100;

  test('a spread run has about 30 slots, spread evenly over its window', () => {
    const batches = plan(600, 1_000, 60);
    expect(batches.map(({ slotAt }) => minutes(slotAt))).toEqual(Array.from({ length: 30 }, (_, n) => 2 * n));
    // 20 principals in 20 s, one a second; a Wait state is cheaper than sleeping for the rest of the slot.
    expect(minutes(batches[0]!.spreadUntil!)).toBeCloseTo(20 / 60, 1);
  });

  test.each([
    ['a short window is slept through, except for the last 15 %', 600, 2, 1, 1.7],
    ['a window of 15 minutes too, with half a minute for the last reports', 600, 15, 1, 14.5],
    ['few principals in a short window have a slot each', 4, 10, 4, null],
    ['few principals in a long window have a slot each', 7, 600, 7, null],
    ['slots have five minutes at most', 6_000, 600, 120, 50 / 60],
    ['in a slot of four principals the function sleeps 5.6 s at most after each', 480, 600, 120, 22.5 / 60],
    ['if there is too much work for one principal a second, it is spread over the whole slot', 20_000, 60, 30, 1.7],
    ['a batch has at most 1,000 principals', 3_000, 9, 3, 2.55],
    ['100,000 principals in a day have slots of five minutes', 100_000, 1_440, 288, 4.5],
  ])('%s', (_name, principals, window, count, until) => {
    const batches = plan(principals, 1_000, window);
    expect(batches).toHaveLength(count);
    const { slotAt, spreadUntil } = batches.at(-1)!;
    expect(minutes(slotAt)).toBeCloseTo((window * (count - 1)) / count, 1);
    if (until === null) expect(spreadUntil).toBeNull();
    else expect(minutes(spreadUntil!) - minutes(slotAt)).toBeCloseTo(until, 1);
  });

  test('an account’s short slice of a long window is not slept through', () => {
    const slice = { principalsPerBatch: 1_000, spreadMs: 72_000, windowMs: 3_600_000, startAt: START };
    const batches = planBatches({ lineBytes: Array.from({ length: 15 }, () => 10) }, slice);
    expect(batches).toHaveLength(1);
    expect(minutes(batches[0]!.spreadUntil!)).toBeCloseTo(15 / 60, 1);
  });

  test.each([
    [1, 30],
    [46, 30],
    [47, 29],
    [500, 2],
  ])('with %i batches, each may end early %i times, within half of the execution’s history', (count, pauses) => {
    const batches = plan(count * 10, 10);
    expect(new Set(batches.map((batch) => batch.pauses))).toEqual(new Set([pauses]));
    expect(count * pauses * 9).toBeLessThanOrEqual(12_500);
  });

  test('without a window, all batches may begin at once, and are as fast as possible', () => {
    const batches = plan(300, 100);
    expect(new Set(batches.map(({ slotAt }) => slotAt)).size).toBe(1);
    expect(batches.every(({ spreadUntil }) => spreadUntil === null)).toBe(true);
  });
});

describe('narrower resources', () => {
  const actions = ['s3:GetObject', 's3:PutObject', 'iam:PassRole'];
  const identity = {
    arn: 'arn:aws-cn:iam::111122223333:user/alice',
    accountId: '111122223333',
    type: 'user' as const,
    name: 'alice',
    principalId: 'AIDA',
    tags: { team: 'red' },
  };
  const narrowed = (Resource: unknown, Action: unknown = 's3:GetObject', principal: typeof identity | object = {}) => {
    const policy = new PolicyCompiler(actions).compile(
      JSON.stringify({ Statement: [{ Effect: 'Allow', Action, Resource }] }),
    );
    return narrowerResources([policy], actions, narrowingContext({ ...identity, ...principal }));
  };

  test.each([
    ['*', []],
    ['arn:aws:s3:::a/*', ['arn:aws:s3:::a/*']],
    ['arn:aws:s3:::home/${aws:username}/*', ['arn:aws:s3:::home/alice/*']],
    ['arn:aws:s3:::${aws:PrincipalTag/team}/*', ['arn:aws:s3:::red/*']],
    ["arn:aws:s3:::${aws:PrincipalTag/none, 'common'}/*", ['arn:aws:s3:::common/*']],
    // A variable of the request becomes a wildcard. The simulator reports the key as missing.
    ['arn:aws:s3:::${aws:SourceVpc}/*', ['arn:aws:s3:::*/*']],
    // The simulator requires six parts, and no wildcards in partition and service.
    ['arn:*:s3:::a', ['arn:aws-cn:s3:::a']],
    ['arn:aws*:s3:::a', ['arn:aws-cn:s3:::a']],
    ['arn:aws-cn:s*:::a', ['arn:aws-cn:s3:::a']],
    ['arn:aws-cn:*:*:*:*', ['arn:aws-cn:s3:*:*:*']],
    ['arn:aws-cn:s3:*', ['arn:aws-cn:s3:*:*:*']],
    ['arn:aws-cn:s3::*', ['arn:aws-cn:s3::*:*']],
    ['arn:*', ['arn:aws-cn:s3:*:*:*']],
    // These resources belong to another partition or service, so this principal's actions can't match.
    ['arn:aws-us-*:s3:::a', []],
    ['arn:aws-cn:e*:::a', []],
  ])('%s names %j', (pattern, expected) => {
    const { requests, unaskable } = narrowed(pattern);
    expect([requests.flatMap(({ resources }) => resources), unaskable]).toEqual([expected, []]);
  });

  test.each(['arn:aws:s3', 'bucket/*', '${aws:username}'])(
    '%s is not an ARN, and is reported in unaskable',
    (pattern) => {
      expect(narrowed(pattern)).toMatchObject({ requests: [], unaskable: [expect.any(String)] });
    },
  );

  test('a role has no user name, so resources with this variable are ignored', () => {
    const role = { type: 'role', principalId: 'AROA', tags: {} };
    expect(narrowed('arn:aws:s3:::home/${aws:username}/*', 's3:*', role)).toEqual({ requests: [], unaskable: [] });
  });

  test('at most ten resources for each action, and one request for actions with the same resources', () => {
    const many = Array.from({ length: 15 }, (_, n) => `arn:aws:s3:::bucket-${n}/*`);
    expect(narrowed(many, 's3:*').requests).toEqual([
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

test('a pattern designed for slow matching is matched in time', () => {
  const slow = `cognito-identity:${'*?'.repeat(200)}0`;
  const before = performance.now();
  expect(actionPattern(slow)('cognito-identity:getcredentialsforidentity'.repeat(5))).toBe(false);
  // A backtracking matcher needs minutes for a pattern of a tenth of this length.
  expect(performance.now() - before).toBeLessThan(2_000);
});

test('patterns match the same texts as a backtracking matcher', () => {
  const letters = fc.constantFrom('a', 'b', '*', '?');
  const pattern = fc.array(letters, { maxLength: 8 }).map((parts) => parts.join(''));
  const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(pattern, text, (wanted, given) => {
      const expression = new RegExp(`^${wanted.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(wildcardPattern(wanted)(given)).toBe(expression.test(given));
    }),
    { numRuns: 2_000 },
  );
});

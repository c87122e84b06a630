import * as v from 'valibot';
import { Diagnosis, questionIds, type Answer, type QuestionId } from '../../../../core/contract/doctor/diagnosis.ts';
import { examine } from '../../../../core/doctor/diagnosis/examine.ts';
import { diagnosisInWords } from '../../../../core/doctor/diagnosis/in-words.ts';
import { defaultThresholds, thresholdsWith } from '../../../../core/doctor/thresholds.ts';
import { LogQueryError, type LogQueryName, type LogRow } from '../../../../core/ports/log-queries.ts';

const HOG = 'arn:aws:iam::111122223333:role/hog';
const SMALL = 'arn:aws:iam::111122223333:role/small';
const START = Date.parse('2026-11-20T10:00:00Z') / 1_000;

/** Typed: Jest's own matcher is `any`. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const totals = (more: LogRow = {}): LogRow => ({
  calls: 10_000,
  refused: 500,
  first_sec: START,
  last_sec: START + 7_200,
  refused_with_params: 500,
  strays: 0,
  iam_calls: 9_000,
  keyless_sessions: 0,
  outside_sessions: 0,
  outside_accounts: 0,
  outside_account: null,
  first_region_calls: 10_000,
  other_partition_calls: 0,
  ...more,
});

const role = (caller = HOG): LogRow => ({ caller, caller_kind: 'role', account: '111122223333' });

/** A caller that changes a policy as a habit. */
const policyWrites = (caller = HOG, target = 'p'): LogRow => ({
  ...role(caller),
  target,
  writes: 50,
  minutes: 40,
  busiest_minutes: 20,
  busiest_writes: 20,
  is_lifecycle: 0,
  created: 0,
  deleted: 0,
  first_sec: START,
  last_sec: START + 7_000,
  operation: 'iam:PutRolePolicy',
});

const diagnose = (rows: Partial<Record<LogQueryName, LogRow[]>>, thresholds = defaultThresholds) =>
  examine({
    queries: { ask: (query) => Promise.resolve(rows[query] ?? (query === 'totals' ? [totals()] : [])) },
    thresholds,
    source: { kind: 'cloudtrail', from: null, to: null, events: 20_000, leftOut: [], complete: true },
  });

const answer = async (id: QuestionId, rows: Partial<Record<LogQueryName, LogRow[]>>): Promise<Answer> => {
  const { questions } = await diagnose(rows);
  return questions.find((one) => one.id === id)!;
};

test('all questions are answered in the order of the contract, also if the logs are empty', async () => {
  const empty = totals({
    calls: 0,
    refused: 0,
    first_sec: null,
    last_sec: null,
    refused_with_params: 0,
    sts_calls: 0,
    accounts: 0,
  });
  const diagnosis = await diagnose({ totals: [empty] });
  expect(v.parse(Diagnosis, diagnosis)).toEqual(diagnosis);
  expect(diagnosis.questions.map(({ id }) => id)).toEqual(questionIds);
  for (const { verdict, reason } of diagnosis.questions) {
    expect(verdict).toBe('unknown');
    expect(reason).not.toBeNull();
  }
});

test('joins consecutive minutes with throttled calls to one window, for each pool; none begins before the logs', async () => {
  const minute = (pool: string, n: number, served: number, refused: number): LogRow => ({
    pool,
    minute: START + 60 * n,
    served,
    refused,
  });
  const { refused } = await diagnose({
    windows: [
      minute('iam:111122223333', -1, 10, 0),
      minute('iam:111122223333', 0, 20, 5),
      minute('iam:111122223333', 5, 7, 0),
      minute('iam:111122223333', 6, 8, 1),
      minute('sts:111122223333:eu-west-1', 7, 9, 2),
    ],
  });
  expect(refused.windows).toEqual([
    { pool: 'iam:111122223333', from: '2026-11-20T10:00:00Z', to: '2026-11-20T10:01:00Z', served: 30, refused: 5 },
    { pool: 'iam:111122223333', from: '2026-11-20T10:05:00Z', to: '2026-11-20T10:07:00Z', served: 15, refused: 1 },
    {
      pool: 'sts:111122223333:eu-west-1',
      from: '2026-11-20T10:07:00Z',
      to: '2026-11-20T10:08:00Z',
      served: 9,
      refused: 2,
    },
  ]);
});

describe('callers', () => {
  const use = (caller: string, place: number, blame_share: number, more: LogRow = {}): LogRow => ({
    ...role(caller),
    pool: 'iam:111122223333',
    place,
    served: 1_000 * blame_share,
    refused: 10,
    peak_minute: 300,
    minutes: 4,
    pool_served: 1_000,
    pool_refused: 500,
    judged_refused: 500,
    unexplained: 0,
    bucket_share: 0.33,
    caller_share: 0,
    blame: 500 * blame_share,
    blame_share,
    operation: 'iam:GetRole',
    blamed_operation: 'iam:GetRole',
    second_operation: null,
    limit_served: null,
    limit_minutes: null,
    ...more,
  });

  test('names the caller that used the rate up, and not those that got little of it', async () => {
    const { verdict, callers } = await answer('callers', { callers: [use(HOG, 1, 0.7), use(SMALL, 2, 0.2)] });
    expect(verdict).toBe('found');
    expect(callers.map(({ caller }) => caller)).toEqual([HOG]);
    expect(callers[0]?.diagnosis).toContain('700 of 1,000 calls (70 %)');
  });

  test('a caller whose own calls are never throttled is named too', async () => {
    const { callers } = await answer('callers', { callers: [use(HOG, 1, 0.8, { refused: 0 }), use(SMALL, 2, 0.2)] });
    expect(callers[0]?.diagnosis).toContain('None of its own calls was throttled.');
  });

  test('two callers that use the rate alike are both named', async () => {
    const { callers } = await answer('callers', { callers: [use(HOG, 1, 0.51), use(SMALL, 2, 0.49)] });
    expect(callers.map(({ caller }) => caller)).toEqual([HOG, SMALL]);
  });

  test('many callers with a small part each: no caller is named', async () => {
    const many = Array.from({ length: 20 }, (_, n) => use(`${SMALL}-${n}`, n + 1, 0.05));
    const { verdict, callers, summary } = await answer('callers', { callers: many });
    expect({ verdict, callers }).toEqual({ verdict: 'unknown', callers: [] });
    expect(summary).toContain('many callers made a small part of the calls each');
  });

  test('a caller of several pools is named once', async () => {
    const { callers } = await answer('callers', {
      callers: [use(HOG, 1, 0.9), use(HOG, 1, 0.8, { pool: 'sts:111122223333:eu-west-1' })],
    });
    expect(callers).toHaveLength(1);
    expect(callers[0]?.diagnosis).toContain('sts:111122223333:eu-west-1');
  });

  const few = { pool_served: 0, pool_refused: 4, judged_refused: 4, served: 0, refused: 4, blame: 0, blame_share: 0 };

  test('a few throttled calls that are most of the calls under a limit are no sign of order', async () => {
    const rows = Array.from({ length: 3 }, (_, n) =>
      use(`${SMALL}-${n}`, 1, 0, { ...few, pool: `iam:00000000000${n}` }),
    );
    const { verdict, summary, reason } = await answer('callers', { callers: rows, totals: [totals({ refused: 12 })] });
    expect(verdict).toBe('unknown');
    expect(summary).toContain('these were 4 of the 4 calls of iam:000000000000 and of 2 other limits');
    expect(reason).toContain('at least 5 throttled calls under one limit');
  });

  test('few of many calls are in order, with the share under each limit', async () => {
    const rows = [use(HOG, 1, 1, { ...few, pool_served: 996 })];
    const { verdict, summary } = await answer('callers', { callers: rows, totals: [totals({ refused: 4 })] });
    expect([verdict, summary]).toEqual(['in-order', expect.stringContaining('at most 0.4 % of the calls')]);
  });

  test.each([
    ['one operation is throttled', { bucket_share: 0.4 }],
    ['one caller is locked out', { caller_share: 1 }],
  ])('%s while few of all calls are: the caller that used the rate up is named', async (_, more) => {
    const large = { pool_served: 100_000, bucket_share: 0.005, ...more };
    expect((await answer('callers', { callers: [use(HOG, 1, 0.9, large)] })).verdict).toBe('found');
    const small = { ...large, bucket_share: 0.005, caller_share: 0 };
    expect((await answer('callers', { callers: [use(HOG, 1, 0.9, small)] })).verdict).toBe('in-order');
  });

  test('throttled calls without a served call under the same limit are not said to come from many small callers', async () => {
    const row = use(SMALL, 1, 0, { blame: 0, served: 0, refused: 500, unexplained: 500 });
    const { verdict, summary } = await answer('callers', { callers: [row] });
    expect(verdict).toBe('unknown');
    expect(summary).toContain('hardly any call was served under the same limit');
    expect(summary).not.toContain('many callers');
  });

  test('logs without a throttled call give no answer about callers and backoff', async () => {
    const { questions } = await diagnose({ totals: [totals({ refused: 0, refused_with_params: 0 })] });
    expect(questions.slice(0, 2).map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown']);
  });
});

test('the saving of a caller that used the rate up is the part of the throttled calls that its diagnosis names', async () => {
  const row = {
    ...role(),
    pool: 'iam:111122223333',
    place: 1,
    served: 700,
    refused: 300,
    peak_minute: 300,
    minutes: 4,
    pool_served: 1_000,
    pool_refused: 500,
    judged_refused: 500,
    unexplained: 0,
    bucket_share: 0.33,
    caller_share: 0.3,
    blamed_operation: 'iam:GetRole',
    second_operation: null,
    limit_served: null,
    limit_minutes: null,
    // Retries without backoff count less for the order of the callers.
    blame: 100,
    blame_share: 0.7,
    operation: 'iam:GetRole',
  };
  const { callers } = await answer('callers', { callers: [row], totals: [totals({ last_sec: START + 600 })] });
  expect(callers).toMatchObject([
    { saves: { callsPerHour: 350 }, diagnosis: matching(/It accounts for 70 % of the 500 throttled calls/) },
  ]);
});

test('calls with a wrong time are named, and do not change the period of the calls', async () => {
  const { source } = await diagnose({ totals: [totals({ strays: 2 })] });
  expect(source).toMatchObject({
    from: '2026-11-20T10:00:00Z',
    to: '2026-11-20T12:00:00Z',
    leftOut: [{ what: 'calls with a wrong time', count: 2, reason: matching(/do not make the period longer/) }],
  });
});

describe('backoff', () => {
  const retries = (more: LogRow): LogRow => ({
    ...role(),
    user_agent: 'Boto3/1.34 cfg/retry-mode#legacy',
    operation: 'iam:GetRole',
    calls: 1_000,
    refused: 400,
    refused_unrecorded: 0,
    repeated: 300,
    first_sec: START,
    last_sec: START + 600,
    first_retries: 200,
    first_gap: 0.5,
    first_square: 0.5,
    first_expected: 0.25,
    next_retries: 100,
    next_gap: 1.1,
    next_square: 1.7,
    next_expected: 0.65,
    later_retries: 0,
    later_gap: null,
    later_square: null,
    longest_chain: 3,
    ...more,
  });

  test.each([
    [900, 350],
    [7_200, 175],
    [36_000, 35],
  ])('350 retries in logs of %i s: the saving is %i, never extrapolated', async (seconds, callsPerHour) => {
    const waits = { first_gap: 0.05, first_square: 0.05, next_gap: 0.1, next_square: 0.1 };
    const rows = { ...waits, first_retries: 200, next_retries: 100, later_retries: 50 };
    const { callers } = await answer('backoff', {
      backoff: [retries({ ...rows, first_sec: START, last_sec: START + 300 })],
      totals: [totals({ last_sec: START + seconds })],
    });
    expect(callers).toMatchObject([{ saves: { callsPerHour } }]);
  });

  test.each([
    [
      'first retries at once',
      { first_gap: 0.05, first_square: 0.05, next_retries: 8, next_gap: 0.4, next_square: 0.4 },
    ],
    ['second and third retries at once', { next_gap: 0.1, next_square: 0.1 }],
    [
      'a fixed wait of one second',
      { next_gap: 1, next_square: 1.1, later_retries: 50, later_gap: 1, later_square: 1.1 },
    ],
  ])('%s: found', async (_, more) => {
    const { verdict, callers } = await answer('backoff', { backoff: [retries(more)] });
    expect(verdict).toBe('found');
    expect(callers.map(({ caller }) => caller)).toEqual([HOG]);
  });

  // 53 retries of 0.19 s and 31 of 0.35 s: chance gives the SDK that waits least such sums once in 200 times.
  const fewRetries = {
    refused: 86,
    first_retries: 53,
    first_gap: 0.19,
    first_square: 0.19,
    next_retries: 31,
    next_gap: 0.35,
  };

  test('few retries of each kind are enough if together they come too soon', async () => {
    const few = retries({ ...fewRetries, next_square: 0.35, next_expected: 0.59 });
    expect((await answer('backoff', { backoff: [few] })).callers.map(({ caller }) => caller)).toEqual([HOG]);
  });

  test('calls of other threads between the retries shorten the expected time', async () => {
    const crowded = retries({ first_gap: 0.2, first_square: 0.2, next_gap: 0.35, next_square: 0.35 });
    expect((await answer('backoff', { backoff: [crowded] })).verdict).toBe('found');
    const expected = { first_expected: 0.21, next_expected: 0.39 };
    expect((await answer('backoff', { backoff: [{ ...crowded, ...expected }] })).callers).toEqual([]);
  });

  test('short waits before first retries are no evidence if later waits are as long as those of an SDK', async () => {
    const wholeSeconds = retries({ first_gap: 0, first_square: 0, next_gap: 1.2, next_square: 1.8 });
    expect((await answer('backoff', { backoff: [wholeSeconds] })).callers).toEqual([]);
  });

  test('a fixed wait is called constant, and a short one is not', async () => {
    const fixed = { next_gap: 1.05, next_square: 1.2, later_retries: 50, later_gap: 1, later_square: 1.1 };
    const said = async (more: LogRow) => (await answer('backoff', { backoff: [retries(more)] })).callers[0]?.diagnosis;
    expect(await said(fixed)).toContain('The wait is constant: it does not grow with each retry.');
    expect(await said({ ...fixed, next_gap: 0.1, next_square: 0.1, later_gap: 0.1, later_square: 0.05 })).not.toContain(
      'constant',
    );
  });

  test('a caller that changes its user agent with each call is not left out', async () => {
    const parts = Array.from({ length: 40 }, (_, n) =>
      retries({
        ...role(SMALL),
        user_agent: `agent-${n}`,
        refused: 10,
        first_retries: 0,
        next_retries: 0,
        next_gap: null,
      }),
    );
    const { verdict, summary } = await answer('backoff', {
      backoff: [retries({}), ...parts],
      totals: [totals({ refused: 800 })],
    });
    expect([verdict, summary]).toEqual(['unknown', expect.stringContaining(SMALL)]);
  });

  test.each([
    ['a mean that chance can give', { next_retries: 21, next_gap: 0.45, next_square: 0.45 }],
    [
      'few retries that chance can give',
      { first_retries: 31, first_gap: 0.2, first_square: 0.2, next_retries: 19, next_gap: 0.38, next_square: 0.38 },
    ],
    ['later retries with uneven waits, some of them new calls', { later_retries: 50, later_gap: 1, later_square: 9 }],
    ['a few later retries, by a client that gives up', { later_retries: 20, later_gap: 0.6, next_retries: 2_000 }],
  ])('%s: no caller is named', async (_, more) => {
    expect((await answer('backoff', { backoff: [retries({ later_square: 0.7, ...more })] })).callers).toEqual([]);
  });

  test('waits as those of an SDK are in order', async () => {
    expect((await answer('backoff', { backoff: [retries({})], totals: [totals({ refused: 400 })] })).verdict).toBe(
      'in-order',
    );
  });

  test('a caller with a part of the throttled calls that nobody can judge leaves the answer open, and is named', async () => {
    const untold = retries({ ...role(SMALL), refused: 40, first_retries: 0, next_retries: 0, next_gap: null });
    const { verdict, summary, callers } = await answer('backoff', {
      backoff: [retries({}), untold],
      totals: [totals({ refused: 440 })],
    });
    expect({ verdict, callers }).toEqual({ verdict: 'unknown', callers: [] });
    expect(summary).toContain('91 % of the throttled calls wait before they retry');
    expect(summary).toContain(SMALL);
    expect(summary).not.toContain(HOG);
  });

  test('a caller of few calls is named as unknown, whether others wait or not', async () => {
    const few = retries({ ...role(SMALL), refused: 12, first_retries: 8, next_retries: 3 });
    const said = matching(/^Whether \S+role\/small waits is unknown \(2\.9 % of the throttled calls\)/);
    const totalsOf = [totals({ refused: 412 })];
    const others = await answer('backoff', { backoff: [retries({}), few], totals: totalsOf });
    expect([others.verdict, others.reason]).toEqual(['in-order', said]);
    const tooSoon = retries({ first_gap: 0.05, first_square: 0.05, next_gap: 0.05, next_square: 0.05 });
    const beside = await answer('backoff', { backoff: [tooSoon, few], totals: totalsOf });
    expect([beside.verdict, beside.reason]).toEqual(['found', said]);
  });

  test('retries that chance gives to callers with and without backoff are no sign of order', async () => {
    const either = retries({ ...fewRetries, first_gap: 0.22, next_gap: 0.42, next_square: 0.42, next_expected: 0.59 });
    expect((await answer('backoff', { backoff: [either], totals: [totals({ refused: 86 })] })).verdict).toBe('unknown');
  });

  test('the callers of a small part of the throttled calls do not stand for all', async () => {
    const small = Array.from({ length: 25 }, (_, n) =>
      retries({ ...role(`${SMALL}-${n}`), refused: 24, first_retries: 9, next_retries: 4 }),
    );
    const { verdict } = await answer('backoff', {
      backoff: [retries({}), ...small],
      totals: [totals({ refused: 1_000 })],
    });
    expect(verdict).toBe('unknown');
  });

  test('too few retries give no answer', async () => {
    const few = retries({ first_retries: 5, next_retries: 3, next_gap: 0 });
    expect((await answer('backoff', { backoff: [few] })).verdict).toBe('unknown');
  });

  test('without parameters of the throttled calls there is no answer, and the reason says so', async () => {
    const { verdict, reason, callers } = await answer('backoff', {
      backoff: [
        retries({
          ...{ first_retries: 0, first_gap: null, next_retries: 0, next_gap: null, repeated: 0 },
          refused_unrecorded: 400,
        }),
      ],
    });
    expect({ verdict, callers }).toEqual({ verdict: 'unknown', callers: [] });
    expect(reason).toContain('CloudTrail recorded no request parameters for 400 of 400 throttled calls');
  });

  test('equal calls of which nobody can say whether they are retries give no answer, and no advice to read more', async () => {
    const mixed = { first_retries: 0, first_gap: null, next_retries: 0, next_gap: null, repeated: 380 };
    const { verdict, reason } = await answer('backoff', { backoff: [retries(mixed)] });
    expect(verdict).toBe('unknown');
    expect(reason).toContain(`${HOG} repeats equal calls so often that retries can't be distinguished from new calls`);
    expect(reason).toContain('A longer period gives no answer.');
    expect(reason).not.toContain('no request parameters');
  });

  test('throttled calls of AWS services are not counted as calls without an answer', async () => {
    const beside = await answer('backoff', { backoff: [retries({})], totals: [totals({ refused: 9_000 })] });
    expect([beside.verdict, beside.summary]).toEqual([
      'in-order',
      'The callers of 100 % of the throttled calls that are not of AWS services wait before they retry, as AWS SDKs do.',
    ]);
    const alone = await answer('backoff', { backoff: [], totals: [totals({ refused: 9_000 })] });
    expect([alone.verdict, alone.summary]).toEqual(['unknown', 'All throttled calls are calls of AWS services.']);
  });

  test.each([
    ['aws-sdk-nodejs/2.1692.0 linux/v18.20.4 promise', 'The AWS SDK for JavaScript v2 waits at most 0.1 s'],
    ['aws-sdk-php/3.344.0 lang/php#8.3.6 cfg/retry-mode#legacy', 'The AWS SDK for PHP v3 waits at most 0.1 s'],
    ['aws-sdk-cpp/1.11.493 ua/2.1 m/D', 'The AWS SDK for C++ makes the first retry at once'],
    ['aws-sdk-kotlin/1.3.81 ua/2.1', 'The AWS SDK for Kotlin waits at most 0.01 s'],
  ])('the short waits of %s are named', async (user_agent, said) => {
    const soon = { first_gap: 0.05, first_square: 0.05, next_gap: 0.15, next_square: 0.15 };
    const { callers } = await answer('backoff', { backoff: [retries({ ...soon, user_agent })] });
    expect(callers[0]?.diagnosis).toContain(said);
    expect(callers[0]?.diagnosis).toContain('Most other AWS SDKs wait 0.25 to 0.5 s');
    const usual = await answer('backoff', { backoff: [retries({ ...soon, user_agent: 'aws-sdk-php/3.344.0 m/E' })] });
    expect(usual.callers[0]?.diagnosis).toContain('Most AWS SDKs wait 0.25 to 0.5 s');
  });
});

test('a caller with the user agent of the audit is named like any other, and the sentence does not vouch for it', async () => {
  const agents = (caller: string): LogRow => ({
    caller,
    user_agent: 'aws-sdk-js/3.1169.0 m/E iam-audit',
    calls: 9,
    refused: 0,
    invoked_by: null,
  });
  const writes = policyWrites(SMALL);
  const other = await answer('policy-writes', { clients: [agents(HOG)], 'policy-writes': [writes] });
  expect(other.summary).toContain(`No caller with the user agent of iam-audit (${HOG}) is named.`);
  const own = await answer('policy-writes', { clients: [agents(SMALL)], 'policy-writes': [writes] });
  expect(own.verdict).toBe('found');
  expect(own.summary).toContain(`${SMALL} sends the user agent of iam-audit, as any program can. If it is this audit,`);
});

describe('policies changed at run time', () => {
  const said = async (...rows: LogRow[]): Promise<string | undefined> =>
    (await answer('policy-writes', { 'policy-writes': rows })).callers[0]?.diagnosis;

  test.each([
    ['iam:PutRolePolicy', 'the policies of the role m'],
    ['iam:UpdateAssumeRolePolicy', 'the trust policy of the role m'],
    ['iam:AttachUserPolicy', 'the policies of the user m'],
    ['iam:DeleteGroupPolicy', 'the policies of the group m'],
    ['iam:CreatePolicyVersion', 'the policy m'],
  ])('%s: the diagnosis says what has the name', async (operation, changed) => {
    expect(await said({ ...policyWrites(HOG, 'm'), operation, writes: 238 })).toContain(
      `It changed ${changed} 238 times in 40 different minutes, most often with ${operation}.`,
    );
  });

  test('several targets are counted, and the one with most changes is named', async () => {
    const rows = [{ ...policyWrites(HOG, 'm'), writes: 238 }, policyWrites(HOG, 'n')];
    expect(await said(...rows)).toContain(
      'It changed 2 policies, roles, users or groups 288 times, most often the policies of the role m: 238 times in 40 different minutes',
    );
  });

  test.each([
    ['a change each hour all day', { last_sec: START + 86_400 }, 'in-order'],
    ['a change every 15 minutes all day', { minutes: 96, last_sec: START + 86_400 }, 'found'],
    ['many changes in one hour, and few on other days', { busiest_minutes: 10, last_sec: START + 864_000 }, 'found'],
  ])('%s: %#', async (_, more, verdict) => {
    const row = { ...policyWrites(), busiest_minutes: 3, ...more };
    expect((await answer('policy-writes', { 'policy-writes': [row] })).verdict).toBe(verdict);
  });

  const lifecycle = (more: LogRow = {}): LogRow => ({
    ...policyWrites(HOG, 'arn:aws:iam::111122223333:policy/one'),
    ...{ is_lifecycle: 1, created: 40, deleted: 38, writes: 78, operation: 'iam:CreatePolicy', ...more },
  });

  test('policies that are created and deleted are a habit', async () => {
    expect(await said(lifecycle())).toContain(
      'It created 40 and deleted 38 policies in 40 different minutes, for example arn:aws:iam::111122223333:policy/one.',
    );
    expect(await said(lifecycle({ operation: 'iam:CreateRole', target: 'one' }))).toContain(
      'It created 40 and deleted 38 roles with policies of their own',
    );
  });

  test('policies that are created and kept are no habit, but changes', async () => {
    const { verdict, summary } = await answer('policy-writes', {
      'policy-writes': [lifecycle({ deleted: 0, writes: 40 })],
    });
    expect([verdict, summary]).toEqual([
      'in-order',
      expect.stringContaining('The logs contain 40 changes of IAM policies.'),
    ]);
  });
});

describe('accounts', () => {
  const account = (name: string, more: LogRow = {}): LogRow => ({
    ...role(`arn:aws:iam::${name}:role/app`),
    account: name,
    calls: 500,
    refused: 50,
    account_calls: 500,
    account_refused: 50,
    all_calls: 1_000,
    accounts: 2,
    recipients: 1,
    operation: 'iam:GetRole',
    ...more,
  });
  const asked = (rows: LogRow[]) => answer('accounts', { accounts: rows });

  test('accounts with equally many calls are all judged', async () => {
    const both = await asked([account('111122223333'), account('222233334444')]);
    expect(both.callers.map(({ accountId }) => accountId)).toEqual(['111122223333', '222233334444']);
    const second = await asked([account('111122223333', { account_refused: 0 }), account('222233334444')]);
    expect(second.callers.map(({ accountId }) => accountId)).toEqual(['222233334444']);
  });

  test.each([
    [
      'no throttled call',
      [account('111122223333', { account_refused: 0 }), account('222233334444', { account_refused: 0 })],
    ],
    ['two calls', [account('111122223333', { all_calls: 2, account_calls: 1 })]],
  ])('%s: unknown, not in order', async (_, rows) => {
    expect((await asked(rows)).verdict).toBe('unknown');
  });
});

describe('the global endpoint', () => {
  const user = (n: number, global_calls: number): LogRow => ({
    ...role(`${SMALL}-${n}`),
    calls: 20,
    global_calls,
    known_calls: 20,
    global_refused: 0,
    use_region: 'eu-west-1',
    operation: 'sts:AssumeRole',
  });
  const users = (count: number) =>
    answer('sts-endpoint', { 'sts-endpoint': Array.from({ length: count }, (_, n) => user(n, 9)) });

  test('callers with few calls each are named if they make many together', async () => {
    const { verdict, callers } = await users(20);
    expect([verdict, callers.length]).toEqual(['found', 20]);
  });

  test('few calls of all callers together are in order, and mentioned', async () => {
    const { verdict, summary } = await users(3);
    expect([verdict, summary]).toEqual([
      'in-order',
      expect.stringContaining('27 calls by 3 callers went to the global endpoint'),
    ]);
  });
});

describe('sessions that cannot be examined', () => {
  const sessions = (count: number): LogRow => ({
    ...role(),
    ...{
      sessions: count,
      suspect_sessions: 0,
      unsure_sessions: 0,
      assumed_sessions: 0,
      avoidable: 0,
      busiest_hour: 0,
      processes: 0,
      roles: 1,
    },
    ...{ shortest: 3_600, first_sec: START, last_sec: START + 3_600, role: SMALL },
  });
  const asked = (keyless_sessions: number) =>
    answer('credential-cache', { 'credential-cache': [sessions(100)], totals: [totals({ keyless_sessions })] });

  test('more sessions with web identity than others: unknown', async () => {
    const { verdict, summary } = await asked(101);
    expect([verdict, summary]).toEqual(['unknown', expect.stringContaining('101 requests of 201 for a session')]);
  });

  test('fewer: the answer says that they are not examined', async () => {
    const { verdict, summary } = await asked(99);
    expect([verdict, summary]).toEqual([
      'in-order',
      expect.stringContaining('99 requests with web identity or SAML were not examined.'),
    ]);
  });

  test('requests of other accounts are not called web identity, and the answer says which logs to read', async () => {
    const outside = { outside_sessions: 300, outside_accounts: 1, outside_account: '444455556666' };
    const { verdict, summary, reason } = await answer('credential-cache', {
      'credential-cache': [sessions(100)],
      totals: [totals(outside)],
    });
    expect(verdict).toBe('unknown');
    expect(summary).toContain('300 requests by callers of account 444455556666 were not examined.');
    expect(`${summary} ${reason}`).not.toContain('SAML');
    expect(reason).toContain('Read the logs of account 444455556666');
  });

  test('a caller is told what counts as a process, and what is assumed about its session names', async () => {
    const wasteful = { ...sessions(900), suspect_sessions: 900, avoidable: 850, busiest_hour: 400, processes: 1 };
    const said = async (more: LogRow) =>
      (await answer('credential-cache', { 'credential-cache': [{ ...wasteful, ...more }] })).callers[0]?.diagnosis;
    expect(await said({})).toContain('Many short processes with one key behind one address');
    expect(await said({})).not.toContain('This assumes');
    expect(await said({ assumed_sessions: 900 })).toContain(
      'This assumes that the names of 900 sessions are generated',
    );
  });
});

test('an answer that lacks a column is an error that names it', async () => {
  await expect(diagnose({ windows: [{ pool: 'iam:1', minute: 'x', served: 1, refused: 1 }] })).rejects.toThrow(
    LogQueryError,
  );
});

test('text from logs is made harmless for a terminal', async () => {
  const hostile = 'arn:aws:iam::111122223333:role/a\u001b[31m\u202eb';
  const diagnosis = await diagnose({
    'policy-writes': [policyWrites(hostile, 't\u0007')],
  });
  const text = diagnosisInWords(diagnosis).join('\n');
  expect(text).toContain('role/a\\x1b[31m');

  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});

describe('thresholds', () => {
  test('a changed threshold changes the verdict', async () => {
    const row = policyWrites();
    const verdict = async (writes: number) =>
      (await diagnose({ 'policy-writes': [row] }, thresholdsWith({ policyWrites: writes }))).questions[5]?.verdict;
    expect([await verdict(50), await verdict(51)]).toEqual(['found', 'in-order']);
  });

  test.each([
    [{ callersCover: 2 }, 'The threshold callersCover must be from 0 to 1.'],
    [{ policyWrites: 1.5 }, 'The threshold policyWrites must be a whole number.'],
  ])('%j is refused', (changes, message) => {
    expect(() => thresholdsWith(changes)).toThrow(message);
  });

  test('a name that does not exist is refused with the names that do', () => {
    expect(() => thresholdsWith({ nope: 1 })).toThrow(/no threshold nope.*callersCover/);
  });
});

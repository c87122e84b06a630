import { detectSharedBucket, type FirstCalls } from '../../../core/pacing/shared-bucket.ts';

const NOW = Date.parse('2026-11-23T05:00:00.000Z');

/** Accounts that start one second after another. The first one starts some seconds earlier. */
function accounts(accepted: readonly number[], throttled = true): FirstCalls[] {
  return accepted.map((calls, n) => {
    const startedAt = n === 0 ? 0 : 15_000 + n * 1_000;
    return {
      operation: 'iam:X',
      from: 6,
      doubleMs: 3_200,
      startedAt,
      accepted: calls,
      throttledAt: throttled ? startedAt + 9_000 : null,
    };
  });
}

test('if only the first account finds a full bucket, the accounts share it', () => {
  expect(detectSharedBucket(accounts([120, 29, 12, 9, 3]), NOW)).toMatchObject({
    shared: true,
    comparisons: 4,
    foundAt: '2026-11-23T05:00:00.000Z',
  });
});

test('if every account finds a full bucket, each has its own', () => {
  expect(detectSharedBucket(accounts([120, 123, 118, 70, 121]), NOW)).toMatchObject({ shared: false });
});

test('an account with more calls than the first one and no throttle has its own bucket', () => {
  const [first, ...others] = accounts([50, 60, 60, 60, 60]);
  const unthrottled = others.map((calls) => ({ ...calls, throttledAt: null }));
  expect(detectSharedBucket([first!, ...unthrottled], NOW)).toMatchObject({ shared: false });
});

test.each([
  ['few accounts', accounts([120, 10, 10])],
  ['a ratio between the bounds', accounts([100, 60, 62, 58, 65])],
  ['no throttle', accounts([100, 100, 100, 100, 100], false)],
  [
    'fewer calls than the first account and no throttle',
    accounts([100, 20, 20, 20, 20]).map((calls, n) => ({ ...calls, throttledAt: n === 0 ? 9_000 : null })),
  ],
  [
    'a slower start than the first account, which had memory',
    accounts([133, 55, 57, 60, 62]).map((calls, n) => (n === 0 ? calls : { ...calls, from: 28, doubleMs: 12_000 })),
  ],
  ['all accounts start at the same time', accounts([60, 10, 9, 8, 7]).map((calls) => ({ ...calls, startedAt: 0 }))],
])('the result is unknown: %s', (_case, firstCalls) => {
  expect(detectSharedBucket(firstCalls, NOW)).toBeNull();
});

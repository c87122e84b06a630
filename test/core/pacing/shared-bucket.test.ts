import { detectSharedBucket, type FirstCalls } from '../../../core/pacing/shared-bucket.ts';

const NOW = Date.parse('2026-11-23T05:00:00.000Z');

/** Accounts that begin a second after one another, the first some seconds ahead. */
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

test('accounts that find an empty bucket where the first found a full one share it', () => {
  expect(detectSharedBucket(accounts([120, 29, 12, 9, 3]), NOW)).toMatchObject({
    shared: true,
    comparisons: 4,
    foundAt: '2026-11-23T05:00:00.000Z',
  });
});

test('accounts that all find a full bucket have one each', () => {
  expect(detectSharedBucket(accounts([120, 123, 118, 70, 121]), NOW)).toMatchObject({ shared: false });
});

test('one that was never throttled and had more calls than the first has a bucket of its own', () => {
  const [first, ...others] = accounts([50, 60, 60, 60, 60]);
  const free = others.map((calls) => ({ ...calls, throttledAt: null }));
  expect(detectSharedBucket([first!, ...free], NOW)).toMatchObject({ shared: false });
});

test.each([
  ['few accounts', accounts([120, 10, 10])],
  ['in between', accounts([100, 60, 62, 58, 65])],
  ['nothing throttled', accounts([100, 100, 100, 100, 100], false)],
  [
    'fewer calls to make and no throttle',
    accounts([100, 20, 20, 20, 20]).map((calls, n) => ({ ...calls, throttledAt: n === 0 ? 9_000 : null })),
  ],
  [
    'others began slower, from memory',
    accounts([133, 55, 57, 60, 62]).map((calls, n) => (n === 0 ? calls : { ...calls, from: 28, doubleMs: 12_000 })),
  ],
  ['all began together', accounts([60, 10, 9, 8, 7]).map((calls) => ({ ...calls, startedAt: 0 }))],
])('%s: not known', (_case, firstCalls) => {
  expect(detectSharedBucket(firstCalls, NOW)).toBeNull();
});

import { defaultPacing } from '../../../../core/pacing/controller/controller-settings.ts';
import { noNoise, NoiseTest } from '../../../../core/pacing/controller/noise-test.ts';

const { noise: settings } = defaultPacing;
const EMPTY_PER_CALL = settings.emptyBelow;

/** A test that starts with a throttle at 1,000. @returns after how many answers it decided, and what */
function decide(test: NoiseTest, acceptedShare: number, answers: Iterable<boolean>) {
  test.start(1_000, acceptedShare, EMPTY_PER_CALL);
  let n = 0;
  for (const accepted of answers) {
    n += 1;
    if (accepted && test.accepted(1_000 + n)) return { n, isNoise: true };
    if (!accepted && test.throttled(1_000 + n) !== null) return { n, isNoise: false };
  }
  return null;
}

const accepted = Array.from({ length: 300 }, () => true);

test('a second throttle soon after the first one shows an empty bucket', () => {
  expect(decide(new NoiseTest(noNoise, settings), 0.5, [true, false])).toEqual({ n: 2, isNoise: false });
});

test('accepted calls show that the throttle was noise, the sooner the more an empty bucket would have throttled', () => {
  const far = decide(new NoiseTest(noNoise, settings), 0.4, accepted);
  const near = decide(new NoiseTest(noNoise, settings), 0.9, accepted);
  expect(far).toMatchObject({ isNoise: true });
  expect(near).toMatchObject({ isNoise: true });
  expect(near!.n).toBeGreaterThan(3 * far!.n);
});

test('answers to calls that were sent before the throttled one say nothing', () => {
  const test = new NoiseTest(noNoise, settings);
  test.start(1_000, 0.5, EMPTY_PER_CALL);
  for (let n = 0; n < 50; n += 1) expect(test.accepted(1_000)).toBe(false);
  expect(test.throttled(999)).toBeNull();
  expect(test.trial).toMatchObject({ accepted: 0, throttled: 1 });
});

test('noise raises the expected share of throttles, and then more throttles are needed for an empty bucket', () => {
  const test = new NoiseTest(noNoise, settings);
  const before = test.share;
  for (let n = 0; n < 10; n += 1) decide(test, 0.5, accepted);
  expect(test.share).toBeGreaterThan(5 * before);
  expect(test.isNoisy).toBe(true);
  // Three of 100 calls are noise. One more throttle in the trial is no longer enough.
  const noisy = new NoiseTest({ accepted: 1_000, throttled: 30, trial: null }, settings);
  noisy.start(1_000, 0.9, EMPTY_PER_CALL);
  expect(noisy.throttled(1_001)).toBeNull();
});

test('earlier answers lose weight', () => {
  const test = new NoiseTest({ accepted: settings.memory, throttled: 30, trial: null }, settings);
  test.accepted(1);
  expect(test.snapshot().throttled).toBe(15);
});

test('a trial goes on after a snapshot', () => {
  const test = new NoiseTest(noNoise, settings);
  test.start(1_000, 0.5, EMPTY_PER_CALL);
  test.accepted(1_001);
  const next = new NoiseTest(test.snapshot(), settings);
  expect(next.throttled(1_002)).toMatchObject({ accepted: 1, throttled: 2 });
});

test('each answer adds the logarithm of how much more likely an empty bucket gives it than noise', () => {
  const test = new NoiseTest(
    { accepted: 1_000 - settings.priorCalls, throttled: 200 - settings.priorThrottles, trial: null },
    settings,
  );
  expect(test.share).toBeCloseTo(0.2);
  test.start(1_000, 0.5, 0.1);
  const ratio = (): number => Math.exp(test.trial!.evidence);
  expect(ratio()).toBeCloseTo(0.1 / 0.2);
  // The accepted call counts, so the share of noise falls to 200 in 1,001.
  test.accepted(1_001);
  const afterAccepted = 0.5 * (0.5 / (801 / 1_001));
  expect(ratio()).toBeCloseTo(afterAccepted);
  test.throttled(1_002);
  expect(ratio()).toBeCloseTo(afterAccepted * (0.5 / (200 / 1_001)));
});

import * as v from 'valibot';
import fc from 'fast-check';
import { defaultPacing, politePacing, withShare } from '../../../../core/pacing/controller/controller-settings.ts';
import { BucketController } from '../../../../core/pacing/controller/bucket-controller.ts';
import { noClimb } from '../../../../core/pacing/controller/climb.ts';
import { freshState, rememberedState } from '../../../../core/pacing/controller/controller-state.ts';
import { paceMemoryOf, StoredPaceMemory } from '../../../../core/pacing/pace-memory.ts';
import { TokenBucket, type Limit } from '../../../../local/emulated-aws/token-bucket.ts';

const RUN = '20261123T040000Z-abc123';
const LATENCY_MS = 100;

/** Sends calls to a bucket at the controller's rate. Each call is answered before the next one is sent. */
function send(
  controller: BucketController,
  limit: Limit,
  calls: number,
  from = 0,
  bucket = new TokenBucket(limit, from),
  forMs = Number.POSITIVE_INFINITY,
) {
  let now = from;
  let throttled = 0;
  for (let n = 0; n < calls && now - from < forMs; n += 1) {
    controller.advance(now);
    now = Math.max(now + 1000 / controller.rate, controller.pauseUntil);
    controller.sent(now, 'pace');
    if (bucket.take(now)) {
      controller.accepted(now, now + LATENCY_MS);
    } else {
      throttled += 1;
      controller.throttled(now, now + LATENCY_MS);
    }
  }
  return { now, throttled, bucket };
}

/** One throttle may be noise. The second one shows that the bucket is empty. */
function endRamp(controller: BucketController, at: number): void {
  controller.throttled(at, at + 100);
  controller.throttled(at + 50, at + 150);
}

const estimateOf = (controller: BucketController): number => controller.snapshot(0).estimate?.perSecond ?? Number.NaN;

describe('on a first day', () => {
  test.each([
    { rate: 5, size: 25 },
    { rate: 10, size: 10 },
    { rate: 20, size: 100 },
  ])('the estimate ends within 3 % of the rate of a bucket that holds $size and refills at $rate/s', (limit) => {
    const controller = new BucketController(freshState(0));
    send(controller, limit, 2_000);
    expect(Math.abs(estimateOf(controller) / limit.rate - 1)).toBeLessThan(0.03);
  });

  test('the rate doubles until the first throttle, and there is no estimate before it', () => {
    const controller = new BucketController(freshState(0));
    send(controller, { rate: 1_000, size: 1_000 }, 100);
    expect(controller.rate).toBeGreaterThan(4 * defaultPacing.ramp.firstRate);
    expect(controller.snapshot(0).estimate).toBeNull();
  });

  test('a rate that is not used does not grow', () => {
    const controller = new BucketController(freshState(0));
    for (let now = 0; now < 60_000; now += 3_000) {
      controller.advance(now);
      controller.sent(now, 'work');
      controller.accepted(now, now);
    }
    expect(controller.rate).toBe(defaultPacing.ramp.firstRate);
  });

  test('without any limit the rate stays finite and can be stored', () => {
    const controller = new BucketController(freshState(0));
    send(controller, { rate: 1e6, size: 1e6 }, 50_000);
    expect(controller.rate).toBe(640);
    const memory = paceMemoryOf(RUN, new Map([['iam:X', controller]]), null, 3_600_000);
    expect(v.safeParse(StoredPaceMemory, JSON.parse(JSON.stringify(memory))).issues).toBeUndefined();
  });
});

describe('on the next day', () => {
  test('the estimate follows a rate that was halved since the day before', () => {
    const controller = new BucketController(rememberedState(20, 0));
    send(controller, { rate: 10, size: 10 }, 150);
    expect(Math.abs(estimateOf(controller) / 10 - 1)).toBeLessThan(0.1);
  });

  test('the estimate follows a rate that was doubled since the day before within 500 calls', () => {
    const controller = new BucketController(rememberedState(5, 0));
    send(controller, { rate: 10, size: 50 }, 500);
    expect(Math.abs(estimateOf(controller) / 10 - 1)).toBeLessThan(0.15);
  });
});

test('the estimate follows a rate that is halved during the day', () => {
  const controller = new BucketController(freshState(0));
  const { now, bucket } = send(controller, { rate: 20, size: 20 }, 1_000);
  bucket.setRate(10, now);
  send(controller, { rate: 10, size: 20 }, 300, now, bucket);
  expect(Math.abs(estimateOf(controller) / 10 - 1)).toBeLessThan(0.1);
});

test('an idle queue does not lower the estimate, because the bucket has overflowed', () => {
  const limit = { rate: 10, size: 20 };
  const controller = new BucketController(freshState(0));
  const { now, bucket } = send(controller, limit, 1_000);
  const before = estimateOf(controller);
  for (let n = 1; n <= 20; n += 1) {
    const at = now + n * 5_000;
    controller.sent(at, 'work');
    if (bucket.take(at)) controller.accepted(at, at + LATENCY_MS);
  }
  const later = now + 110_000;
  controller.sent(later, 'work');
  controller.throttled(later, later + LATENCY_MS);
  expect(estimateOf(controller)).toBe(before);
});

test('a first day learns the rate from batches with idle times between them', () => {
  const limit = { rate: 10, size: 10 };
  const controller = new BucketController(freshState(0));
  let { now, bucket } = send(controller, limit, 60);
  for (let batch = 0; batch < 6; batch += 1) ({ now, bucket } = send(controller, limit, 90, now + 5_000, bucket));
  const { doubt } = controller.snapshot(now).estimate!;
  expect(Math.abs(estimateOf(controller) / limit.rate - 1)).toBeLessThan(0.15);
  expect(doubt).toBeLessThan(0.4);
});

test('after idle time the rate starts again below the estimate', () => {
  const limit = { rate: 10, size: 100 };
  const controller = new BucketController(freshState(0));
  const { now } = send(controller, limit, 1_500);
  // Many calls are accepted without a throttle, as if another application had stopped.
  const { now: later } = send(controller, { rate: 1_000, size: 1_000 }, 1_000, now);
  expect(controller.rate).toBeGreaterThan(15);
  controller.advance(later + 60_000);
  expect(controller.rate).toBeLessThan(1.05 * estimateOf(controller));
});

test('a ramp starts again after idle time', () => {
  const controller = new BucketController(freshState(0));
  const { now } = send(controller, { rate: 1_000, size: 1_000 }, 100);
  expect(controller.rate).toBeGreaterThan(2 * defaultPacing.ramp.firstRate);
  controller.advance(now + 60_000);
  expect(controller.rate).toBe(defaultPacing.ramp.firstRate);
});

test.each([0.9, 0.5, 0.2])('the used share stays near a setting of %f over 20,000 calls', (share) => {
  const limit = { rate: 10, size: 20 };
  const settings = withShare(share);
  const controller = new BucketController(freshState(0, settings), settings);
  const { now, bucket } = send(controller, limit, 10_000);
  const { now: end } = send(controller, limit, 10_000, now, bucket);
  const taken = 10_000_000 / (end - now) / limit.rate;
  expect(taken).toBeGreaterThan(0.7 * share);
  expect(taken).toBeLessThan(1.01);
});

test('a queue that waits for slow answers measures the bucket, and an idle queue does not', () => {
  const estimateAfter = (waitsForAnswers: boolean) => {
    const controller = new BucketController(rememberedState(10, 0));
    controller.sent(0, 'work');
    endRamp(controller, 0);
    for (let n = 1; n <= 25; n += 1) {
      controller.sent(3_000 + n * 500, waitsForAnswers ? 'answers' : 'work');
      controller.accepted(3_000 + n * 500, 3_100 + n * 500);
    }
    controller.sent(16_000, waitsForAnswers ? 'answers' : 'work');
    controller.throttled(16_000, 16_100);
    return estimateOf(controller);
  };
  expect(estimateAfter(true)).toBeLessThan(4);
  expect(estimateAfter(false)).toBeGreaterThan(6);
});

test('a rate that was set but not used is no evidence for the ladder', () => {
  const controller = new BucketController({ ...rememberedState(20, 0), rate: 20, ramp: null });
  // Ten calls a second are sent and accepted while the rate is twenty.
  for (let now = 0; now < 60_000; now += 100) {
    controller.sent(now, 'work');
    controller.accepted(now, now);
  }
  controller.throttled(60_000, 60_100);
  const { rungs, floor } = controller.snapshot(60_100);
  const fastest = Math.max(...rungs.filter(({ accepted }) => accepted > 5).map(({ step }) => 2 ** (step / 2)));
  expect(fastest).toBeLessThan(12);
  expect(floor).toBeLessThan(12);
});

test('calls that were in flight together decrease the rate only once', () => {
  const controller = new BucketController(rememberedState(10, 0));
  endRamp(controller, 1_000);
  const { decreasedAt } = controller.snapshot(1_150);
  controller.throttled(1_060, 1_200);
  expect(controller.snapshot(1_200).decreasedAt).toBe(decreasedAt);
  controller.throttled(1_250, 1_300);
  expect(controller.snapshot(1_300).decreasedAt).toBe(1_300);
});

test('after a throttle no call is sent until about one token was added', () => {
  const controller = new BucketController(rememberedState(10, 0));
  endRamp(controller, 1_000);
  const pausedMs = controller.pauseUntil - 1_150;
  expect((pausedMs * controller.rate) / 1000).toBeGreaterThan(0.9);
});

test('with many calls in flight at the first throttle of a ramp, no new call is sent until they are answered', () => {
  const { stopAnswers, stopLatencies } = defaultPacing.ramp;
  const pauseAfter = (perSecond: number, ramp: boolean): number => {
    const state = freshState(0);
    const controller = new BucketController({ ...state, rate: perSecond, ...(ramp ? {} : { ramp: null }) });
    controller.throttled(0, 1_000);
    return controller.pauseUntil;
  };
  expect(pauseAfter(stopAnswers, true)).toBe(1_000 + stopLatencies * 1_000);
  expect(pauseAfter(stopAnswers - 0.1, true)).toBeLessThan(1_000 + stopLatencies * 1_000);
  expect(pauseAfter(stopAnswers, false)).toBeLessThan(1_000 + stopLatencies * 1_000);
});

test('polite pacing takes more time than default pacing on the same bucket, without more throttles', () => {
  const limit = { rate: 10, size: 10 };
  const byDefault = send(new BucketController(freshState(0)), limit, 2_000);
  const polite = send(new BucketController(freshState(0, politePacing), politePacing), limit, 2_000);
  expect(polite.now).toBeGreaterThan(1.02 * byDefault.now);
  expect(polite.throttled).toBeLessThanOrEqual(byDefault.throttled);
});

test('after any events the rate is between 0.1 and 640, and the state can be stored', () => {
  const event = fc.record({
    throttled: fc.boolean(),
    after: fc.integer({ min: 0, max: 5_000 }),
    age: fc.integer({ min: 0, max: 500 }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 300 }), fc.boolean(), (events, hasMemory) => {
      const controller = new BucketController(hasMemory ? rememberedState(7, 0) : freshState(0));
      let now = 0;
      for (const { throttled, after, age } of events) {
        now += after;
        controller.advance(now);
        controller.sent(now, 'work');
        if (throttled) controller.throttled(now - age, now);
        else controller.accepted(now - age, now);
        expect(controller.rate).toBeGreaterThanOrEqual(0.1);
        expect(controller.rate).toBeLessThanOrEqual(640);
        expect(Number.isFinite(controller.pauseUntil)).toBe(true);
      }
      const memory = paceMemoryOf(RUN, new Map([['iam:X', controller]]), null, now);
      expect(v.safeParse(StoredPaceMemory, JSON.parse(JSON.stringify(memory))).issues).toBeUndefined();
    }),
  );
});

describe('another application uses the whole bucket for some time', () => {
  const full = { rate: 1_000, size: 1_000 };
  const nothing = { rate: 0, size: 1 };

  /** Nothing is accepted for 10 s. @returns the time */
  function burst(controller: BucketController, from: number): number {
    return send(controller, full, 1_000, from, new TokenBucket(nothing, from, { startsEmpty: true }), 10_000).now;
  }

  test('the rate returns although the queue had little work before', () => {
    const controller = new BucketController(freshState(0));
    const { now } = send(controller, { rate: 10, size: 50 }, 1_000);
    for (let n = 1; n <= 40; n += 1) {
      const at = now + n * 1_000;
      controller.sent(at, 'work');
      controller.accepted(at, at + LATENCY_MS);
    }
    const after = burst(controller, now + 41_000);
    expect(controller.rate).toBeLessThan(3);
    send(controller, full, 60, after);
    expect(controller.rate).toBeGreaterThan(9);
  });

  test('the time after it is measured without the time in which calls were slowed down', () => {
    const controller = new BucketController(freshState(0));
    const { now } = send(controller, { rate: 10, size: 50 }, 1_000);
    const { now: later } = send(controller, full, 120, burst(controller, now));
    const before = estimateOf(controller);
    controller.throttled(later, later + LATENCY_MS);
    controller.throttled(later + 1, later + 1 + LATENCY_MS);
    expect(estimateOf(controller)).toBeGreaterThan(0.98 * before);
  });

  test('its first throttle does not lower the estimate, if the next calls are throttled too', () => {
    const learned = new BucketController(freshState(0));
    const { now } = send(learned, { rate: 10, size: 50 }, 1_000);
    const state = learned.snapshot(now);
    const estimate = { perSecond: 10, doubt: 0.4 };
    const interval = { anchorAt: now - 1_000, accepted: 0, idled: true, risen: 0, climb: noClimb(now) };
    const controller = new BucketController({ ...state, estimate, ...interval });
    const { now: later } = send(controller, full, 20, now);
    controller.throttled(later, later + LATENCY_MS);
    expect(estimateOf(controller)).toBeLessThan(9.9);
    burst(controller, later + LATENCY_MS);
    expect(estimateOf(controller)).toBe(10);
  });
});

test('a throttle after the end of the ramp ends its estimate: later answers to calls in flight do not change it', () => {
  const { leastAnswers } = defaultPacing.ramp;
  const controller = new BucketController(rememberedState(10, 0));
  endRamp(controller, 1_000);
  // The first call after the ramp is throttled, so the rate decreases again.
  controller.throttled(1_200, 1_300);
  const { decreasedAt } = controller.snapshot(1_300);
  expect(decreasedAt).toBe(1_300);
  const before = estimateOf(controller);
  for (let n = 0; n < 2 * leastAnswers; n += 1) controller.throttled(1_100 + n, 1_310 + n);
  expect(estimateOf(controller)).toBe(before);
});

test('during a test for noise the plateau does not go on, and after it the plateau goes on', () => {
  const controller = new BucketController(freshState(0));
  const { now } = send(controller, { rate: 10, size: 20 }, 1_000);
  const { noise, ...state } = controller.snapshot(now);
  const trial = { sentAt: now, acceptedShare: 0.9, evidence: 0, accepted: 0, throttled: 1 };
  const risenAfterCalls = (having: typeof trial | null): number => {
    const next = new BucketController({ ...state, noise: { ...noise, trial: having } });
    // So few that the test does not end.
    send(next, { rate: 1_000, size: 1_000 }, 5, now + 1);
    expect(next.snapshot(now).noise.trial === null).toBe(having === null);
    return next.snapshot(now).risen;
  };
  expect(risenAfterCalls(trial)).toBe(state.risen);
  expect(risenAfterCalls(null)).toBe(state.risen + 5);
});

import { AwsFault, isThrottle } from '../../../core/ports/aws-fault.ts';
import { BucketController } from '../../../core/pacing/controller/bucket-controller.ts';
import { freshState, rememberedState } from '../../../core/pacing/controller/controller-state.ts';
import type { RateController } from '../../../core/pacing/controller/rate-controller.ts';
import { PacedQueue } from '../../../core/pacing/paced-queue.ts';
import { always } from '../../../local/emulated-aws/disturbances/step-schedule.ts';
import { SharedLimit } from '../../../local/emulated-aws/shared-limit.ts';
import { TokenBucket } from '../../../local/emulated-aws/token-bucket.ts';
import { seededRandom } from '../../../local/seeded-random.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { SettableClock, throttling } from '../../support/paced-calls.ts';

function queueOf(clock: VirtualClock, controller = new BucketController(freshState(0)), extra = {}): PacedQueue {
  return new PacedQueue({ controller, clock, random: seededRandom(1), isThrottle, ...extra });
}

test.each([1, 5, 10, 50])('finds a rate of %i/s with few throttles and without losing a call', async (rate) => {
  const clock = new VirtualClock(0);
  const bucket = new TokenBucket({ rate, size: Math.max(5, rate) }, 0);
  const queue = queueOf(clock);
  let throttled = 0;
  const calls = 2_000;
  const send = async (): Promise<void> => {
    await clock.sleep(100);
    if (bucket.take(clock.now())) return;
    throttled += 1;
    throw throttling();
  };
  await Promise.all(Array.from({ length: calls }, () => queue.call(send)));
  const limit = ((calls - Math.max(5, rate)) / rate) * 1000;
  expect(clock.now() / limit).toBeLessThan(1.25);
  expect(throttled / calls).toBeLessThan(0.015);
});

test('a call that is throttled 30 times is rejected with the code Throttling', async () => {
  const clock = new VirtualClock(0);
  let sent = 0;
  const call = queueOf(clock).call(async () => {
    sent += 1;
    throw throttling();
  });
  await expect(call).rejects.toMatchObject({ code: 'Throttling' });
  expect(sent).toBe(30);
});

/** A rate that never delays a call, so that only the backoff does. */
const unlimited: RateController = {
  rate: 1e9,
  pauseUntil: 0,
  advance: () => undefined,
  accepted: () => undefined,
  throttled: () => undefined,
  sent: () => undefined,
};

test.each([
  ['no jitter', 0, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['half of the time', 0.5, [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]],
  ['nearly all of the time', 0.999_999, [0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]],
])(
  'a call that is throttled repeatedly backs off with full jitter, doubled up to 20 s: %s',
  async (_name, drawn, gaps) => {
    const clock = new VirtualClock(0);
    const queue = new PacedQueue({ controller: unlimited, clock, random: () => drawn, isThrottle });
    const times: number[] = [];
    await queue.call(() => {
      times.push(clock.now());
      return times.length <= gaps.length ? Promise.reject(throttling()) : Promise.resolve();
    });
    expect(times.slice(1).map((time, index) => Math.round(time - times[index]!))).toEqual(gaps);
  },
);

test('any other error goes to the caller at once', async () => {
  const denied = new AwsFault('denied', 'AccessDenied', 'no');
  await expect(queueOf(new VirtualClock(0)).call(() => Promise.reject(denied))).rejects.toBe(denied);
});

test('a call that continues started work is sent before new work', async () => {
  const clock = new VirtualClock(0);
  const queue = queueOf(clock);
  const order: string[] = [];
  const send = (name: string) => async (): Promise<void> => {
    order.push(name);
  };
  await Promise.all([queue.call(send('a')), queue.call(send('b')), queue.call(send('c'), 'continued')]);
  expect(order.indexOf('c')).toBeLessThan(order.indexOf('b'));
});

test('a throttled call of started work is repeated before new work starts', async () => {
  const clock = new VirtualClock(0);
  const queue = queueOf(clock);
  const order: string[] = [];
  let throttled = 0;
  const send = (name: string) => async (): Promise<void> => {
    order.push(name);
    await clock.sleep(10);
    if (name !== 'begun' || (throttled += 1) > 1) return;
    throw throttling();
  };
  const begun = queue.call(send('begun'), 'continued');
  await Promise.all([begun, ...['a', 'b', 'c'].map((name) => queue.call(send(name)))]);
  expect(order).toEqual(['begun', 'begun', 'a', 'b', 'c']);
});

test('an abandoned queue rejects waiting and later calls', async () => {
  const queue = queueOf(new VirtualClock(0));
  const calls = Array.from({ length: 5 }, () => queue.call(async () => 1));
  const settled = Promise.allSettled(calls);
  queue.abandon(new Error('time is over'));
  expect((await settled).filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(4);
  await expect(queue.call(async () => 1)).rejects.toThrow('time is over');
});

test('calls in flight stay within the limit, and there is no burst after idle time', async () => {
  const clock = new VirtualClock(0);
  const queue = queueOf(clock, new BucketController(rememberedState(10, 0)), { maxInFlight: 3 });
  const times: number[] = [];
  let inFlight = 0;
  let most = 0;
  const send = async (): Promise<void> => {
    times.push(clock.now());
    most = Math.max(most, (inFlight += 1));
    await clock.sleep(1_000);
    inFlight -= 1;
  };
  await Promise.all(Array.from({ length: 9 }, () => queue.call(send)));
  await clock.sleep(60_000);
  const resumed = times.length;
  await Promise.all(Array.from({ length: 3 }, () => queue.call(send)));
  expect(most).toBe(3);
  expect(times[resumed + 1]! - times[resumed]!).toBeGreaterThan(50);
});

test('waiting time counts while calls wait for the rate, and not for answers, idle time or abandoned calls', async () => {
  const clock = new VirtualClock(0);
  const queue = queueOf(clock, new BucketController({ ...rememberedState(1, 0), rate: 1, ramp: null }));
  queue.call(() => clock.sleep(200)).catch(() => undefined);
  const left = [0, 1].map(() => queue.call(() => clock.sleep(200)).catch(() => undefined));
  await clock.sleep(1_500);
  // The second call waited for one second, the third for half a second so far.
  const waitedMs = queue.waitedMs;
  expect(waitedMs / 1_500).toBeCloseTo(1, 1);
  queue.abandon(new Error('time is over'));
  await Promise.all(left);
  await clock.sleep(60_000);
  expect(queue.waitedMs).toBe(waitedMs);
});

test('all calls are sent even if only one may be in flight', async () => {
  const clock = new VirtualClock(0);
  const queue = queueOf(clock, new BucketController(freshState(0)), { maxInFlight: 1 });
  const answers = Array.from({ length: 10 }, (_, n) => queue.call(() => clock.sleep(300).then(() => n)));
  expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

describe('a clock that is set in mid-run', () => {
  const START = 1_764_000_000_000;
  const HOUR = 3_600_000;

  /** 1,500 calls to a bucket of 10 a second with a bystander. `steps`: when the clock is set, and by how much. */
  async function sendWithSteps(steps: readonly (readonly [afterMs: number, byMs: number])[]) {
    const right = new VirtualClock(START);
    const clock = new SettableClock(right);
    const bucket = new SharedLimit(
      { rate: 10, size: 50 },
      { bystanders: [always(0.3)] },
      { bystanders: seededRandom(2), calls: seededRandom(3) },
      START,
    );
    const controller = new BucketController(freshState(START));
    const queue = new PacedQueue({ controller, clock, random: seededRandom(1), isThrottle });
    let throttled = 0;
    let sent = 0;
    let longestGapMs = 0;
    let lastSentAt = START;
    const send = async (): Promise<void> => {
      sent += 1;
      longestGapMs = Math.max(longestGapMs, right.now() - lastSentAt);
      lastSentAt = right.now();
      await right.sleep(150);
      if (bucket.take(right.now())) return;
      throttled += 1;
      throw throttling();
    };
    const setClock = async (): Promise<void> => {
      for (const [afterMs, byMs] of steps) {
        await right.sleep(afterMs);
        clock.aheadMs += byMs;
      }
    };
    await Promise.all([setClock(), ...Array.from({ length: 1_500 }, () => queue.call(send))]);
    return { seconds: (right.now() - START) / 1000, throttled: throttled / sent, longestGapMs, controller };
  }

  test.each<[string, [afterMs: number, byMs: number][]]>([
    ['back by an hour', [[60_000, -HOUR]]],
    ['back by an hour, four times', [30, 30, 30, 30].map((seconds) => [seconds * 1000, -HOUR])],
    ['back by ten seconds', [[60_000, -10_000]]],
    ['forward by an hour', [[60_000, HOUR]]],
    // prettier-ignore
    ['forward by ten years, and back', [[20_000, 87_600 * HOUR], [40_000, -87_600 * HOUR]]],
  ])('%s: calls go on as if it had not been set', async (_name, steps) => {
    const undisturbed = await sendWithSteps([]);
    const { seconds, throttled, longestGapMs, controller } = await sendWithSteps(steps);
    expect(seconds / undisturbed.seconds).toBeLessThan(1.1);
    expect(throttled).toBeLessThan(0.03);
    expect(longestGapMs).toBeLessThan(undisturbed.longestGapMs + 3_000);
    expect(controller.rate).toBeGreaterThan(5);
  });

  test.each([
    ['back', -HOUR],
    ['forward', HOUR],
  ])('%s: times that the queue takes and gives are those of the clock', async (_name, byMs) => {
    const right = new VirtualClock(START);
    const clock = new SettableClock(right);
    const queue = new PacedQueue({ controller: unlimited, clock, random: seededRandom(1), isThrottle });
    await right.sleep(1_000);
    clock.aheadMs = byMs;
    queue.holdUntil(clock.now() + 30_000);
    const call = queue.call(() => Promise.resolve(right.now()));
    expect(queue.nextAt! - clock.now()).toBe(30_000);
    expect(await call).toBe(START + 31_000);
  });
});

/** A controller with a rate that never changes. */
const atRate = (rate: number): RateController => ({ ...unlimited, rate });

describe('slow answers', () => {
  test('2,000 calls at 50 a second that take 3 s each are sent at that rate', async () => {
    const clock = new VirtualClock(0);
    const queue = new PacedQueue({ controller: atRate(50), clock, random: seededRandom(1), isThrottle });
    await Promise.all(Array.from({ length: 2_000 }, () => queue.call(() => clock.sleep(3_000))));
    expect(clock.now() / 1000).toBeLessThan(1.1 * (2_000 / 50 + 3));
  });

  test('a bucket of 50 a second is used, if answers take 3 s', async () => {
    const clock = new VirtualClock(0);
    const bucket = new TokenBucket({ rate: 50, size: 250 }, 0);
    const queue = queueOf(clock, new BucketController(rememberedState(50, 0)));
    let throttled = 0;
    const send = async (): Promise<void> => {
      await clock.sleep(1_500);
      const accepted = bucket.take(clock.now());
      await clock.sleep(1_500);
      if (accepted) return;
      throttled += 1;
      throw throttling();
    };
    await Promise.all(Array.from({ length: 4_000 }, () => queue.call(send)));
    expect(clock.now() / 1000).toBeLessThan(1.2 * (4_000 / 50 + 3));
    // Calls of three seconds are in flight when the first throttle is answered.
    expect(throttled / 4_000).toBeLessThan(0.2);
  });

  test.each([
    ['answers that take 100 ms', 100, 64],
    ['answers that take 1 s', 1_000, 200],
    ['answers that take 20 s', 20_000, 512],
  ])('%s: at most %i ms × 200 a second are in flight, from 64 to 512', async (_name, latencyMs, limit) => {
    const clock = new VirtualClock(0);
    const queue = new PacedQueue({ controller: atRate(10_000), clock, random: seededRandom(1), isThrottle });
    let inFlight = 0;
    let most = 0;
    const send = async (): Promise<void> => {
      most = Math.max(most, (inFlight += 1));
      await clock.sleep(latencyMs);
      inFlight -= 1;
    };
    await Promise.all(Array.from({ length: 3_000 }, () => queue.call(send)));
    expect(most).toBe(limit);
  });

  test('if no answer arrives, 64 calls are in flight and no more', async () => {
    const clock = new VirtualClock(0);
    const queue = new PacedQueue({ controller: atRate(50), clock, random: seededRandom(1), isThrottle });
    const calls = Promise.allSettled(Array.from({ length: 500 }, () => queue.call(() => clock.sleep(60_000))));
    await clock.sleep(59_000);
    expect(queue.inFlight).toBe(64);
    queue.abandon(new Error('late'));
    await calls;
  });
});

describe('a call that is throttled again and again', () => {
  test('lets others find out whether the bucket has tokens, so no call needs more than ten attempts', async () => {
    const clock = new VirtualClock(0);
    const controller = atRate(10);
    const queue = new PacedQueue({ controller, clock, random: seededRandom(1), isThrottle });
    const attempts: number[] = [];
    const call = (order: 'new' | 'continued'): Promise<void> => {
      const index = attempts.push(0) - 1;
      return queue.call(async () => {
        attempts[index]! += 1;
        await clock.sleep(150);
        // Another application uses the whole bucket for two minutes.
        if (clock.now() < 120_000) throw throttling();
      }, order);
    };
    await Promise.all(Array.from({ length: 300 }, (_, n) => call(n % 100 === 0 ? 'continued' : 'new')));
    expect(Math.max(...attempts)).toBeLessThanOrEqual(10);
  });

  test('is sent after other calls were accepted, before new calls', async () => {
    const clock = new VirtualClock(0);
    const queue = new PacedQueue({ controller: unlimited, clock, random: () => 0, isThrottle });
    const order: string[] = [];
    const send = (name: string, throttles: number) => {
      let attempts = 0;
      return async (): Promise<void> => {
        order.push(name);
        if ((attempts += 1) <= throttles) throw throttling();
      };
    };
    const often = queue.call(send('often', 3), 'continued');
    await Promise.all([often, ...Array.from({ length: 7 }, (_, n) => queue.call(send(`new ${n}`, 0)))]);
    const accepted = order.slice(order.lastIndexOf('often') - 5, order.lastIndexOf('often'));
    expect(order.filter((name) => name === 'often')).toHaveLength(4);
    expect(accepted.filter((name) => name.startsWith('new'))).toHaveLength(5);
    expect(order.at(-1)).toMatch(/^new/);
  });
});

test('throttles of many calls that were in flight together are not heavy throttling', async () => {
  const clock = new VirtualClock(0);
  const bucket = new TokenBucket({ rate: 50, size: 10 }, 0);
  const queue = queueOf(clock, new BucketController({ ...freshState(0), rate: 400 }));
  let throttles = 0;
  const heavilyThrottled: boolean[] = [];
  const send = async (): Promise<void> => {
    await clock.sleep(200);
    heavilyThrottled.push(queue.heavilyThrottled);
    if (bucket.take(clock.now())) return;
    throttles += 1;
    throw throttling();
  };
  await Promise.all(Array.from({ length: 200 }, () => queue.call(send)));
  expect(throttles).toBeGreaterThan(20);
  expect(heavilyThrottled.slice(0, 40)).not.toContain(true);
});

test('if all calls after each pause are throttled, it is heavy throttling until a call is accepted', async () => {
  const clock = new VirtualClock(0);
  let open = false;
  const queue = queueOf(clock);
  const send = async (): Promise<void> => {
    await clock.sleep(200);
    if (!open) throw throttling();
  };
  const calls = Promise.allSettled(Array.from({ length: 20 }, () => queue.call(send)));
  await clock.sleep(120_000);
  expect(queue.heavilyThrottled).toBe(true);
  open = true;
  await calls;
  expect(queue.heavilyThrottled).toBe(false);
});

test('abandoned calls report the throttle if there was one, and otherwise the reason', async () => {
  const clock = new VirtualClock(0);
  const queue = queueOf(clock);
  const throttled = queue.call(() => Promise.reject(throttling()));
  const late = clock.sleep(1).then(() => queue.call(() => Promise.resolve()));
  await clock.sleep(2);
  queue.abandon(new Error('late'));
  await expect(throttled).rejects.toMatchObject({ kind: 'throttled' });
  await expect(late).rejects.toThrow('late');
});

/** Calls to a bucket of 10 a second that holds 50. First they arrive with gaps, then the rest arrives at once. */
async function sendWithGaps(gapsMs: readonly number[], rest: number, controller: BucketController) {
  const clock = new VirtualClock(0);
  const bucket = new TokenBucket({ rate: 10, size: 50 }, 0);
  const queue = queueOf(clock, controller);
  let throttled = 0;
  let heavilyThrottled = false;
  const send = async (): Promise<void> => {
    await clock.sleep(190);
    heavilyThrottled ||= queue.heavilyThrottled;
    if (bucket.take(clock.now())) return;
    throttled += 1;
    throw throttling();
  };
  const calls: Promise<void>[] = [];
  for (const gapMs of gapsMs) {
    await clock.sleep(gapMs);
    calls.push(queue.call(send));
  }
  const highest = queue.rate;
  const gapsEndedAt = clock.now();
  calls.push(...Array.from({ length: rest }, () => queue.call(send)));
  await Promise.all(calls);
  return { highest, throttled, heavilyThrottled, restSeconds: (clock.now() - gapsEndedAt) / 1000 };
}

/** The state after a ramp: the bucket was empty once, and the estimate is twice its rate and uncertain. */
function afterRamp(): BucketController {
  const controller = new BucketController({ ...freshState(0), rate: 33 });
  controller.sent(-200, 'work');
  controller.throttled(-200, -10);
  controller.throttled(-190, 0);
  return controller;
}

const random = seededRandom(3);
const steady = Array.from({ length: 4_000 }, (_, n) => 105 + (n % 3) * 5);
const jittered = Array.from({ length: 4_000 }, () => 60 + 100 * random());
const poisson = Array.from({ length: 4_000 }, () => -120 * Math.log(1 - random()));

describe.each([
  ['evenly', steady],
  ['with jitter', jittered],
  ['at random', poisson],
])('calls that arrive below the rate of the bucket, %s', (_name, gapsMs) => {
  test('do not raise the unused rate, and a later surge causes no heavy throttling', async () => {
    const { highest, throttled, heavilyThrottled, restSeconds } = await sendWithGaps(gapsMs, 600, afterRamp());
    expect(highest).toBeLessThan(25);
    expect(heavilyThrottled).toBe(false);
    expect(throttled).toBeLessThan(20);
    expect(restSeconds).toBeLessThan(1.15 * 60);
  });
});

test('a ramp does not grow far above the rate at which calls arrive', async () => {
  const { highest } = await sendWithGaps(steady, 0, new BucketController(freshState(0)));
  expect(highest).toBeLessThan(18);
});

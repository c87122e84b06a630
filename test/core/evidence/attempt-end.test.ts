import type { CallsByOperation } from '../../../core/contract/run.ts';
import { AwsFault, isThrottle } from '../../../core/ports/aws-fault.ts';
import {
  attemptEnd,
  areAllCallsThrottled,
  isGap,
  mayPause,
  nextCalls,
  type AttemptFacts,
} from '../../../core/evidence/attempt-end.ts';
import { BucketController } from '../../../core/pacing/controller/bucket-controller.ts';
import { rememberedState } from '../../../core/pacing/controller/controller-state.ts';
import { PacedQueue } from '../../../core/pacing/paced-queue.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';

const NOW = Date.parse('2026-11-23T04:00:00Z');
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

const work = (sent: number, throttled: number): CallsByOperation => ({
  'iam:SimulatePrincipalPolicy': {
    sent,
    throttled,
    succeeded: sent - throttled,
    failed: 0,
    busyMs: 0,
    waitedMs: 0,
  },
  // Every attempt opens a session. Its call succeeds also if IAM throttles all others.
  'sts:AssumeRole': { sent: 1, throttled: 0, succeeded: 1, failed: 0, busyMs: 0, waitedMs: 0 },
});
const gap = (sent = 1, throttled = 0) => ({ paused: true, calls: work(sent, throttled) });
const whole = { paused: false, calls: work(10, 0) };

const end = (facts: Partial<AttemptFacts>, attempt = 1, stalled = 0) =>
  attemptEnd(
    {
      input: { attempt, stalled },
      earlier: [],
      partsFound: 0,
      left: 5,
      overrun: false,
      reportTimedOut: false,
      paused: false,
      heldUntil: {},
      ...facts,
    },
    NOW,
  );

describe('an attempt that ends early because of a gap', () => {
  const heldUntil = { 'iam:SimulatePrincipalPolicy': at(50), 'iam:GenerateServiceLastAccessedDetails': at(12) };

  test('resumes when the first of its calls may be sent', () => {
    expect(end({ paused: true, heldUntil, partsFound: 3 })).toEqual({ finished: false, resumeAt: at(12), stalled: 0 });
  });

  test('is not a stall, and does not reset the count of stalls', () => {
    expect(end({ paused: true, heldUntil }, 7, 2)).toEqual({ finished: false, resumeAt: at(12), stalled: 2 });
  });

  test('does not count towards the maximum of attempts of a batch', () => {
    const earlier = Array.from({ length: 30 }, () => gap());
    const rest = Array.from({ length: 58 }, () => whole);
    expect(end({ earlier: [...earlier, ...rest], partsFound: 1 }, 89).finished).toBe(false);
    expect(end({ earlier: [...earlier, ...rest, whole], partsFound: 1 }, 90).finished).toBe(true);
  });

  test('waits some minutes if a report timed out', () => {
    expect(end({ paused: true, heldUntil, partsFound: 1, reportTimedOut: true }).resumeAt).toBe(at(60));
  });

  test('is the last attempt if nothing is left', () => {
    expect(end({ paused: true, heldUntil, left: 0 })).toMatchObject({ finished: true, resumeAt: null });
  });

  test('is allowed as often as the batch says', () => {
    expect([mayPause([gap(), whole, gap()], 3), mayPause([gap(), whole, gap()], 2), mayPause([], 0)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

test.each([
  ['the rest is continued at once', { partsFound: 1 }, 0, { finished: false, resumeAt: at(0), stalled: 0 }],
  [
    'after an overrun, the rest is continued later',
    { partsFound: 1, overrun: true },
    0,
    { finished: false, resumeAt: at(60), stalled: 0 },
  ],
  ['an attempt that found nothing waits longer each time', {}, 1, { finished: false, resumeAt: at(240), stalled: 2 }],
  [
    'the pace goes on over the attempts',
    { partsFound: 1, heldUntil: { 'iam:SimulatePrincipalPolicy': at(9) } },
    0,
    { finished: false, resumeAt: at(9), stalled: 0 },
  ],
  ['the third attempt that found nothing is the last', {}, 2, { finished: true, resumeAt: null, stalled: 3 }],
])('a whole attempt: %s', (_name, facts, stalled, expected) => {
  expect(end(facts, 3, stalled)).toEqual(expected);
});

test.each([
  ['four gaps with only throttles', [gap(1, 1), gap(2, 2), gap(1, 1), gap(1, 1)], true],
  ['three gaps with only throttles', [gap(1, 1), gap(1, 1), gap(1, 1)], false],
  ['one call succeeded', [gap(1, 1), gap(2, 1), gap(1, 1), gap(1, 1)], false],
  ['one only waited', [gap(1, 1), gap(0, 0), gap(1, 1), gap(1, 1)], false],
  ['a whole attempt is between the gaps', [gap(1, 1), gap(1, 1), whole, gap(1, 1), gap(1, 1)], false],
])('%s: somebody else needs the bucket: %s', (_name, gaps, expected) => {
  expect(areAllCallsThrottled(gaps)).toBe(expected);
});

describe('a gap', () => {
  const queueAt = (clock: VirtualClock, rate: number): PacedQueue =>
    new PacedQueue({
      controller: new BucketController({ ...rememberedState(rate, 0), rate, ramp: null }),
      clock,
      random: () => 0.5,
      isThrottle,
    });

  test('exists if no queue can send a call soon enough to sleep until then, and no call is in flight', async () => {
    const clock = new VirtualClock(0);
    const [slow, slower] = [queueAt(clock, 0.1), queueAt(clock, 0.1)];
    const queues = [['a', slow] as const, ['b', slower] as const];
    expect(isGap(queues, clock.now(), 5_000)).toBe(false);
    const calls = [1, 2].map(() => slow.call(() => clock.sleep(100)));
    expect(isGap(queues, clock.now(), 5_000)).toBe(false);
    await clock.sleep(200);
    const next = new Date(slow.nextAt!).toISOString();
    expect(isGap(queues, clock.now(), 5_000)).toBe(true);
    expect(nextCalls(queues)).toEqual({ a: next });
    expect(isGap(queues, clock.now(), 20_000)).toBe(false);
    // One queue that can send is enough.
    calls.push(
      slower.call(() => clock.sleep(100)),
      slower.call(() => clock.sleep(100)),
    );
    expect(isGap(queues, clock.now(), 5_000)).toBe(false);
    await Promise.all(calls);
  });

  test('continues in the next invocation: a held call is not sent before its time', async () => {
    const clock = new VirtualClock(0);
    const queue = queueAt(clock, 10);
    queue.holdUntil(7_000);
    const sentAt = await queue.call(() => Promise.resolve(clock.now()));
    expect(sentAt).toBe(7_000);
  });

  test('after a throttle includes the pause of the queue', async () => {
    const clock = new VirtualClock(0);
    const queue = queueAt(clock, 0.25);
    let throttled = 0;
    const call = queue.call(() => {
      throttled += 1;
      return throttled === 1
        ? Promise.reject(new AwsFault('throttled', 'Throttling', 'Rate exceeded'))
        : Promise.resolve();
    });
    await clock.sleep(1);
    expect(queue.nextAt).toBeGreaterThan(5_000);
    await call;
  });
});

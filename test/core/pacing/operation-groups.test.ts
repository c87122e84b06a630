import * as v from 'valibot';
import { BucketController } from '../../../core/pacing/controller/bucket-controller.ts';
import { freshState, rememberedState } from '../../../core/pacing/controller/controller-state.ts';
import { OperationGroups } from '../../../core/pacing/operation-groups.ts';
import { PacedQueue } from '../../../core/pacing/paced-queue.ts';
import { paceMemoryOf, StoredPaceMemory } from '../../../core/pacing/pace-memory.ts';
import { isThrottle } from '../../../core/ports/aws-fault.ts';
import { TokenBucket, type Limit } from '../../../local/emulated-aws/token-bucket.ts';
import { seededRandom } from '../../../local/seeded-random.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { throttling } from '../../support/paced-calls.ts';

const RUN = '20261123T040000Z-abc123';
const NAMES = ['a', 'b', 'c'];
const CALLS = 700;

/** Sends calls of three operations. @param limits the bucket of each operation; the same object is one bucket */
async function sendAll(limits: readonly Limit[], calls = CALLS) {
  const clock = new VirtualClock(0);
  const groups = new OperationGroups();
  const random = seededRandom(1);
  const buckets = new Map(limits.map((limit) => [limit, new TokenBucket(limit, 0)]));
  const sentAt: number[] = [];
  let throttled = 0;
  const endedAt = await Promise.all(
    limits.map(async (limit, index) => {
      const controller = groups.add(NAMES[index]!, new BucketController(freshState(0)));
      const queue = new PacedQueue({ controller, clock, random, isThrottle });
      const send = async (): Promise<void> => {
        sentAt.push(clock.now());
        await clock.sleep(90);
        const accepted = buckets.get(limit)!.take(clock.now());
        await clock.sleep(90);
        if (accepted) return;
        throttled += 1;
        throw throttling();
      };
      await Promise.all(Array.from({ length: calls }, () => queue.call(send)));
      return clock.now() / 1000;
    }),
  );
  return { groups, sentAt, throttled, endedAt, seconds: clock.now() / 1000 };
}

test('operations that share a bucket get one controller, and use the bucket as one of them would', async () => {
  const shared = { rate: 10, size: 50 };
  const { groups, throttled, seconds, sentAt } = await sendAll([shared, shared, shared]);
  expect(groups.groups()).toEqual([['a', 'b', 'c']]);
  expect(new Set(groups.controllers().values()).size).toBe(1);
  expect(seconds).toBeLessThan((1.1 * (3 * CALLS - 50)) / 10);
  expect(throttled / (3 * CALLS)).toBeLessThan(0.02);
  // The gap between the calls of different operations is that of the controller, too.
  const late = sentAt.filter((time) => time > 60_000);
  const close = late.slice(1).filter((time, n) => time - late[n]! < 1);
  expect(close.length).toBeLessThan(0.05 * late.length);
});

test('operations with different buckets keep their own controllers', async () => {
  const { groups, endedAt } = await sendAll([
    { rate: 10, size: 50 },
    { rate: 20, size: 100 },
    { rate: 5, size: 25 },
  ]);
  expect(groups.groups()).toEqual([]);
  expect(endedAt[1]).toBeLessThan((1.2 * (CALLS - 100)) / 20 + 5);
});

test('operations with equal buckets of their own lose next to nothing if they are taken for one', async () => {
  const { seconds } = await sendAll([
    { rate: 10, size: 50 },
    { rate: 10, size: 50 },
    { rate: 10, size: 50 },
  ]);
  expect(seconds).toBeLessThan((1.15 * (CALLS - 50)) / 10);
});

/** A group of two operations. The first is throttled ten times. @param othersCalls whether the second one sends calls in between */
function throttleOne(othersCalls: boolean): OperationGroups {
  const groups = new OperationGroups();
  const a = groups.add('a', new BucketController(rememberedState(10, 0)), ['a', 'b']);
  const b = groups.add('b', new BucketController(rememberedState(10, 0)), ['a', 'b']);
  expect(groups.groups()).toEqual([['a', 'b']]);
  for (let now = 1_000; now < 40_000; now += 1_000) {
    if (othersCalls) b.sent(now - 500, 'pace');
    a.throttled(now, now + 100);
  }
  return groups;
}

test('a group of which only one operation is throttled is split', () => {
  const groups = throttleOne(true);
  expect(groups.groups()).toEqual([]);
  const [first, second] = [...groups.controllers().values()];
  expect(first).not.toBe(second);
});

test('a group of which only one operation is called is not split', () => {
  expect(throttleOne(false).groups()).toEqual([['a', 'b']]);
});

test('a stored group continues in the next batch, and another run remembers a part of the rate for each operation', () => {
  const controller = new BucketController({ ...rememberedState(30, 0), highest: 30 });
  const controllers = new Map([
    ['a', controller],
    ['b', controller],
    ['c', controller],
  ]);
  const written = JSON.stringify(paceMemoryOf(RUN, controllers, null, 0, [NAMES]));
  const memory = v.parse(StoredPaceMemory, JSON.parse(written));
  expect(memory.together).toEqual([NAMES]);
  expect(memory.operations['b']?.learned?.perSecond).toBe(10);
  // A batch that calls none of them keeps the group.
  expect(paceMemoryOf(RUN, new Map(), memory, 1_000).together).toEqual([NAMES]);
  expect(paceMemoryOf('20261124T040000Z-abc123', new Map(), memory, 1_000).together).toBeUndefined();
});

test('a batch that calls only one operation of a stored group keeps the group and what it has learned', () => {
  const groups = new OperationGroups();
  groups.add('b', new BucketController({ ...rememberedState(30, 0), highest: 30 }), NAMES);
  expect(groups.groups()).toEqual([NAMES]);
  const memory = paceMemoryOf(RUN, groups.controllers(), null, 0, groups.groups());
  expect(memory.together).toEqual([NAMES]);
  expect(NAMES.map((name) => memory.operations[name]?.learned?.perSecond)).toEqual([10, 10, 10]);
  expect(NAMES.map((name) => memory.operations[name]?.state?.highest)).toEqual([30, 30, 30]);
});

test('an operation whose calls alone showed the rate of a group remembers the whole rate', async () => {
  const clock = new VirtualClock(0);
  const groups = new OperationGroups();
  const random = seededRandom(1);
  const [long, short] = ['a', 'b'].map((name) => {
    const bucket = new TokenBucket({ rate: 2, size: 10 }, 0);
    const controller = groups.add(name, new BucketController(freshState(0)));
    const queue = new PacedQueue({ controller, clock, random, isThrottle });
    return () =>
      queue.call(async () => {
        await clock.sleep(150);
        if (!bucket.take(clock.now())) throw throttling();
      });
  });
  // Both ramps end at the same time, so the operations are taken for one bucket. Then one of them has no more calls.
  const calls = [...Array.from({ length: 100 }, () => long!()), ...Array.from({ length: 20 }, () => short!())];
  await Promise.all(calls);
  expect(groups.groups()).toEqual([['a', 'b']]);
  const remember = (previous: ReturnType<typeof paceMemoryOf> | null, now: number) =>
    paceMemoryOf(RUN, groups.controllers(), previous, now, groups.groups(), groups.operationsMeasured());
  const memory = remember(null, clock.now());
  expect(memory.operations['a']?.learned?.perSecond).toBeGreaterThan(1.8);
  expect(memory.operations['a']?.learned?.perSecond).toBeLessThan(2.4);
  // The next batch measures nothing new, and does not know how this one measured the rate.
  const next = paceMemoryOf(RUN, groups.controllers(), memory, clock.now() + 1_000, groups.groups());
  expect(next.operations['a']?.learned).toEqual(memory.operations['a']?.learned);
});

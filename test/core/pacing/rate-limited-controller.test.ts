import type { PaceMemory } from '../../../core/pacing/pace-memory.ts';
import { PaceKeeper } from '../../../core/pacing/pace-keeper.ts';
import { RateLimitedController } from '../../../core/pacing/rate-limited-controller.ts';
import type { RateController, WaitedFor } from '../../../core/pacing/controller/rate-controller.ts';
import { objects } from '../../../core/contract/objects.ts';
import type { Services } from '../../../core/ports/services.ts';
import { always } from '../../../local/emulated-aws/disturbances/step-schedule.ts';
import { SharedLimit } from '../../../local/emulated-aws/shared-limit.ts';
import { seededRandom } from '../../../local/seeded-random.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { mostWithin, pacingServices, throttling } from '../../support/paced-calls.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const ACCOUNT = '111122223333';
const OPERATION = 'iam:SimulatePrincipalPolicy';
const runId = (day: number): string => `202611${23 + day}T040000Z-abcdef`;

class FixedController implements RateController {
  rate = 10;
  pauseUntil = 0;
  readonly waits: WaitedFor[] = [];
  advance = (): void => undefined;
  accepted = (): void => undefined;
  throttled = (): void => undefined;
  sent(_now: number, waitedFor: WaitedFor): void {
    this.waits.push(waitedFor);
  }
}

test('the rate is the lower one of both', () => {
  const inner = new FixedController();
  const controller = new RateLimitedController(inner, 4);
  expect(controller.rate).toBe(4);
  inner.rate = 3;
  expect(controller.rate).toBe(3);
});

test('the inner controller learns that a delayed call did not wait for its rate', () => {
  const inner = new FixedController();
  const controller = new RateLimitedController(inner, 4);
  controller.sent(0, 'work');
  controller.sent(250, 'pace');
  inner.pauseUntil = 900;
  controller.sent(900, 'pace');
  inner.rate = 2;
  controller.sent(1_400, 'pace');
  expect(inner.waits).toEqual(['work', 'work', 'pace', 'pace']);
});

test('the first call is spaced from the last one of the invocation before', () => {
  expect(new RateLimitedController(new FixedController(), 4, 1_000).pauseUntil).toBe(1_250);
  expect(new RateLimitedController(new FixedController(), 4).pauseUntil).toBe(0);
});

/** A bucket that holds 50 calls. @param bystanders the share of its rate that another application uses */
const bucketOf = (rate: number, bystanders: number): SharedLimit =>
  new SharedLimit(
    { rate, size: 50 },
    { bystanders: [always(bystanders)] },
    { bystanders: seededRandom(2), calls: seededRandom(3) },
    START,
  );

/** Calls of one invocation to a bucket with a busy bystander. Returns the times at which they were sent. */
async function send(services: Services, day: number, calls: number, bucket: SharedLimit): Promise<number[]> {
  const { clock } = services;
  const pace = await PaceKeeper.open(services, { runId: runId(day), accountId: ACCOUNT });
  const random = seededRandom(day + 5);
  const times: number[] = [];
  const one = async (): Promise<void> => {
    times.push(clock.now());
    await clock.sleep(80 + 200 * random());
    if (!bucket.take(clock.now())) throw throttling();
  };
  await Promise.all(Array.from({ length: calls }, () => pace.queue(OPERATION).call(one)));
  await pace.save();
  return times;
}

const memoryOf = async ({ store }: Services): Promise<PaceMemory['operations'][string]> => {
  const { text } = (await store.read(objects.pace(ACCOUNT)))!;
  return (JSON.parse(text) as PaceMemory).operations[OPERATION]!;
};

test.each([0.5, 2, 5, 7.3, 40])(
  'at most %d calls are sent in any second after the first call, across batches too',
  async (maxRate) => {
    const services = pacingServices(new VirtualClock(START), { maxRate });
    const bucket = new SharedLimit(
      { rate: 20, size: 50 },
      { bystanders: [always(0.3)] },
      { bystanders: seededRandom(2), calls: seededRandom(3) },
      START,
    );
    const times: number[] = [];
    for (let batch = 0; batch < 3; batch += 1) times.push(...(await send(services, 0, 60, bucket)));
    expect(times.length).toBeGreaterThanOrEqual(180);
    // A window of one second that starts with a call contains that call and those of the second after it.
    expect(mostWithin(times.slice(1), 1_000)).toBeLessThanOrEqual(Math.ceil(maxRate));
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.min(...gaps)).toBeGreaterThan(1000 / maxRate - 0.01);
  },
);

test('the maximum is used: 200 calls at 5 a second take 40 s', async () => {
  const services = pacingServices(new VirtualClock(START), { maxRate: 5 });
  const times = await send(services, 0, 200, bucketOf(20, 0));
  expect((times.at(-1)! - times[0]!) / 1000).toBeCloseTo(199 / 5, 0);
});

test('a rate that the maximum does not let the queue use does not grow', async () => {
  const services = pacingServices(new VirtualClock(START), { maxRate: 3 });
  await send(services, 0, 600, bucketOf(20, 0));
  const { state, learned } = await memoryOf(services);
  // A first day starts at 6 calls a second.
  expect(state!.rate).toBeLessThan(12);
  expect(learned).toBeNull();
});

test('a day with a maximum leaves the learned rate as it is, and the next day without one starts from it', async () => {
  const clock = new VirtualClock(START);
  const services = pacingServices(clock);
  const bucket = bucketOf(10, 0.2);
  const nextDay = () => clock.sleep(86_400_000);
  await send(services, 0, 1_500, bucket);
  const { learned } = await memoryOf(services);
  expect(learned!.perSecond).toBeGreaterThan(7);
  await nextDay();

  // With the bystander's 2 calls a second the bucket is not empty; a burst of others empties it now and then.
  const limited = { ...services, settings: { ...services.settings, maxRate: 2 } };
  const emptied = (async () => {
    for (let burst = 0; burst < 4; burst += 1) {
      await clock.sleep(40_000);
      while (bucket.take(clock.now()));
    }
  })();
  await Promise.all([send(limited, 1, 400, bucket), emptied]);
  const kept = (await memoryOf(services)).learned!;
  expect(kept.perSecond / learned!.perSecond).toBeGreaterThan(0.9);
  expect(kept.perSecond / learned!.perSecond).toBeLessThan(1.3);
  await nextDay();

  const times = await send(services, 2, 800, bucket);
  // The bucket's content is used first. Then 8 calls a second are left.
  expect((times.at(-1)! - times[0]!) / 1000).toBeLessThan((1.25 * (800 - 50)) / 8);
});

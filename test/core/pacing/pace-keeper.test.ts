import { PaceKeeper } from '../../../core/pacing/pace-keeper.ts';
import type { Services } from '../../../core/ports/services.ts';
import { TokenBucket } from '../../../local/emulated-aws/token-bucket.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { pacingServices, SettableClock, throttling } from '../../support/paced-calls.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const HOUR = 3_600_000;
const OPERATION = 'iam:SimulatePrincipalPolicy';

/** One invocation of a run: calls to a bucket of 10 a second. Returns the seconds that it took. */
async function invocation(
  services: Services,
  right: VirtualClock,
  bucket: TokenBucket,
  calls: number,
): Promise<number> {
  const startedAt = right.now();
  const pace = await PaceKeeper.open(services, { runId: '20261123T040000Z-abcdef', accountId: '111122223333' });
  const send = async (): Promise<void> => {
    await right.sleep(150);
    if (!bucket.take(right.now())) throw throttling();
  };
  await Promise.all(Array.from({ length: calls }, () => pace.queue(OPERATION).call(send)));
  await pace.save();
  return (right.now() - startedAt) / 1000;
}

test.each([
  ['between two invocations', Number.POSITIVE_INFINITY],
  ['during the first invocation', 20_000],
])('a clock that is set back by an hour %s does not delay the next invocations', async (_name, afterMs) => {
  const right = new VirtualClock(START);
  const clock = new SettableClock(right);
  const services = pacingServices(clock);
  const bucket = new TokenBucket({ rate: 10, size: 50 }, START);
  const setBack = async (): Promise<void> => {
    await right.sleep(afterMs);
    clock.aheadMs = -HOUR;
  };
  if (Number.isFinite(afterMs)) void setBack();
  const first = await invocation(services, right, bucket, 600);
  clock.aheadMs = -HOUR;
  await right.sleep(5_000);
  const second = await invocation(services, right, bucket, 400);
  await right.sleep(5_000);
  clock.aheadMs = -2 * HOUR;
  const third = await invocation(services, right, bucket, 400);
  expect(first).toBeLessThan(70);
  expect(second).toBeLessThan(45);
  expect(third).toBeLessThan(45);
});

test('the state of an operation goes on after the clock was set back', async () => {
  const right = new VirtualClock(START);
  const clock = new SettableClock(right);
  const services = pacingServices(clock);
  const bucket = new TokenBucket({ rate: 10, size: 50 }, START);
  await invocation(services, right, bucket, 600);
  clock.aheadMs = -HOUR;
  const pace = await PaceKeeper.open(services, { runId: '20261123T040000Z-abcdef', accountId: '111122223333' });
  expect(pace.queue(OPERATION).rate).toBeGreaterThan(7);
  expect(pace.queue(OPERATION).rate).toBeLessThan(13);
});

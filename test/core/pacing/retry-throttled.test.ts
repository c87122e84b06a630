import { retryThrottled, type Backoff } from '../../../core/pacing/retry-throttled.ts';
import { AwsFault } from '../../../core/ports/aws-fault.ts';
import { seededRandom } from '../../../local/seeded-random.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';

const backoff: Backoff = { firstMs: 1_000, longestMs: 4_000, requests: 6 };
const throttle = (retryAfterMs = 0): AwsFault =>
  new AwsFault('throttled', 'ThrottlingException', 'Rate exceeded', { retryAfterMs });

/** Sends a request that is throttled with these faults, and then answered. @returns when each request was sent */
async function send(faults: readonly Error[], options: { backoff?: Backoff; random?: () => number } = {}) {
  const clock = new VirtualClock(0, 1);
  const sentAt: number[] = [];
  const request = (): Promise<string> => {
    const fault = faults[sentAt.length];
    sentAt.push(clock.now());
    return fault === undefined ? Promise.resolve('answer') : Promise.reject(fault);
  };
  const result = await retryThrottled(request, {
    name: 'iam:GetRole',
    backoff,
    clock,
    random: () => 1,
    ...options,
  }).then(
    (answer) => ({ answer, fault: null }),
    (fault: unknown) => ({ answer: null, fault }),
  );
  return { ...result, sentAt };
}

const waits = (times: readonly number[]): number[] => times.slice(1).map((time, n) => time - (times[n] ?? 0));

test('a request that is answered is sent once', async () => {
  expect(await send([])).toEqual({ answer: 'answer', fault: null, sentAt: [0] });
});

test('the longest possible wait doubles up to its maximum', async () => {
  const { answer, sentAt } = await send([1, 2, 3, 4, 5].map(() => throttle()));
  expect(answer).toBe('answer');
  expect(waits(sentAt)).toEqual([1_000, 2_000, 4_000, 4_000, 4_000]);
});

test('waits are spread evenly from zero to their maximum, so that clients do not return together', async () => {
  const random = seededRandom(1);
  const first: number[] = [];
  for (let n = 0; n < 1_000; n += 1) first.push(...waits((await send([throttle()], { random })).sentAt));
  for (const quarter of [0, 1, 2, 3]) {
    const share = first.filter((wait) => Math.floor(wait / 250) === quarter).length / first.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
  }
});

test('a wait is not shorter than the least wait, and not shorter than AWS asks for', async () => {
  const least = { ...backoff, leastMs: 550 };
  const { sentAt } = await send([throttle(), throttle(7_000), throttle(100)], { backoff: least, random: () => 0 });
  expect(waits(sentAt)).toEqual([550, 7_000, 550]);
});

test('clients that AWS asks to wait equally long do not return together', async () => {
  const { sentAt } = await send([throttle(7_000)], { random: () => 0.5 });
  expect(waits(sentAt)).toEqual([7_500]);
});

test('after the last request, the fault names the request, how often it was sent and how long it took', async () => {
  const { fault, sentAt } = await send(Array.from({ length: 9 }, () => throttle()));
  expect(sentAt).toHaveLength(6);
  expect(fault).toMatchObject({
    kind: 'throttled',
    code: 'ThrottlingException',
    message: 'AWS throttled iam:GetRole, 6 requests in 15 s (Rate exceeded).',
    cause: throttle(),
  });
});

test('if AWS asks to wait longer than two minutes, the fault says so at once', async () => {
  const { fault, sentAt } = await send([throttle(600_000)]);
  expect(sentAt).toEqual([0]);
  expect(fault).toMatchObject({
    message: 'AWS throttled iam:GetRole (Rate exceeded). AWS asks to wait 600 s.',
  });
});

test('other errors are not repeated', async () => {
  const denied = new AwsFault('denied', 'AccessDenied', 'no');
  expect(await send([throttle(), denied])).toEqual({ answer: null, fault: denied, sentAt: [0, 1_000] });
});

test('a caller with a deadline can end the waiting', async () => {
  const clock = new VirtualClock(0, 1);
  const late = new AwsFault('other', 'OutOfTime', 'late');
  const wait = (): Promise<void> => Promise.reject(late);
  const sending = retryThrottled(() => Promise.reject(throttle()), {
    name: 'x',
    backoff,
    clock,
    random: () => 1,
    wait,
  });
  await expect(sending).rejects.toBe(late);
});

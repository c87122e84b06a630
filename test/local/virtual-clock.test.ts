import { VirtualClock } from '../../local/virtual-clock.ts';

test('sleeps end in the order of their end times, not of their start', async () => {
  const clock = new VirtualClock(1_000);
  const woken: string[] = [];
  const sleep = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    woken.push(`${name} ${clock.now()}`);
  };
  await Promise.all([sleep('c', 300), sleep('a', 100), sleep('b', 200), sleep('also a', 100), sleep('now', 0)]);
  expect(woken).toEqual(['now 1000', 'a 1100', 'also a 1100', 'b 1200', 'c 1300']);
});

test('days of sleep take no real time', async () => {
  const clock = new VirtualClock(0);
  const before = performance.now();
  for (let day = 0; day < 30; day += 1) await clock.sleep(86_400_000);
  expect(clock.now()).toBe(30 * 86_400_000);
  expect(performance.now() - before).toBeLessThan(5_000);
});

test('time stops while work that takes real time is running', async () => {
  const clock = new VirtualClock(0);
  const slept = clock.sleep(1_000).then(() => clock.now());
  const atEnd = await clock.track(async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return clock.now();
  });
  expect(atEnd).toBe(0);
  expect(await slept).toBe(1_000);
});

test('a thousand sleeps end in order', async () => {
  const clock = new VirtualClock(0);
  const woken: number[] = [];
  await Promise.all(
    Array.from({ length: 1_000 }, async (_, n) => {
      await clock.sleep((n * 7919) % 1_009);
      woken.push(clock.now());
    }),
  );
  expect(woken).toEqual([...woken].sort((a, b) => a - b));
});

test('time passes while a part of tracked work is released, and stops after it', async () => {
  const clock = new VirtualClock(0);
  const late = clock.sleep(1_000).then(() => clock.now());
  const times = await clock.track(async () => {
    await clock.release(() => clock.sleep(400));
    const released = clock.now();
    await new Promise((resolve) => setTimeout(resolve, 30));
    return [released, clock.now()];
  });
  expect(times).toEqual([400, 400]);
  expect(await late).toBe(1_000);
});

test('work that is not tracked cannot be released', async () => {
  const clock = new VirtualClock(0);
  await expect(clock.release(() => Promise.resolve())).rejects.toThrow('Only tracked work');
});

import { together, withCache, withoutCache } from '../../../bench/doctor/world/habits.ts';
import { anyRead, assumeRole } from '../../../bench/doctor/world/requests.ts';
import * as retries from '../../../bench/doctor/world/retries.ts';
import type { Process } from '../../../bench/doctor/world/timeline.ts';
import { START_MS, World } from '../../../bench/doctor/world/world.ts';
import { currentRecords } from '../../../local/emulated-aws/cloudtrail/records.ts';
import { seededRandom } from '../../../local/seeded-random.ts';

const worldOf = (minutes: number, seed = 1): World =>
  new World({ seed, minutes, records: { ...currentRecords, refusedParameters: 'kept' } });

test('processes run in the order of their times, and not beyond the end', () => {
  const world = worldOf(1);
  const seen: string[] = [];
  function* process(name: string, everyMs: number): Process {
    for (;;) {
      yield everyMs;
      seen.push(`${name} ${(world.now() - START_MS) / 1_000}`);
    }
  }
  world.start(process('a', 25_000));
  world.start(process('b', 20_000));
  world.run();
  expect(seen).toEqual(['b 20', 'a 25', 'b 40', 'a 50']);
});

test('the same seed gives the same rows, another seed others', () => {
  const rows = (seed: number) => {
    const world = worldOf(2, seed);
    world.limit('iam:111122223333', { rate: 5, size: 5 });
    const client = world.client({ caller: world.session(world.role('a')), sdk: 'jsStandard' });
    together(
      world,
      client,
      Array.from({ length: 50 }, () => anyRead(world)),
      10,
    );
    world.run();
    return JSON.stringify(world.rows);
  };
  expect(rows(1)).toBe(rows(1));
  expect(rows(1)).not.toBe(rows(2));
});

test('a bucket serves its size and then its rate, and the others are recorded as throttled', () => {
  const world = worldOf(1);
  world.limit('iam:111122223333', { rate: 2, size: 10 });
  const client = world.client({ caller: world.user('a'), sdk: 'noRetries' });
  together(
    world,
    client,
    Array.from({ length: 400 }, () => anyRead(world)),
    40,
  );
  world.run();
  const refused = world.rows.filter(({ error_code }) => error_code === 'Throttling').length;
  expect(world.rows).toHaveLength(400);
  expect(refused).toBeGreaterThan(370);
  expect(refused).toBeLessThan(390);
});

test.each([
  ['javascriptStandard', retries.javascriptStandard, [500, 1_000]],
  ['javascriptOld', retries.javascriptOld, [250, 500]],
  ['botocoreLegacy', retries.botocoreLegacy, [500, 1_000, 2_000, 4_000]],
  ['javaLegacy', retries.javaLegacy, [375, 750, 1_500]],
  ['goStandard', retries.goStandard, [1_000, 2_000]],
  ['fixedSecond', retries.fixedSecond, [1_000, 1_000, 1_000]],
  ['noRetries', retries.noRetries, []],
])('%s waits as its SDK does on average', (name, create, means) => {
  const random = seededRandom(1);
  const strategy = create();
  const mean = (retry: number): number =>
    Array.from({ length: 4_000 }, () => strategy.delayMs(retry, random) ?? 0).reduce((a, b) => a + b, 0) / 4_000;
  for (const [retry, expected] of means.entries()) {
    expect(Math.abs(mean(retry) / expected - 1)).toBeLessThan(0.05);
  }
  if (name !== 'fixedSecond') expect(strategy.delayMs(means.length, random)).toBeNull();
});

test('adaptive mode limits its own rate once it is throttled', () => {
  const strategy = retries.botocoreAdaptive();
  let now = START_MS;
  for (let n = 0; n < 50; n += 1) {
    expect(strategy.holdMs?.(now)).toBe(0);
    strategy.onAnswer?.(now, false);
    now += 50;
  }
  strategy.onAnswer?.(now, true);
  let held = 0;
  for (let n = 0; n < 20; n += 1) held += strategy.holdMs?.(now) ?? 0;
  expect(held).toBeGreaterThan(500);
});

test.each([
  ['jsStandard', 3_600, 5],
  ['botocoreStandard', 3_600, 6],
  // Its cache renews 15 minutes before the end, so at each use.
  ['botocoreStandard', 900, 200],
] as const)('a cache of %s with sessions of %d s requests at least %d in four hours', (sdk, durationSeconds, least) => {
  const world = worldOf(240);
  const client = world.client({ caller: world.user('a'), sdk });
  const session = { role: world.role('target'), sessionName: 's', durationSeconds };
  world.start(withCache(world, client, session, 30_000));
  world.run();
  expect(world.rows.length).toBeGreaterThanOrEqual(least);
  expect(world.rows.length).toBeLessThan(3 * least);
});

test('a role of another account gives two rows with one shared ID', () => {
  const world = worldOf(10);
  const client = world.client({ caller: world.user('a'), sdk: 'goV2' });
  const role = world.role('target', { accountId: '444455556666' });
  world.start(withoutCache(world, client, { role, sessionName: 's' }, 60_000));
  world.run();
  const shared = new Set(world.rows.map(({ shared_event_id }) => shared_event_id));
  expect(world.rows.length).toBe(2 * shared.size);
  expect(assumeRole({ role, sessionName: 's' }).parameters).toEqual({ roleArn: role.roleArn, roleSessionName: 's' });
});

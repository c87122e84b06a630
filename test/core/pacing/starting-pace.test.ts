import { objects } from '../../../core/contract/objects.ts';
import { PaceKeeper } from '../../../core/pacing/pace-keeper.ts';
import { readStartingPace, startingPaceOf } from '../../../core/pacing/starting-pace.ts';
import type { Services } from '../../../core/ports/services.ts';
import { TokenBucket, type Limit } from '../../../local/emulated-aws/token-bucket.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { pacingServices, throttling } from '../../support/paced-calls.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const DAY = 24 * 3_600_000;
const RUN = '20261123T040000Z-abcdef';
const OPERATION = 'iam:SimulatePrincipalPolicy';
const account = (n: number): string => String(111_122_223_333 + n);

const paces = (rates: readonly number[], at = START) =>
  rates.map((rate, n) => ({
    accountId: account(n),
    at: new Date(at).toISOString(),
    rates: { [OPERATION]: rate },
    reportReadyMs: 1_000 * rate,
  }));

async function opened(services: Services, accountId: string, runId = RUN): Promise<PaceKeeper> {
  const pace = await PaceKeeper.openForBatch(services, { runId, accountId }, { [OPERATION]: 100 }, 900_000);
  if (!(pace instanceof PaceKeeper)) throw new Error('The accounts share no bucket.');
  return pace;
}

/** The calls of one account to a bucket of its own. */
async function audit(services: Services, clock: VirtualClock, accountId: string, limit: Limit, calls = 100) {
  const startedAt = clock.now();
  const bucket = new TokenBucket(limit, startedAt);
  const pace = await opened(services, accountId);
  const startRate = pace.queue(OPERATION).rate;
  let throttled = 0;
  const send = async (): Promise<void> => {
    await clock.sleep(150);
    if (bucket.take(clock.now())) return;
    throttled += 1;
    throw throttling();
  };
  await Promise.all(Array.from({ length: calls }, () => pace.queue(OPERATION).call(send)));
  await pace.save();
  return { startRate, throttled, seconds: (clock.now() - startedAt) / 1000 };
}

test('an account without memory starts from the median of five accounts, and from nothing before that', async () => {
  expect(startingPaceOf(paces([2, 2.1, 1.9, 2]), START)).toEqual({ rates: {}, reportReadyMs: null });
  expect(startingPaceOf(paces([2, 2.1, 1.9, 9, 2]), START)).toEqual({
    rates: { [OPERATION]: 2 },
    reportReadyMs: 2_000,
  });
});

test('accounts whose rates differ much give no rate, nor do accounts of more than 30 days ago', () => {
  expect(startingPaceOf(paces([1, 1, 3, 9, 9]), START).rates).toEqual({});
  expect(startingPaceOf(paces([2, 2, 2, 2, 2], START - 31 * DAY), START).rates).toEqual({});
});

test('the sixth account starts near the rate that five accounts have learned, and has fewer throttles', async () => {
  const clock = new VirtualClock(START);
  const services = pacingServices(clock);
  const limit = { rate: 2, size: 10 };
  const audits = [];
  for (let n = 0; n < 6; n += 1) audits.push(await audit(services, clock, account(n), limit));
  const [first, sixth] = [audits[0]!, audits[5]!];
  expect(audits.slice(0, 5).map(({ startRate }) => startRate)).toEqual([6, 6, 6, 6, 6]);
  expect(sixth.startRate).toBeCloseTo(2.24, 0);
  expect(sixth.throttled).toBeLessThan(first.throttled);
  expect(sixth.seconds).toBeLessThan(1.02 * first.seconds);
});

test.each([
  ['a tenth of the rate of the others', { rate: 1, size: 10 }, 1.1],
  ['ten times the rate of the others', { rate: 100, size: 100 }, 4],
])('an account whose own bucket has %s loses little', async (_name, limit, most) => {
  const calls = 400;
  const measure = async (isKnown: boolean) => {
    const clock = new VirtualClock(START);
    const services = pacingServices(clock);
    const known = { schemaVersion: 1, accounts: paces([10, 10, 10, 10, 10]) };
    if (isKnown) await services.store.write(objects.startingPace, JSON.stringify(known));
    return audit(services, clock, account(9), limit, calls);
  };
  const [alone, started] = [await measure(false), await measure(true)];
  expect(started.startRate).toBeCloseTo(11.2);
  expect(started.seconds).toBeLessThan(most * alone.seconds);
  expect(started.throttled).toBeLessThan(0.05 * calls);
});

test('an account with memory neither uses nor changes what other accounts have learned', async () => {
  const clock = new VirtualClock(START);
  const services = pacingServices(clock);
  await audit(services, clock, account(0), { rate: 2, size: 10 });
  const stored = await services.store.read(objects.startingPace);
  const known = { schemaVersion: 1, accounts: paces([9, 9, 9, 9, 9]) };
  await services.store.write(objects.startingPace, JSON.stringify(known));
  const pace = await opened(services, account(0), '20261124T040000Z-abcdef');
  await pace.save();
  expect(stored).not.toBeNull();
  expect(pace.queue(OPERATION).rate).toBeLessThan(3);
  expect((await services.store.read(objects.startingPace))?.text).toBe(JSON.stringify(known));
});

test('damaged paces are ignored with a warning and replaced', async () => {
  const clock = new VirtualClock(START);
  const warnings: string[] = [];
  const services = { ...pacingServices(clock), warn: (message: string) => void warnings.push(message) };
  await services.store.write(objects.startingPace, '{"schemaVersion":1');
  expect(await readStartingPace(services)).toEqual({ rates: {}, reportReadyMs: null });
  expect(warnings).toEqual([expect.stringContaining('state/accounts/pace.json: The stored paces are damaged')]);
  await audit(services, clock, account(0), { rate: 2, size: 10 });
  expect(JSON.parse((await services.store.read(objects.startingPace))!.text)).toMatchObject({
    accounts: [{ accountId: account(0) }],
  });
});

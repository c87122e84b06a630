import * as v from 'valibot';
import { Diagnosis } from '../../core/contract/doctor/diagnosis.ts';
import { bystanderCalls } from '../../local/emulated-aws/cloudtrail/bystander-calls.ts';
import { EventHistory } from '../../local/emulated-aws/cloudtrail/event-history.ts';
import { Emulation } from '../../local/emulated-aws/emulation.ts';
import { generateAccount, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import type { EmulatedAwsSettings } from '../../local/emulated-aws/settings.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { systemClock } from '../../local/system-clock.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';
import { callInALoop } from '../support/second-application.ts';
import { emulatedAwsEnvironment, runDoctor } from '../support/run-doctor.ts';

jest.setTimeout(90_000);

const ACCOUNT = '111122223333';
const MINUTE_MS = 60_000;

let aws: EmulatedAws | null = null;
afterEach(async () => {
  await aws?.close();
  aws = null;
});

const newAccount = () => generateAccount({ seed: 1, accountId: ACCOUNT, users: 2, roles: 4, now: systemClock.now() });

/** Serves an event history at the present time, and runs the doctor. */
async function lookUp(
  eventHistory: EventHistory,
  args: readonly string[],
  settings: Partial<EmulatedAwsSettings> = {},
) {
  aws = await startEmulatedAws({
    accounts: [newAccount()],
    clock: systemClock,
    random: seededRandom(3),
    limit: null,
    eventHistory,
    ...settings,
  });
  const { code, stdout, stderr } = await runDoctor(
    ['--lookup', '--json', ...args],
    emulatedAwsEnvironment(aws.url, aws.emulation.issueUser(ACCOUNT, OPERATOR)),
  );
  const counters = aws.emulation.counters.get(`${ACCOUNT} cloudtrail:LookupEvents`);
  return { code, stderr, counters, ...v.parse(Diagnosis, JSON.parse(stdout)) };
}

/** Ten minutes ago, two roles called IAM for 40 seconds. IAM allowed two calls a second of each operation. */
async function noisyPast() {
  const history = new EventHistory(seededRandom(2));
  const account = newAccount();
  const clock = new VirtualClock(systemClock.now() - 10 * MINUTE_MS, 1);
  const emulation = new Emulation({
    accounts: [account],
    clock,
    random: seededRandom(4),
    limit: { rate: 2, size: 2 },
    eventHistory: history,
  });
  const [noisy, quiet] = [...account.roles.values()];
  const end = clock.now() + 40_000;
  const call = (role: string, callsPerSecond: number): Promise<void> =>
    callInALoop(emulation, clock, { accountId: ACCOUNT, role, callsPerSecond, isOver: () => clock.now() >= end });
  await Promise.all([call(noisy!.name, 4), call(quiet!.name, 0.4)]);
  return { history, noisy: noisy!.arn, quiet: quiet!.arn };
}

test('finds the neighbour who uses the rate up, in many pages, although CloudTrail throttles the lookup', async () => {
  const { history, noisy, quiet } = await noisyPast();
  const recorded = history.newestFirst(ACCOUNT, 'us-east-1').length;
  expect(recorded).toBeGreaterThan(300);
  // Another program reads the history too, so half of the rate is left.
  const limitOf = { 'cloudtrail:LookupEvents': { rate: 1, size: 1 } };
  const { code, source, questions, counters } = await lookUp(history, ['--since', '30m'], { limitOf });
  expect(counters!.throttled).toBeGreaterThan(2);
  expect(counters!.received - counters!.throttled).toBe(Math.ceil(recorded / 50) + 1);
  expect(source).toMatchObject({ kind: 'lookup', events: recorded, audited: recorded, leftOut: [], complete: true });
  expect(questions[0]).toMatchObject({ id: 'callers', verdict: 'found', callers: [{ caller: noisy }] });
  expect(JSON.stringify(questions[0]!.callers)).not.toContain(quiet);
  expect(code).toBe(4);
});

/** Calls of an application that requests a session for each call, in the last ten minutes, two a second. */
function sessionsPast(): EventHistory {
  const history = new EventHistory(seededRandom(2));
  for (let n = 0; n < 60; n += 1) {
    const atMs = systemClock.now() - 10 * MINUTE_MS + 500 * n;
    bystanderCalls({ accountId: ACCOUNT, operation: 'iam:GetRole', atMs, served: n % 3 !== 0 }).forEach(history.add);
  }
  return history;
}

test('a Region that is denied is left out by name, and the other is examined', async () => {
  const authorize: EmulatedAwsSettings['authorize'] = (_, operation, region) =>
    operation !== 'cloudtrail:LookupEvents' || region === 'us-east-1';
  const { code, source, questions } = await lookUp(sessionsPast(), ['--region', 'eu-west-1'], { authorize });
  expect(source).toMatchObject({ kind: 'lookup', events: 120, audited: 120, complete: false });
  expect(source.leftOut).toEqual([
    expect.objectContaining({
      what: expect.stringContaining('STS calls in eu-west-1') as unknown,
      reason: expect.stringContaining('AccessDenied') as unknown,
    }),
  ]);
  expect(questions[2]).toMatchObject({
    verdict: 'found',
    callers: [{ caller: `arn:aws:iam::${ACCOUNT}:user/inventory-bot` }],
  });
  expect(code).toBe(4);
});

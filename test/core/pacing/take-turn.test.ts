import { objects } from '../../../core/contract/objects.ts';
import { takeTurn, type NextTurn } from '../../../core/pacing/take-turn.ts';
import type { PaceKeeper } from '../../../core/pacing/pace-keeper.ts';
import { PreconditionFailed } from '../../../core/ports/store.ts';
import type { Services } from '../../../core/ports/services.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { pacingServices } from '../../support/paced-calls.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const RUN = '20261123T040000Z-abcdef';
const OPERATION = 'iam:SimulatePrincipalPolicy';
const [FIRST, SECOND] = ['111122223333', '444455556666'];

async function sharedBucket(): Promise<{ clock: VirtualClock; services: Services }> {
  const clock = new VirtualClock(START);
  const services = pacingServices(clock);
  const at = new Date(START).toISOString();
  const learned = { perSecond: 5, at };
  const sharing = { shared: true, ratio: 0.2, comparisons: 8, foundAt: at };
  const operations = { [OPERATION]: { learned, state: null } };
  const hub = { schemaVersion: 3, runId: '20261122T040000Z-abcdef', updatedAt: at, operations, sharing };
  await services.store.write(objects.hubPace, JSON.stringify(hub));
  return { clock, services };
}

const request = (accountId: string, runId = RUN, calls = 10): Parameters<typeof takeTurn>[1] => ({
  runId,
  accountId,
  calls: { [OPERATION]: calls },
  remainingMs: () => 900_000,
  longestSleepMs: 5_625,
  giveUpAfterMs: 60_000,
});

function taken(turn: NextTurn): PaceKeeper {
  if (turn.kind !== 'taken') throw new Error('The turn was not taken.');
  return turn.pace;
}

test('an account gets the turn at most half a second after the other one has ended it', async () => {
  const { clock, services } = await sharedBucket();
  const pace = taken(await takeTurn(services, request(FIRST)));
  const waiting = takeTurn(services, request(SECOND));
  await clock.sleep(3_000);
  await pace.endTurn();
  const endedAt = clock.now();
  taken(await waiting);
  expect(clock.now() - endedAt).toBeLessThanOrEqual(500);
});

test('of two accounts that ask at the same moment, one gets the turn', async () => {
  const { services } = await sharedBucket();
  const turns = [FIRST, SECOND].map((accountId) => takeTurn(services, { ...request(accountId), giveUpAfterMs: 0 }));
  expect((await Promise.all(turns)).map(({ kind }) => kind).sort()).toEqual(['later', 'taken']);
});

test('a turn that takes long is not waited for in the function', async () => {
  const { services } = await sharedBucket();
  taken(await takeTurn(services, request(FIRST, RUN, 500)));
  expect(await takeTurn(services, request(SECOND))).toEqual({ kind: 'later', resumeAt: START + 80_000 });
});

test('an account whose function was killed takes its own turn again, and other accounts take it after the timeout', async () => {
  const { clock, services } = await sharedBucket();
  const killed = taken(await takeTurn(services, request(FIRST)));
  await clock.sleep(1_000);
  taken(await takeTurn(services, request(FIRST)));
  await expect(killed.endTurn()).rejects.toThrow(PreconditionFailed);
  await clock.sleep(900_001);
  taken(await takeTurn(services, request(SECOND)));
});

test('the turn of an interrupted run does not delay the next run', async () => {
  const { services } = await sharedBucket();
  taken(await takeTurn(services, request(FIRST)));
  const next = await takeTurn(services, { ...request(SECOND, '20261123T050000Z-abcdef'), giveUpAfterMs: 0 });
  expect(next.kind).toBe('taken');
});

test('an unfinished batch keeps its turn until its next attempt', async () => {
  const { clock, services } = await sharedBucket();
  const pace = taken(await takeTurn(services, request(FIRST)));
  await pace.save(START + 120_000);
  expect((await takeTurn(services, request(SECOND))).kind).toBe('later');
  await clock.sleep(120_000);
  const next = taken(await takeTurn(services, request(FIRST)));
  await next.save();
  taken(await takeTurn(services, request(SECOND)));
});

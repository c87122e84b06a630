import type { BatchEnd } from '../../../core/evidence/batch-lines.ts';
import { AttemptLimits } from '../../../core/evidence/attempt-limits.ts';
import { ReadyDelay } from '../../../core/evidence/last-accessed.ts';
import { PaceKeeper } from '../../../core/pacing/pace-keeper.ts';
import { CallLedger } from '../../../core/ports/calls/call-ledger.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { pacingServices, SettableClock } from '../../support/paced-calls.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const run = { runId: '20261123T040000Z-abcdef', accountId: '111122223333' };
const iso = (time: number): string => new Date(time).toISOString();

/** When the first simulation and the first request of an attempt are sent, after an attempt that ended early. */
async function firstCalls(clockIsSetBackMs: number): Promise<number[]> {
  const right = new VirtualClock(START);
  const clock = new SettableClock(right);
  const services = pacingServices(clock);
  const end = {
    resumeAt: iso(START + 10_000),
    heldUntil: {
      'iam:SimulatePrincipalPolicy': iso(START + 10_000),
      'iam:GenerateServiceLastAccessedDetails': iso(START + 12_000),
    },
  } as unknown as BatchEnd;
  // The workflow waits until `resumeAt`.
  await right.sleep(10_000);
  clock.aheadMs = -clockIsSetBackMs;
  const batch = { n: 1, from: 0, to: 1, offset: 0, length: 1, slotAt: iso(START), pauses: 5, spreadUntil: null };
  const input = { ...run, batch, attempt: 2, stalled: 0 };
  const pace = await PaceKeeper.open(services, run);
  const invocation = { remainingMs: () => 900_000, memoryMegabytes: 1024, storeRequests: () => ({ puts: 0, gets: 0 }) };
  const limits = new AttemptLimits(input, [end], clock, invocation, new CallLedger(), new ReadyDelay(), pace);
  return Promise.all(
    [limits.simulations, limits.requests].map((queue) => queue.call(() => Promise.resolve(right.now() - START))),
  );
}

test.each([0, 3_600_000])('a gap goes on in the next attempt, if the clock is set back by %i ms', async (setBackMs) => {
  expect(await firstCalls(setBackMs)).toEqual([10_000, 12_000]);
});

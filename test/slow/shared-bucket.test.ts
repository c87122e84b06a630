import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { PaceMemory } from '../../core/pacing/pace-memory.ts';
import { summariseInWords } from '../../core/report/summary.ts';
import * as v from 'valibot';
import { auditableAccount, HUB, START, VirtualAudit, withOwnPolicies } from '../support/virtual-audit.ts';

jest.setTimeout(180_000);

const ACCOUNTS = [0, 1, 2, 3, 4].map((n) => String(Number(HUB) + n));
const DAY_MS = 86_400_000;

let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

async function start(charge: 'member' | 'caller'): Promise<VirtualAudit> {
  audit = await VirtualAudit.start(
    {
      accounts: ACCOUNTS.map((accountId) => withOwnPolicies(auditableAccount(accountId, 60))),
      limit: { rate: 5, size: 10 },
      charge,
    },
    { principalsPerBatch: 200 },
  );
  return audit;
}

async function run(audited: VirtualAudit): Promise<{ summary: RunSummary; seconds: number; throttled: number }> {
  const startedAt = audited.clock.now();
  await audited.run({ accountIds: ACCOUNTS, full: true });
  const summary = await audited.lastRun();
  const throttled = Object.values(summary.calls).reduce((sum, calls) => sum + calls.throttled, 0);
  return { summary, seconds: (audited.clock.now() - startedAt) / 1_000, throttled };
}

test('accounts that share one bucket are recognised, and then take turns, which is faster', async () => {
  const audited = await start('caller');
  const first = await run(audited);
  expect(first.summary).toMatchObject({ status: 'COMPLETE', sharing: { shared: true } });
  expect(summariseInWords(first.summary).join('\n')).toContain('Accounts share the rate limits');

  await audited.clock.sleep(DAY_MS);
  const second = await run(audited);
  expect(second.summary).toMatchObject({ status: 'COMPLETE', sharing: first.summary.sharing });
  expect(second.throttled).toBeLessThan(first.throttled / 2);
  expect(second.seconds).toBeLessThan(first.seconds);
  // Sixty reports at five a second take 12 s. An account ends after its last reads, so the ends differ by a few seconds less.
  expect(Math.min(...(await gapsOf(audited, second.summary)))).toBeGreaterThan(6);
  const hub = v.parse(PaceMemory, await audited.json(objects.hubPace));
  expect(hub).toMatchObject({ runId: second.summary.runId, sharing: { shared: true } });
  expect(hub.operations['iam:GenerateServiceLastAccessedDetails']?.learned?.perSecond).toBeCloseTo(5, 0);
});

test('accounts with separate buckets are recognised, and are audited at the same time', async () => {
  const audited = await start('member');
  const first = await run(audited);
  expect(first.summary).toMatchObject({ status: 'COMPLETE', sharing: { shared: false } });
  await audited.clock.sleep(DAY_MS);
  const second = await run(audited);
  expect(Math.max(...(await gapsOf(audited, second.summary)))).toBeLessThan(10);
  // The next run does not wait to measure it again.
  expect(second.seconds).toBeLessThan(first.seconds - 10);
});

test('a result that is a month old is measured again', async () => {
  const audited = await start('caller');
  await run(audited);
  await audited.clock.sleep(31 * DAY_MS);
  const later = await run(audited);
  expect(Date.parse(later.summary.sharing!.foundAt)).toBeGreaterThan(START + 31 * DAY_MS);
});

/** Seconds between the ends of accounts, in the order in which they ended. */
async function gapsOf(audited: VirtualAudit, run: RunSummary): Promise<number[]> {
  const ends: number[] = [];
  for (const accountId of ACCOUNTS) ends.push(Date.parse((await audited.account(run, accountId)).finishedAt) / 1_000);
  ends.sort((one, other) => one - other);
  return ends.slice(1).map((end, n) => end - ends[n]!);
}

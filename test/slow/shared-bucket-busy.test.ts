import * as v from 'valibot';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { PaceMemory } from '../../core/pacing/pace-memory.ts';
import { auditableAccount, HUB, START, VirtualAudit, withOwnPolicies } from '../support/virtual-audit.ts';

jest.setTimeout(180_000);

const DAY_MS = 86_400_000;
const RATE = 5;
const INVENTORY = ['iam:GetAccountAuthorizationDetails', 'iam:GenerateCredentialReport', 'iam:GetCredentialReport'];

/** The sharing is known from an earlier run, without a rate. Small accounts can't detect it: their calls do not empty a bucket. */
const known: PaceMemory = {
  schemaVersion: 3,
  runId: '20261122T040000Z-abcdef',
  updatedAt: new Date(START - DAY_MS).toISOString(),
  operations: {},
  sharing: { shared: true, ratio: 0.2, comparisons: 8, foundAt: new Date(START - DAY_MS).toISOString() },
};

/** The time of a run, divided by the time that the bucket needs for the calls of the busiest operation. */
async function ratioOf(audit: VirtualAudit, accountIds: string[]): Promise<{ ratio: number; run: RunSummary }> {
  const startedAt = audit.clock.now();
  await audit.run({ accountIds, full: true });
  const seconds = (audit.clock.now() - startedAt) / 1_000;
  const run = await audit.lastRun();
  const busiest = Math.max(...Object.values(run.calls).map(({ succeeded }) => succeeded));
  return { ratio: seconds / (busiest / RATE), run };
}

test.each([
  { accounts: 'five accounts of 50 principals', sizes: [50, 50, 50, 50, 50], isKnown: false },
  { accounts: 'three accounts of unequal size', sizes: [20, 120, 60], isKnown: true },
  { accounts: 'twenty accounts of 10 principals', sizes: Array.from({ length: 20 }, () => 10), isKnown: true },
])('$accounts keep a shared bucket busy', async ({ accounts, sizes, isKnown }) => {
  const ids = sizes.map((_, n) => String(Number(HUB) + n));
  const audit = await VirtualAudit.start(
    {
      accounts: ids.map((id, n) => withOwnPolicies(auditableAccount(id, sizes[n]!))),
      limit: { rate: RATE, size: 10 },
      charge: 'caller',
    },
    { principalsPerBatch: 200 },
  );
  try {
    if (isKnown) await audit.store.write(objects.hubPace, JSON.stringify(known));
    const ratios: number[] = [];
    for (const day of [1, 2]) {
      const { ratio, run } = await ratioOf(audit, ids);
      ratios.push(Math.round(ratio * 100) / 100);
      expect(run).toMatchObject({ status: 'COMPLETE', sharing: { shared: true } });
      expect(run.principals.complete).toBe(run.principals.total);
      if (day === 1 && !isKnown) continue;
      const calls = Object.values(run.calls);
      const throttled = calls.reduce((sum, call) => sum + call.throttled, 0);
      expect(throttled / calls.reduce((sum, call) => sum + call.sent, 0)).toBeLessThan(0.03);
      for (const operation of INVENTORY) expect(run.calls[operation]?.throttled).toBe(0);
      // The last account has ended its turn.
      expect(v.parse(PaceMemory, await audit.json(objects.hubPace)).turn).toBeUndefined();
      await audit.clock.sleep(DAY_MS);
    }
    process.stdout.write(`${accounts}: ${ratios.join(', ')}\n`);
    // The first day of the five accounts detects that they share the bucket, which takes longer.
    expect(ratios[0]).toBeLessThan(isKnown ? 1.3 : 2);
    expect(ratios[1]).toBeLessThanOrEqual(1.25);
  } finally {
    await audit.close();
  }
});

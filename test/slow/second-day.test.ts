import { objects } from '../../core/contract/objects.ts';
import { defaultPacing } from '../../core/pacing/controller/controller-settings.ts';
import { PaceMemory } from '../../core/pacing/pace-memory.ts';
import * as v from 'valibot';
import { auditableAccount, HUB, VirtualAudit, withOwnPolicies } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

test('the second day starts from the rate that the first one learned, batch after batch', async () => {
  const audited = await VirtualAudit.start(
    { accounts: [withOwnPolicies(auditableAccount(HUB, 400))], limit: { rate: 10, size: 10 } },
    { principalsPerBatch: 100 },
  );
  try {
    const paceOf = async (operation: string) => {
      const memory = v.parse(PaceMemory, await audited.json(objects.pace(HUB)));
      return memory.operations[operation]!;
    };
    await audited.run({ accountIds: [HUB] });
    const operations = ['iam:GenerateServiceLastAccessedDetails', 'iam:SimulatePrincipalPolicy'];
    const learned = await Promise.all(
      operations.map(async (operation) => (await paceOf(operation)).learned!.perSecond),
    );
    for (const rate of learned) expect(Math.abs(rate / 10 - 1)).toBeLessThan(0.15);

    await audited.clock.sleep(86_400_000);
    await audited.run({ accountIds: [HUB] });
    for (const [n, operation] of operations.entries()) {
      // The ramp started from the pace memory; neither the inventory nor a later batch started it again.
      const { drained, ramp } = (await paceOf(operation)).state!;
      expect((drained ?? ramp)!.from).toBeCloseTo(defaultPacing.ramp.rememberedStart * learned[n]!, 5);
    }
  } finally {
    await audited.close();
  }
});

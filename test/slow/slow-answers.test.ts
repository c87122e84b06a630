import type { RunSummary } from '../../core/contract/run.ts';
import { runWorkflow } from '../../local/run-workflow.ts';
import { inProcessServices } from '../support/in-process-services.ts';
import { auditableAccount, HUB, START, VirtualAudit, withOwnPolicies } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

/** Audits with answers that take 3 s of virtual time. */
async function slowRun(settings: Parameters<typeof VirtualAudit.start>[0]): Promise<RunSummary> {
  audit = await VirtualAudit.start({ ...settings, latencyMs: [2_900, 3_100] }, { principalsPerBatch: 1_000 });
  await runWorkflow({
    name: 'slow',
    id: 'test:slow',
    input: { accountIds: [HUB] },
    services: inProcessServices(audit),
  });
  return audit.lastRun();
}

const asked = 'iam:GenerateServiceLastAccessedDetails';
const read = 'iam:GetServiceLastAccessedDetails';

test('answers that take 3 s: many calls are in flight, and the rate of IAM is used', async () => {
  const { status, calls } = await slowRun({
    accounts: [withOwnPolicies(auditableAccount(HUB, 500))],
    limit: { rate: 50, size: 100 },
  });
  expect(status).toBe('COMPLETE');
  // 64 calls in flight would be 21 calls a second. The ramp of a first day is included.
  expect(calls[asked]!.perSecond).toBeGreaterThan(24);
});

test('attempts that end with their function wait for calls in flight: no evidence is lost, and almost no report is asked for twice', async () => {
  const { status, calls } = await slowRun({
    accounts: [auditableAccount(HUB, 340)],
    limitOf: { [asked]: { rate: 0.33, size: 5 } },
  });
  expect((audit!.clock.now() - START) / 60_000).toBeGreaterThan(15);
  expect(status).toBe('COMPLETE');
  expect(calls[asked]!.succeeded).toBeLessThanOrEqual(1.01 * 341);
  expect(calls[read]!.succeeded).toBeGreaterThanOrEqual(341);
});

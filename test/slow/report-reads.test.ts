import { auditableAccount, HUB, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(120_000);

let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

test.each<[string, readonly [number, number], number, object]>([
  ['of about a second', [500, 2_000], 1_000, {}],
  ['of some seconds', [2_000, 8_000], 1_000, {}],
  ['of nearly the same time', [9_000, 11_000], 1_000, {}],
  ['of a quarter of a minute', [8_000, 25_000], 1_000, {}],
  ['in small batches', [4_000, 12_000], 20, {}],
  ['in a spread run', [4_000, 12_000], 1_000, { spreadOverMinutes: 60 }],
])('reports %s are read 1.05 times at most on average', async (_name, reportMs, principalsPerBatch, input) => {
  audit = await VirtualAudit.start(
    { accounts: [auditableAccount(HUB, 300)], limit: { rate: 15, size: 30 }, behaviour: { reportMs } },
    { principalsPerBatch },
  );
  await audit.run({ accountIds: [HUB], ...input });
  const { status, calls } = await audit.lastRun();
  const asked = calls['iam:GenerateServiceLastAccessedDetails']!.succeeded;
  const read = calls['iam:GetServiceLastAccessedDetails']!.succeeded;
  expect([status, asked]).toEqual(['COMPLETE', 301]);
  expect(read / asked).toBeLessThanOrEqual(1.05);
});

import * as v from 'valibot';
import { handler as planRun } from '../../lambda/plan-run.ts';
import { makeHandler } from '../../lambda/runtime/handler.ts';
import { create as auditBatch } from '../../lambda/audit-batch.ts';
import { create as importFindings } from '../../lambda/import-findings.ts';
import { create as inventoryAccount } from '../../lambda/inventory-account.ts';
import { create as summariseAccount } from '../../lambda/summarise-account.ts';
import { create as organizationUse } from '../../lambda/organization-use.ts';
import { create as nameCulprits } from '../../lambda/name-culprits.ts';
import { create as summariseRun } from '../../lambda/summarise-run.ts';
import { writtenBy } from '../support/function-lines.ts';

const context = { getRemainingTimeInMillis: () => 5_000, memoryLimitInMB: '1024' };
const noServices = (): never => {
  throw new Error('Services were built before the payload was checked.');
};

test('a handler parses the event and makes one call; each invocation counts its own requests', async () => {
  const handler = makeHandler(v.object({ n: v.number() }), async ({ n }, { store }, invocation) => {
    for (let read = 0; read < n; read += 1) await store.read('a');
    const { memoryMegabytes, remainingMs, storeRequests } = invocation;
    return { memoryMegabytes, remaining: remainingMs(), ...storeRequests() };
  })(() => ({ store: { bucket: 'results', read: () => Promise.resolve(null) } }) as never);
  const answer = { memoryMegabytes: 1024, remaining: 5_000, puts: 0 };
  expect(await handler({ n: 3, more: true }, context)).toEqual({ ...answer, gets: 3 });
  expect(await handler({ n: 1 }, context)).toEqual({ ...answer, gets: 1 });
});

test.each([
  ['inventory-account', inventoryAccount, { runId: 'x' }, 'runId: must be a run ID'],
  ['audit-batch', auditBatch, { runId: '20261123T040000Z-abcdef', accountId: '12' }, 'accountId: must be an AWS'],
  ['summarise-account', summariseAccount, {}, 'runId'],
  ['organization-use', organizationUse, { runId: '20261123T040000Z-abcdef', attempt: 0 }, 'attempt: '],
  ['summarise-run', summariseRun, null, 'Expected Object'],
  ['name-culprits', nameCulprits, { runId: '20261123T040000Z-abcdef' }, 'throttled: Invalid key'],
  [
    'import-findings',
    importFindings,
    { runId: '20261123T040000Z-abcdef', accountId: '1' },
    'accountId: must be an AWS',
  ],
])(
  '%s rejects a payload that does not match the contract, and names the field',
  async (_name, create, event, message) => {
    await expect(create(noServices)(event, context)).rejects.toMatchObject({
      name: 'InvalidPayload',
      message: expect.stringContaining(message) as string,
    });
  },
);

test('a function without its environment names the missing variable', async () => {
  const execution = { id: 'e', name: 'n', startedAt: '2026-11-23T04:00:00Z', enteredAt: '2026-11-23T04:00:00Z' };
  const { text } = await writtenBy(() =>
    expect(planRun({ execution, input: {} }, context)).rejects.toThrow('Environment variable RESULTS_BUCKET'),
  );
  expect(text).toContain('"event":"InvocationFailed"');
});

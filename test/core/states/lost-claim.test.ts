import { objects } from '../../../core/contract/objects.ts';
import type { Invocation, Services } from '../../../core/ports/services.ts';
import { RunSuperseded } from '../../../core/run/claim.ts';
import { auditBatch } from '../../../core/states/audit-batch.ts';
import { inventoryAccount } from '../../../core/states/inventory-account.ts';
import { organizationUse } from '../../../core/states/organization-use.ts';
import { summariseAccount } from '../../../core/states/summarise-account.ts';
import { summariseRun } from '../../../core/states/summarise-run.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const runId = '20261123T040000Z-aaaaaa';
const accountId = '111122223333';
const request = { principals: null, spreadOverMinutes: 0, sliceMinutes: 0, full: false, fullSince: null };
const batch = { n: 0, from: 0, to: 1, offset: 0, length: 1, slotAt: '', spreadUntil: null, pauses: 0 };
const invocation: Invocation = {
  memoryMegabytes: 1024,
  remainingMs: () => 900_000,
  storeRequests: () => ({ puts: 0, gets: 0 }),
};

/** The states that begin with a check of the claim. */
const states: [string, (services: Services) => Promise<unknown>][] = [
  [
    'InventoryAccount',
    (services) => inventoryAccount({ runId, accountId, resumeFrom: null, startAt: '', request }, services, invocation),
  ],
  ['AuditBatch', (services) => auditBatch({ runId, accountId, batch, attempt: 1, stalled: 0 }, services, invocation)],
  [
    'SummariseAccount',
    (services) =>
      summariseAccount({ runId, accountId, inventory: null, results: [], error: null }, services, invocation),
  ],
  ['OrganizationUse', (services) => organizationUse({ runId, attempt: 1, stalled: 0 }, services, invocation)],
  ['SummariseRun', (services) => summariseRun({ runId, error: null }, services, invocation, {} as never)],
];

test.each(states)('%s of a run that lost the claim asks nothing and writes nothing', async (_name, start) => {
  const store = new MemoryStore();
  await store.write(
    objects.claim,
    JSON.stringify({
      execution: 'other',
      runId: '20261124T040000Z-bbbbbb',
      scheduledDay: null,
      lastScheduledDay: null,
      released: false,
      interrupted: null,
    }),
  );
  const opened = jest.fn();
  const written = [jest.spyOn(store, 'write'), jest.spyOn(store, 'writeLines')];
  const services = {
    store,
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    access: { open: opened, openOrganization: opened, ownAccountId: opened },
    warn: () => undefined,
    settings: {},
  } as unknown as Services;
  await expect(start(services)).rejects.toThrow(RunSuperseded);
  expect(opened).not.toHaveBeenCalled();
  for (const write of written) expect(write).not.toHaveBeenCalled();
});

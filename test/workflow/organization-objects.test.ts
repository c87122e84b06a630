import type { InventoryAccountOutput } from '../../core/contract/messages.ts';
import { objects } from '../../core/contract/objects.ts';
import type { Invocation, Services } from '../../core/ports/services.ts';
import type { ObjectStore } from '../../core/ports/store.ts';
import { inventoryAccount } from '../../core/states/inventory-account.ts';
import { planRun } from '../../core/states/plan-run.ts';
import { summariseAccount } from '../../core/states/summarise-account.ts';
import type { EmulatedAccount, EmulatedRole } from '../../local/emulated-aws/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { trust } from '../../local/emulated-aws/generate/role-origins.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const idOf = (n: number): string => String(Number(HUB) + n);
const MEMBER = idOf(1);
/** With five and with nine groups, the four accounts that are looked up are in different groups. */
const STRANGER = '999988887775';
const LAST = idOf(98);
const full = policy(allow('*'));

const invocation: Invocation = {
  remainingMs: () => 900_000,
  memoryMegabytes: 1_024,
  storeRequests: () => ({ puts: 0, gets: 0 }),
};

const inUnits = (account: EmulatedAccount, unitNames: readonly string[]): EmulatedAccount =>
  Object.assign(account, { unitNames, serviceControlPolicies: [[full], ...unitNames.map(() => [full]), [full]] });

/** Only their place in the organization matters. */
const empty = (n: number): EmulatedAccount =>
  inUnits(
    {
      ...{ accountId: idOf(n), name: `member ${n}`, users: new Map(), roles: new Map(), groups: new Map() },
      ...{ policies: new Map(), serviceControlPolicies: null },
      root: { createdAt: 0, passwordLastUsed: null, mfaActive: true, accessKeyActive: false },
    },
    [`Unit ${n % 20}`],
  );

/** A store that notes the bytes that are read from each object. */
function measured(store: ObjectStore): { store: ObjectStore; bytes: Map<string, number> } {
  const bytes = new Map<string, number>();
  const add = (key: string, text: string): void => {
    bytes.set(key, (bytes.get(key) ?? 0) + Buffer.byteLength(text));
  };
  return {
    bytes,
    store: {
      bucket: store.bucket,
      exists: (key) => store.exists(key),
      write: (key, text, condition) => store.write(key, text, condition),
      writeLines: (key, lines) => store.writeLines(key, lines),
      list: (prefix) => store.list(prefix),
      readBytes: (key) => store.readBytes(key),
      writeBytes: (key, parts) => store.writeBytes(key, parts),
      async read(key) {
        const stored = await store.read(key);
        add(key, stored?.text ?? '');
        return stored;
      },
      async *readLines(key, range) {
        for await (const line of store.readLines(key, range)) {
          add(key, line);
          yield line;
        }
      },
    },
  };
}

/** Plans a run of an organization, and audits one of its accounts without its batches. */
async function auditOneOf(count: number) {
  const audited = inUnits(auditableAccount(MEMBER, 9), ['Unit 1']);
  const [friend, stranger, ...others] = [...audited.roles.values()];
  for (const role of others) role.trustPolicy = trust({ AWS: `arn:aws:iam::${HUB}:root` });
  friend!.trustPolicy = trust({ AWS: `arn:aws:iam::${LAST}:root` });
  stranger!.trustPolicy = trust({ AWS: `arn:aws:iam::${STRANGER}:root` });
  const accounts = Array.from({ length: count - 2 }, (_, n) => empty(n + 2));
  const run = await VirtualAudit.start({
    accounts: [auditableAccount(HUB, 1), audited, ...accounts],
    organization: {},
  });
  try {
    return await measure(run, count, [friend!, stranger!]);
  } finally {
    await run.close();
  }
}

async function measure(run: VirtualAudit, count: number, roles: readonly EmulatedRole[]) {
  const services = run.services();
  const startedAt = new Date(START).toISOString();
  const execution = { id: 'test:one', name: 'one', startedAt, enteredAt: startedAt };
  // With a limit, run.json names every account that the run audits.
  const input = { accounts: 'organization', exclude: [LAST] };
  const plan = await planRun({ execution, input }, services, invocation);
  expect(plan).toMatchObject({ decision: 'AUDIT', accounts: count - 1 });

  const { store, bytes } = measured(services.store);
  const counted: Services = { ...services, store };
  const { runId, request } = plan;
  const account = { runId, accountId: MEMBER };
  const inventory: InventoryAccountOutput = await inventoryAccount(
    { ...account, resumeFrom: null, startAt: startedAt, request: request! },
    counted,
    invocation,
  );
  expect(inventory).toMatchObject({ principals: 10 });
  await summariseAccount({ ...account, inventory, results: [], error: null }, counted, invocation);
  const records = await run.records({ runId } as Parameters<typeof run.records>[0], MEMBER);
  const kinds = roles.map((role) => records.find(({ arn }) => arn === role.arn)!.trust![0]!.kind);
  expect(kinds).toEqual(['organizationAccount', 'outsideAccount']);
  const sizeOf = async (key: string): Promise<number> => (await run.store.read(key))?.text.length ?? 0;
  return {
    bytes,
    total: [...bytes.values()].reduce((sum, one) => sum + one, 0),
    organizationBytes: await sizeOf(objects.organization(runId)),
    runBytes: await sizeOf(objects.run(runId)),
  };
}

test('the states of an account read as many bytes in an organization of 900 accounts as in one of 500', async () => {
  const [fewer, more] = [await auditOneOf(500), await auditOneOf(900)];
  expect(more.organizationBytes).toBeGreaterThan(1.7 * fewer.organizationBytes);
  expect(more.runBytes).toBeGreaterThan(1.5 * fewer.runBytes);
  expect(more.total).toBe(fewer.total);
  const read = [...more.bytes.keys()].filter((key) => !key.includes('/accounts/') && !key.startsWith('state/'));
  expect(read.filter((key) => key.endsWith('context.json'))).toHaveLength(1);
  // Its own group, those of the three accounts that its roles trust, and the documents of its SCPs.
  expect(read.filter((key) => key.includes('/members/'))).toHaveLength(5);
  expect(read.filter((key) => /organization\.json$|run\.json$|accounts\.jsonl$/.test(key))).toEqual([]);
});

test('a deployment may list more accounts than an environment variable could name: each has its line', async () => {
  const accountIds = Array.from({ length: 300 }, (_, n) => idOf(n));
  const run = await VirtualAudit.start({ accounts: [auditableAccount(HUB, 1)] }, { accountIds, onlyConfigured: true });
  try {
    const services = run.services();
    const startedAt = new Date(START).toISOString();
    const execution = { id: 'test:named', name: 'named', startedAt, enteredAt: startedAt };
    const plan = await planRun({ execution, input: {} }, services, invocation);
    expect(plan).toMatchObject({ decision: 'AUDIT', accounts: 300 });
    const lines: unknown[] = [];
    for await (const line of services.store.readLines(plan.accountsKey)) lines.push(JSON.parse(line));
    expect(lines).toMatchObject(accountIds.map((accountId) => ({ accountId })));
  } finally {
    await run.close();
  }
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SdkAccountAccess } from '../../aws/account-access.ts';
import { defaultSettings } from '../../core/contract/environment.ts';
import { objects } from '../../core/contract/objects.ts';
import type { AccountSummary } from '../../core/contract/run.ts';
import { readRun, recordsOf } from '../../core/objects/stored-runs.ts';
import { localAccounts, type Services } from '../../core/ports/services.ts';
import type { EmulatedAccount, EmulatedRole } from '../../local/emulated-aws/account.ts';
import { Emulation } from '../../local/emulated-aws/emulation.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { trust } from '../../local/emulated-aws/generate/role-origins.ts';
import { inProcess } from '../../local/emulated-aws/in-process.ts';
import type { AccountState } from '../../local/emulated-aws/organization.ts';
import { runWorkflow } from '../../local/run-workflow.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';
import { hashInVirtualTime } from '../../local/virtual-store.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { auditableAccount, HUB, START } from '../support/virtual-audit.ts';

jest.setTimeout(600_000);

const ACCOUNTS = 1_000;
const EXTERNAL_ID = 'secret';
const MEGABYTE = 1 << 20;
const full = policy(allow('*'));
const idOf = (n: number): string => String(Number(HUB) + n);

/** Four levels below the root, in 50 units at the lowest level. */
function member(n: number): EmulatedAccount {
  const unitNames = [`Area ${n % 2}`, `Team ${n % 10}`, `Stage ${n % 50}`, 'Accounts'];
  return Object.assign(auditableAccount(idOf(n), 2, n), {
    name: `member ${n}`,
    unitNames,
    serviceControlPolicies: [[full], ...unitNames.map(() => [full]), [full]],
  });
}

const missing = [100, 750];
const suspended = [200, 999];
const states: Record<string, AccountState> = Object.fromEntries(suspended.map((n) => [idOf(n), 'SUSPENDED']));
const trustPolicies: Record<number, EmulatedRole['trustPolicy']> = {
  300: trust({ AWS: `arn:aws:iam::${HUB}:root` }, { StringEquals: { 'sts:ExternalId': 'another' } }),
  600: trust({ AWS: `arn:aws:iam::${HUB}:root` }, { StringEquals: { 'sts:ExternalId': 'another' } }),
  400: trust({ AWS: 'arn:aws:iam::999988887777:root' }),
};

function plantFaults(accounts: readonly EmulatedAccount[]): void {
  for (const n of missing) accounts[n]!.roles.delete(AUDIT_ROLE);
  for (const [n, trustPolicy] of Object.entries(trustPolicies)) {
    accounts[Number(n)]!.roles.get(AUDIT_ROLE)!.trustPolicy = trustPolicy;
  }
}

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

function liveMegabytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / MEGABYTE;
}

const clock = new VirtualClock(START);
let endHashing: () => void;
beforeEach(() => {
  endHashing = hashInVirtualTime(clock);
});
afterEach(() => {
  endHashing();
});

/** Requests that the emulated AWS received, by operation: in all accounts, and in each. */
function receivedBy(emulation: Emulation) {
  const all: Record<string, number> = {};
  const byAccount = new Map<string, Record<string, number>>();
  for (const [name, { received }] of emulation.counters) {
    const [accountId = '', operation = ''] = name.split(' ');
    all[operation] = (all[operation] ?? 0) + received;
    byAccount.set(accountId, { ...byAccount.get(accountId), [operation]: received });
  }
  return { all, byAccount };
}

const sentOf = (calls: Readonly<Record<string, { readonly sent: number }>>): Record<string, number> =>
  Object.fromEntries(Object.entries(calls).flatMap(([name, { sent }]) => (sent === 0 ? [] : [[name, sent]])));

test('a thousand accounts of an organization are COMPLETE except those with a fault, and every call is counted', async () => {
  const accounts = [auditableAccount(HUB, 3), ...Array.from({ length: ACCOUNTS - 1 }, (_, n) => member(n + 1))];
  plantFaults(accounts);
  const emulation = new Emulation({
    ...{ accounts, clock, organization: { states }, random: seededRandom(7), limit: { rate: 10, size: 50 } },
  });
  const store = new MemoryStore();
  const credentials = emulation.issueUser(HUB, OPERATOR);
  const memory: number[] = [];
  let ended = 0;
  const services: Services = {
    store,
    clock,
    random: seededRandom(11),
    access: new SdkAccountAccess(
      {
        credentials: () => Promise.resolve(credentials),
        memberRole: { roleName: AUDIT_ROLE, externalId: EXTERNAL_ID },
        region: 'us-east-1',
        endpoint: 'http://emulated.invalid',
        ...inProcess(emulation, clock),
      },
      clock,
    ),
    executions: { isRunning: () => Promise.resolve(false) },
    settings: { ...defaultSettings, ...localAccounts, accountsAtOnce: 20 },
    warn: () => undefined,
    onProgress: ({ kind }) => {
      if (kind !== 'accountEnded') return;
      ended += 1;
      if (ended % 200 === 0) memory.push(liveMegabytes());
    },
  };
  const input = { accounts: 'organization' } as const;
  const { runId, ...result } = await runWorkflow({ name: 'thousand', id: 'test:thousand', input, services });
  expect(result).toMatchObject({ status: 'SUCCEEDED' });
  const summary = (await readRun(store, runId))!;

  const failed = [...missing, ...Object.keys(trustPolicies).map(Number)].sort((a, b) => a - b).map(idOf);
  const audited = ACCOUNTS - suspended.length;
  expect(summary).toMatchObject({ status: 'PARTIAL', wholeScope: true, scope: { accounts: 'all' } });
  expect(summary.accounts).toHaveLength(audited);
  const incomplete = summary.accounts.filter(({ status }) => status !== 'COMPLETE');
  expect(incomplete.map(({ accountId, status, error }) => [accountId, status, error?.code])).toEqual(
    failed.map((accountId) => [accountId, 'FAILED', 'AssumeRoleDenied']),
  );
  expect(summary.organization?.skipped.map(({ accountId, reason }) => [accountId, reason.code])).toEqual(
    suspended.map((n) => [idOf(n), 'SUSPENDED']),
  );
  expect(summary.accounts.at(-1)).toMatchObject({
    accountId: idOf(998),
    name: 'member 998',
    path: 'Root/Area 0/Team 8/Stage 48/Accounts',
  });

  const received = receivedBy(emulation);
  expect(sentOf(summary.calls)).toEqual(received.all);
  const principals = { total: 0, complete: 0 };
  for (const { accountId, principals: counts } of summary.accounts) {
    const stored = await store.read(objects.account(runId, accountId));
    const { calls } = JSON.parse(stored!.text) as AccountSummary;
    const ofIam = Object.entries(sentOf(calls)).filter(([name]) => name.startsWith('iam:'));
    const inAccount = Object.entries(received.byAccount.get(accountId) ?? {}).filter(
      ([name]) => name.startsWith('iam:') && !name.includes('OrganizationsAccessReport'),
    );
    expect([accountId, Object.fromEntries(ofIam)]).toEqual([accountId, Object.fromEntries(inAccount)]);
    let records = 0;
    if (counts.total > 0)
      for await (const record of recordsOf(store, runId, accountId)) records += record.arn === '' ? 0 : 1;
    expect([accountId, records]).toEqual([accountId, counts.total]);
    principals.total += counts.total;
    principals.complete += counts.complete;
  }
  expect(summary.principals).toMatchObject(principals);
  expect(principals).toEqual({ total: 3 * (audited - failed.length) + 1, complete: principals.total });

  // Less than 40 KB for each of 400 further accounts. The emulated AWS keeps the jobs and sessions of all accounts, and the
  // store in memory keeps the keys of their objects.
  const [, early = 0] = memory;
  expect(memory).toHaveLength(Math.floor(audited / 200));
  expect((memory.at(-1) ?? 0) - early).toBeLessThan(16);
});

import type { RunSummary } from '../../core/contract/run.ts';
import type { EmulatedAccount, EmulatedUser } from '../../local/emulated-aws/account.ts';
import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { auditableAccount, HUB, START, type VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const ASK = 'iam:GenerateServiceLastAccessedDetails';
const SIMULATE = 'iam:SimulatePrincipalPolicy';
// So many days between refreshes that no refresh falls into a test.
const seldom = { refreshEveryDays: 30_000 };

const start = auditsOfTests();

const daysLater = (run: VirtualAudit, days: number): Promise<void> =>
  run.clock.sleep(START + days * DAY_MS - run.clock.now());

async function audited(run: VirtualAudit, input: Parameters<VirtualAudit['run']>[0] = {}): Promise<RunSummary> {
  await run.run(input.resume === undefined ? { accountIds: [HUB], ...input } : input);
  return run.lastRun();
}

const sent = (summary: RunSummary, operation: string): number => summary.calls[operation]?.sent ?? 0;

/** No principal was active for a month. */
function quietAccount(principals: number): EmulatedAccount {
  const account = auditableAccount(HUB, principals);
  const longAgo = START - 30 * DAY_MS;
  for (const role of account.roles.values()) if (role.lastUsed !== null) role.lastUsed.at = longAgo;
  for (const { password, accessKeys } of account.users.values()) {
    if (password !== null) password.lastUsed = longAgo;
    for (const { lastUsed } of accessKeys) if (lastUsed !== null) lastUsed.at = longAgo;
  }
  return account;
}

const newKey = (madeDaysAgo: number) => ({ active: true, lastRotated: START - madeDaysAgo * DAY_MS, lastUsed: null });

/** An account without activity, with a user that has one access key and a password, both not used recently. */
function accountWithUser(): { account: EmulatedAccount; user: EmulatedUser } {
  const account = quietAccount(9);
  const [user] = [...account.users.values()];
  user!.inlinePolicies = [{ name: 'storage', document: policy(allow('s3:*')) }];
  user!.activity.clear();
  user!.accessKeys = [newKey(100)];
  user!.password = { lastUsed: null, lastChanged: START - 90 * DAY_MS };
  return { account, user: user! };
}

async function storageUsed(run: VirtualAudit, summary: RunSummary, { arn }: EmulatedUser) {
  const record = (await run.records(summary, HUB)).find((one) => one.arn === arn)!;
  return record.lastAccessed.services.find(({ namespace }) => namespace === 's3')?.lastAuthenticated ?? null;
}

const uses = (user: EmulatedUser, day: number): void => {
  const use = { lastAuthenticated: START + day * DAY_MS, region: 'eu-west-1', actions: new Map<string, number>() };
  user.activity.set('s3', use);
};
const shown = (day: number): string => new Date(START + day * DAY_MS).toISOString();

test.each<[string, (user: EmulatedUser) => void]>([
  ['a deleted key', (user) => (user.accessKeys = [])],
  ['a replaced key', (user) => (user.accessKeys = [newKey(0)])],
  ['a deleted password', (user) => (user.password = null)],
  ['a password that was set anew', (user) => (user.password = { lastUsed: null, lastChanged: START + DAY_MS })],
])('what %s did is asked for, although no credential report tells of it any more', async (_, loses) => {
  const { account, user } = accountWithUser();
  const run = await start({ accounts: [account] }, seldom);
  await audited(run);
  await daysLater(run, 1);
  expect(sent(await audited(run), ASK)).toBe(0);
  uses(user, 1.3);
  loses(user);
  await daysLater(run, 2);
  expect(await storageUsed(run, await audited(run), user)).toBe(shown(1.3));
  // AWS reports activity some hours late: activity before the run that missed the key shows after the margin.
  uses(user, 1.9);
  await daysLater(run, 3);
  const third = await audited(run);
  expect([sent(third, ASK), await storageUsed(run, third, user)]).toEqual([1, shown(1.9)]);
  for (const day of [4.1, 5.1]) {
    await daysLater(run, day);
    expect(sent(await audited(run), ASK)).toBe(0);
  }
});

test('a key created and deleted between refreshes is missing too; a key that was only created is not', async () => {
  const { account, user } = accountWithUser();
  const run = await start({ accounts: [account] }, seldom);
  await audited(run);
  user.accessKeys = [newKey(100), newKey(0)];
  await daysLater(run, 1);
  expect(sent(await audited(run), ASK)).toBe(0);
  uses(user, 1.3);
  user.accessKeys = [newKey(100)];
  await daysLater(run, 2);
  expect(await storageUsed(run, await audited(run), user)).toBe(shown(1.3));
});

test.each([true, false])('a lost key or password still counts if the request fails (full run: %s)', async (full) => {
  const { account, user } = accountWithUser();
  let denied = false;
  const authorize = (_: unknown, operation: string): boolean => !(denied && operation === ASK);
  const run = await start({ accounts: [account], authorize }, seldom);
  await audited(run);
  uses(user, 0.5);
  user.accessKeys = [];
  denied = true;
  await daysLater(run, 1);
  await audited(run, { full });
  denied = false;
  await daysLater(run, 2);
  expect(await storageUsed(run, await audited(run), user)).toBe(shown(0.5));
});

test('a full run records lost keys and passwords, because its report may be too early to show their use', async () => {
  const { account, user } = accountWithUser();
  const run = await start({ accounts: [account] }, seldom);
  await audited(run);
  user.accessKeys = [];
  await daysLater(run, 1);
  await audited(run, { full: true });
  uses(user, 0.9);
  await daysLater(run, 2);
  expect(await storageUsed(run, await audited(run), user)).toBe(shown(0.9));
});

test('users in evidence of an earlier version, which does not list their keys and passwords, are asked once', async () => {
  const account = quietAccount(12);
  const run = await start({ accounts: [account] }, seldom);
  await audited(run);
  const lines: string[] = [];
  const key = `state/${HUB}/evidence.jsonl.gz`;
  for await (const line of run.store.readLines(key)) lines.push(line.replace(/,"signIn":\{[^}]*\}/g, ''));
  await run.store.writeLines(key, lines);
  for (const [day, asked] of [
    [1, account.users.size],
    [2, 0],
  ] as const) {
    await daysLater(run, day);
    expect(sent(await audited(run), ASK)).toBe(asked);
  }
});

describe('a resumed run', () => {
  /** Both parts of every principal, but no credentials of users, so that the run is not COMPLETE. */
  async function unfinished(settings: Parameters<typeof VirtualAudit.start>[1]) {
    let denied = true;
    const account = quietAccount(9);
    const authorize = (_: unknown, operation: string): boolean =>
      !(denied && operation === 'iam:GenerateCredentialReport');
    const run = await start({ accounts: [account], authorize }, settings);
    const first = await audited(run);
    expect(first.status).toBe('PARTIAL');
    denied = false;
    return { account, run, first };
  }

  test('uses parts found within a day unchanged', async () => {
    const { account, run, first } = await unfinished(seldom);
    for (const role of account.roles.values()) role.lastUsed = { at: START + DAY_MS / 4, region: 'eu-west-1' };
    await daysLater(run, 0.5);
    const resumed = await audited(run, { resume: first.runId });
    expect([sent(resumed, ASK), sent(resumed, SIMULATE)]).toEqual([0, 0]);
  });

  test('treats older parts as on any other day: it checks for activity since', async () => {
    const { account, run, first } = await unfinished(seldom);
    const [role] = [...account.roles.values()].filter(({ name }) => name !== AUDIT_ROLE);
    role!.lastUsed = { at: START + 20 * DAY_MS, region: 'eu-west-1' };
    await daysLater(run, 25);
    const resumed = await audited(run, { resume: first.runId });
    // It is unknown which keys and passwords the users had.
    expect([sent(resumed, ASK), sent(resumed, SIMULATE)]).toEqual([1 + account.users.size, 0]);
  });

  test('carries nothing that is older than the refresh periods', async () => {
    const { run, first } = await unfinished({ refreshEveryDays: 7, refreshIdleEveryDays: 7 });
    await daysLater(run, 25);
    const resumed = await audited(run, { resume: first.runId });
    expect([sent(resumed, ASK), resumed.principals.carriedForward]).toEqual([10, 0]);
    for (const { lastAccessed, permissions } of await run.records(resumed, HUB)) {
      for (const { asOf } of [lastAccessed, permissions]) {
        expect(Date.parse(asOf)).toBeGreaterThanOrEqual(START + 25 * DAY_MS);
      }
    }
  });

  test('is full if the run that it continues was full: it uses nothing found before that run began', async () => {
    const denied = new Set<string>();
    const authorize = (_: unknown, operation: string): boolean => !denied.has(operation);
    const run = await start({ accounts: [quietAccount(30)], authorize }, seldom);
    await audited(run);
    await daysLater(run, 1);
    denied.add(SIMULATE).add('iam:GenerateCredentialReport');
    const full = await audited(run, { full: true });
    expect(full).toMatchObject({ status: 'PARTIAL', full: { since: full.startedAt } });
    await daysLater(run, 1.2);
    const second = await audited(run, { resume: full.runId });
    expect(second).toMatchObject({ status: 'PARTIAL', full: { since: full.startedAt } });
    expect(sent(second, ASK)).toBe(0);
    denied.clear();
    await daysLater(run, 1.4);
    const third = await audited(run, { resume: second.runId });
    expect(third).toMatchObject({ status: 'COMPLETE', full: { since: full.startedAt } });
    for (const { lastAccessed, permissions } of await run.records(third, HUB)) {
      for (const { asOf } of [lastAccessed, permissions]) {
        expect(Date.parse(asOf)).toBeGreaterThanOrEqual(Date.parse(full.startedAt));
      }
    }
    await daysLater(run, 2.4);
    const usual = await audited(run);
    expect(usual).not.toHaveProperty('full');
    expect(usual.principals.carriedForward).toBeGreaterThan(0);
  });
});

import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { summariseInWords } from '../../core/report/summary.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { auditableAccount, HUB, START, type VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const ASK = 'iam:GenerateServiceLastAccessedDetails';
const SIMULATE = 'iam:SimulatePrincipalPolicy';

const start = auditsOfTests();

/** No principal was active for a month, so that only activity of the test counts. */
function quietAccount(principals: number): EmulatedAccount {
  const account = auditableAccount(HUB, principals);
  const longAgo = START - 30 * DAY_MS;
  for (const role of account.roles.values()) if (role.lastUsed !== null) role.lastUsed.at = longAgo;
  for (const { password } of account.users.values()) if (password !== null) password.lastUsed = longAgo;
  return account;
}

const daysLater = (run: VirtualAudit, days: number): Promise<void> =>
  run.clock.sleep(START + days * DAY_MS - run.clock.now());

async function audited(run: VirtualAudit, input: Parameters<VirtualAudit['run']>[0] = {}): Promise<RunSummary> {
  await run.run({ accountIds: [HUB], ...input });
  return run.lastRun();
}

const sent = (summary: RunSummary, operation: string): number => summary.calls[operation]?.sent ?? 0;

// So many days between refreshes that no refresh falls into a test.
const seldom = { refreshEveryDays: 30_000 };

test('without change or activity, nothing is asked on the second day, and the evidence names the run that it comes from', async () => {
  const run = await start({ accounts: [quietAccount(30)] }, seldom);
  const first = await audited(run);
  const before = await run.records(first, HUB);
  await daysLater(run, 1);
  const second = await audited(run);
  expect(second).toMatchObject({ status: 'COMPLETE', principals: { total: 31, complete: 31, carriedForward: 31 } });
  expect([sent(second, ASK), sent(second, SIMULATE), second.calls[SIMULATE]?.saved]).toEqual([0, 0, 31]);
  const byArn = new Map(before.map((record) => [record.arn, record]));
  for (const { arn, lastAccessed, permissions } of await run.records(second, HUB)) {
    const then = byArn.get(arn)!;
    expect(lastAccessed).toEqual({ ...then.lastAccessed, carriedFrom: first.runId });
    expect(permissions).toEqual({ ...then.permissions, carriedFrom: first.runId });
  }
  await daysLater(run, 2);
  // Carried evidence is carried again, and still names the run that found it.
  const third = await run.records(await audited(run), HUB);
  expect(new Set(third.map(({ permissions }) => permissions.carriedFrom))).toEqual(new Set([first.runId]));
  expect(summariseInWords(second).join()).not.toContain('undefined');
});

test('an active principal keeps its decisions; its last-accessed data is asked twice, the second time after the margin', async () => {
  const account = quietAccount(30);
  const run = await start({ accounts: [account] }, seldom);
  await audited(run);
  const role = [...account.roles.values()].find(({ name }) => name !== AUDIT_ROLE)!;
  role.lastUsed = { at: START + DAY_MS / 2, region: 'eu-west-1' };
  const asked: number[] = [];
  for (const day of [1, 2, 3]) {
    await daysLater(run, day);
    const summary = await audited(run);
    expect(summary).toMatchObject({ status: 'COMPLETE', principals: { complete: 31 } });
    expect(sent(summary, SIMULATE)).toBe(0);
    asked.push(sent(summary, ASK));
    const record = (await run.records(summary, HUB)).find(({ arn }) => arn === role.arn)!;
    expect(record.permissions.carriedFrom).not.toBeNull();
    expect(record.lastAccessed.carriedFrom === null).toBe(day < 3);
  }
  expect(asked).toEqual([1, 1, 0]);
});

test('a principal whose policies changed is asked again in full, the others are not', async () => {
  const account = quietAccount(30);
  const run = await start({ accounts: [account] }, seldom);
  await audited(run);
  const role = [...account.roles.values()].find(({ name }) => name !== AUDIT_ROLE)!;
  role.inlinePolicies = [{ name: 'new', document: policy(allow('iam:AttachRolePolicy')) }];
  await daysLater(run, 1);
  const summary = await audited(run);
  expect([sent(summary, ASK), summary.principals.carriedForward]).toEqual([1, 30]);
  const record = (await run.records(summary, HUB)).find(({ arn }) => arn === role.arn)!;
  expect(record.permissions.decisions.find(({ action }) => action === 'iam:AttachRolePolicy')?.decision).toBe(
    'allowed',
  );
});

test('without a credential report, last-accessed data of users is not carried, because their activity is unknown', async () => {
  const account = quietAccount(30);
  const run = await start({ accounts: [account], denied: { [HUB]: ['iam:GenerateCredentialReport'] } }, seldom);
  await audited(run);
  await daysLater(run, 1);
  const summary = await audited(run);
  expect([sent(summary, ASK), sent(summary, SIMULATE)]).toEqual([account.users.size, 0]);
});

test('a failed part is asked again, and earlier evidence of the principal is not lost', async () => {
  let denied = false;
  const account = quietAccount(12);
  const run = await start(
    { accounts: [account], authorize: (_, operation) => !(denied && operation === SIMULATE) },
    seldom,
  );
  const first = await audited(run);
  denied = true;
  await daysLater(run, 1);
  const failed = await audited(run, { full: true });
  expect(failed.status).toBe('PARTIAL');
  denied = false;
  await daysLater(run, 2);
  const third = await audited(run);
  expect(third).toMatchObject({ status: 'COMPLETE', principals: { total: 13, complete: 13, carriedForward: 13 } });
  const records = await run.records(third, HUB);
  // A principal without any action of the catalogue needed no call that could fail.
  const decided = records.filter(({ permissions }) => permissions.decisions.length > 0);
  expect(new Set(decided.map(({ permissions }) => permissions.carriedFrom))).toEqual(new Set([first.runId]));
  expect(new Set(records.map(({ lastAccessed }) => lastAccessed.carriedFrom))).toEqual(new Set([failed.runId]));
});

test('a full run asks for everything', async () => {
  const run = await start({ accounts: [quietAccount(12)] }, seldom);
  await audited(run);
  await daysLater(run, 1);
  const summary = await audited(run, { full: true });
  expect([sent(summary, ASK), summary.principals.carriedForward]).toEqual([13, 0]);
});

test('a run of some principals keeps the evidence of other principals; evidence of deleted principals is removed', async () => {
  const account = quietAccount(12);
  const run = await start({ accounts: [account] }, seldom);
  await audited(run);
  const [user] = [...account.users.values()];
  account.users.delete(user!.name);
  await daysLater(run, 1);
  await audited(run, { principals: ['arn:aws:iam::*:user/*'] });
  await daysLater(run, 2);
  expect(await audited(run)).toMatchObject({ principals: { total: 12, complete: 12, carriedForward: 12 } });
  const stored: string[] = [];
  for await (const line of run.store.readLines(objects.evidence(HUB)))
    stored.push((JSON.parse(line) as { arn: string }).arn);
  expect(stored.sort()).toEqual([...account.users.values(), ...account.roles.values()].map(({ arn }) => arn).sort());
});

test('evidence of an earlier version has no refresh day: it is carried and gets one', async () => {
  const run = await start({ accounts: [quietAccount(12)] }, seldom);
  await audited(run);
  const lines: string[] = [];
  for await (const line of run.store.readLines(objects.evidence(HUB))) lines.push(line);
  expect(lines.filter((line) => line.includes('"refreshOn"'))).toHaveLength(13);
  const older = lines.map((line) => line.replace(/"refresh(Idle)?On":"[^"]*",/g, ''));
  await run.store.writeLines(objects.evidence(HUB), older);
  await daysLater(run, 1);
  expect(await audited(run)).toMatchObject({ principals: { total: 13, carriedForward: 13 } });
  for await (const line of run.store.readLines(objects.evidence(HUB))) expect(line).toContain('"refreshOn"');
});

test('each principal is asked again within refreshEveryDays, and not all on one day', async () => {
  const run = await start({ accounts: [quietAccount(40)] }, { refreshEveryDays: 4, refreshIdleEveryDays: 4 });
  const first = await audited(run);
  const asked: number[] = [];
  for (const day of [1, 2, 3, 4]) {
    await daysLater(run, day);
    asked.push(sent(await audited(run), ASK));
  }
  expect(Math.max(...asked)).toBeLessThan(25);
  const records = await run.records(await run.lastRun(), HUB);
  expect(
    records.filter(({ lastAccessed, permissions }) =>
      [lastAccessed, permissions].some((part) => part.carriedFrom === first.runId),
    ),
  ).toEqual([]);
});

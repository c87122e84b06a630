import { Finding } from '../../core/contract/finding.ts';
import { InventoryAccountOutput } from '../../core/contract/messages.ts';
import { objects } from '../../core/contract/objects.ts';
import { AccountSummary } from '../../core/contract/run.ts';
import * as v from 'valibot';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { auditableAccount, HUB, type VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();
const summaryOf = async (run: VirtualAudit) => v.parse(AccountSummary, await run.account(await run.lastRun(), HUB));

test('account.json has the root user’s data, and the age of a credential report that is used again', async () => {
  const account = auditableAccount(HUB, 6);
  Object.assign(account.root, { mfaActive: false, accessKeyActive: true });
  const run = await start({ accounts: [account] });
  await run.run({ accountIds: [HUB] });
  const first = await summaryOf(run);
  expect(first).toMatchObject({
    root: { passwordLastUsed: null, mfaActive: false, accessKeys: [{ active: true, lastUsed: null }] },
    credentialReportAgeMinutes: 0,
    problems: [],
  });
  await run.clock.sleep(3 * 3_600_000);
  await run.run({ accountIds: [HUB] });
  const second = await summaryOf(run);
  expect(second.credentialReportAt).toBe(first.credentialReportAt);
  expect(second.credentialReportAgeMinutes).toBeCloseTo(180, -1);
  await run.clock.sleep(2 * 3_600_000);
  await run.run({ accountIds: [HUB] });
  expect((await summaryOf(run)).credentialReportAgeMinutes).toBe(0);
});

/** Seconds that the inventory took. */
async function inventorySeconds(run: VirtualAudit): Promise<number> {
  const { runId } = await run.lastRun();
  const text = (await run.store.read(objects.inventoried(runId, HUB)))!.text;
  return v.parse(InventoryAccountOutput, JSON.parse(text)).use.durationMs / 1000;
}

test('a credential report that is ready after two seconds is read soon', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 6)] });
  await run.run({ accountIds: [HUB] });
  expect((await summaryOf(run)).problems).toEqual([]);
  expect(await inventorySeconds(run)).toBeLessThan(2.5);
});

test('if the policies can’t be read, the account does not wait for its credential report', async () => {
  const run = await start({
    accounts: [auditableAccount(HUB, 6)],
    denied: { [HUB]: ['iam:GetAccountAuthorizationDetails'] },
  });
  await run.run({ accountIds: [HUB] });
  expect(await summaryOf(run)).toMatchObject({ status: 'FAILED', error: { code: 'AccessDenied' } });
  expect(await inventorySeconds(run)).toBeLessThan(2);
});

test.each(['ReportNotPresent', 'ReportExpired', 'ReportInProgress'])(
  'if GetCredentialReport returns %s, the report is requested again',
  async (code) => {
    const error = { operation: 'iam:GetCredentialReport', status: 410, code, message: 'No report.', times: 2 };
    const run = await start({ accounts: [auditableAccount(HUB, 6)], errors: [error] });
    await run.run({ accountIds: [HUB] });
    const summary = await run.lastRun();
    expect(summary.status).toBe('COMPLETE');
    expect(summary.calls['iam:GetCredentialReport']).toMatchObject({ sent: 3, succeeded: 1 });
    const users = (await run.records(summary, HUB)).filter(({ type }) => type === 'user');
    for (const { credentials } of users) expect(credentials).not.toBeNull();
  },
);

test('an account without data about its root user is PARTIAL, even if it has no users', async () => {
  const account = auditableAccount(HUB, 6);
  account.users.clear();
  const run = await start({ accounts: [account], denied: { [HUB]: ['iam:GetCredentialReport'] } });
  await run.run({ accountIds: [HUB] });
  expect(await summaryOf(run)).toMatchObject({
    status: 'PARTIAL',
    root: null,
    credentialReportAt: null,
    problems: [{ step: 'credentials', code: 'AccessDenied' }],
    principals: { total: 4, complete: 4 },
  });
});

test('a user that was deleted and created again does not get the earlier user’s credentials from an older report', async () => {
  const account = auditableAccount(HUB, 6);
  const run = await start({ accounts: [account] });
  await run.run({ accountIds: [HUB] });
  await run.clock.sleep(3_600_000);
  const first = [...account.users.values()].find(({ accessKeys }) => accessKeys.length > 0)!;
  const again = { ...first, id: 'AIDANEWUSERNEWUSER00', createdAt: run.clock.now(), accessKeys: [], password: null };
  account.users.set(first.name, again);
  await run.run({ accountIds: [HUB] });
  const of = async () => (await run.records(await run.lastRun(), HUB)).find(({ arn }) => arn === first.arn);
  expect(await of()).toMatchObject({ principalId: again.id, credentials: null, status: 'COMPLETE', problems: [] });
  await run.clock.sleep(4 * 3_600_000);
  await run.run({ accountIds: [HUB] });
  expect(await of()).toMatchObject({ credentials: { accessKeys: [], passwordEnabled: false }, problems: [] });
});

const rootFindings = async (run: VirtualAudit): Promise<string[]> => {
  const { runId } = await run.lastRun();
  const titles: string[] = [];
  for await (const line of run.store.readLines(objects.accountFindings(runId, HUB))) {
    const { rule, title, state } = v.parse(Finding, JSON.parse(line));
    if (rule === 'weak-password-policy') titles.push(`${state}: ${title}`);
  }
  return titles;
};

test('an account without a password policy is reported if users have passwords, until it has a strong one', async () => {
  const account = auditableAccount(HUB, 6);
  const [user] = account.users.values();
  Object.assign(user ?? {}, { password: { lastUsed: null, lastChanged: Date.parse('2026-01-01') } });
  account.passwordPolicy = null;
  const run = await start({ accounts: [account] });
  await run.run({ accountIds: [HUB] });
  expect(await rootFindings(run)).toEqual(['new: The account has no password policy']);
  expect(await summaryOf(run)).toMatchObject({ status: 'COMPLETE', passwordPolicy: { exists: false }, problems: [] });
});

test('a missing permission for the password policy is a problem of the account, and lowers nothing', async () => {
  const account = auditableAccount(HUB, 6);
  const [user] = account.users.values();
  Object.assign(user ?? {}, { password: { lastUsed: null, lastChanged: Date.parse('2026-01-01') } });
  const run = await start({ accounts: [account], denied: { [HUB]: ['iam:GetAccountPasswordPolicy'] } });
  await run.run({ accountIds: [HUB] });
  expect(await summaryOf(run)).toMatchObject({
    status: 'COMPLETE',
    passwordPolicy: null,
    problems: [{ step: 'credentials', code: 'AccessDenied' }],
  });
  expect(await rootFindings(run)).toEqual([]);
});

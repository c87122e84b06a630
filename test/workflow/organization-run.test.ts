import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { allow, deny, policy } from '../../local/emulated-aws/generate/policies.ts';
import { auditableAccount, HUB, VirtualAudit, type VirtualSettings } from '../support/virtual-audit.ts';
import { reportOfRun } from '../support/report-data.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const full = policy(allow('*'));
const FIVE_DEEP = ['One', 'Two', 'Three', 'Four', 'Five'];

let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

function member(n: number, unitNames: readonly string[]): EmulatedAccount {
  const account = auditableAccount(String(Number(HUB) + n), 2);
  return Object.assign(account, {
    name: `member ${n}`,
    unitNames,
    serviceControlPolicies: [[full], ...unitNames.map(() => [full]), [full]],
  });
}
const idOf = (n: number): string => String(Number(HUB) + n);
const start = async (
  accounts: EmulatedAccount[],
  settings: VirtualSettings = {},
  emulated: Partial<Parameters<typeof VirtualAudit.start>[0]> = {},
): Promise<VirtualAudit> => {
  audit = await VirtualAudit.start({ accounts, organization: {}, ...emulated }, settings);
  return audit;
};
const audited = ({ accounts }: RunSummary): string[] => accounts.map(({ accountId }) => accountId);

test('all active accounts are audited, each with its name, place, duration and calls; the others are named', async () => {
  const accounts = [auditableAccount(HUB, 2), member(1, FIVE_DEEP), member(2, ['One']), member(3, ['One'])];
  const states = { [idOf(2)]: 'SUSPENDED', [idOf(3)]: 'PENDING_CLOSURE' } as const;
  const run = await start(accounts, {}, { organization: { states } });
  await run.run({ accounts: 'organization' });
  const summary = await run.lastRun();
  expect(summary).toMatchObject({ status: 'COMPLETE', wholeScope: true, scope: { accounts: 'all' } });
  expect(summary.accounts).toMatchObject([
    { accountId: HUB, name: `account ${HUB}`, path: 'Root' },
    { accountId: idOf(1), name: 'member 1', path: `Root/${FIVE_DEEP.join('/')}` },
  ]);
  for (const { durationSeconds = 0, calls, accountId } of summary.accounts) {
    expect(durationSeconds).toBeGreaterThan(0);
    const { calls: made } = await run.account(summary, accountId);
    expect(calls?.sent).toBe(Object.values(made).reduce((sum, { sent }) => sum + sent, 0));
  }
  expect(summary.organization).toMatchObject({
    organizationId: 'o-exampleorg',
    skipped: [
      { accountId: idOf(2), name: 'member 2', path: 'Root/One', reason: { code: 'SUSPENDED' } },
      { accountId: idOf(3), reason: { code: 'PENDING_CLOSURE' } },
    ],
  });
});

test('a new account is audited on the same day, one that left is told once, and one that moved has its new place', async () => {
  const accounts = [auditableAccount(HUB, 2), member(1, ['One']), member(2, ['One'])];
  const run = await start(accounts);
  const day = async (): Promise<RunSummary> => {
    await run.run({ accounts: 'organization' });
    await run.clock.sleep(DAY_MS);
    return run.lastRun();
  };
  expect((await day()).organization).toMatchObject({ joined: [], left: [] });
  accounts.splice(1, 1, member(3, ['Two']));
  accounts[2]!.unitNames = ['Three'];
  const second = await day();
  expect(second.status).toBe('COMPLETE');
  expect(audited(second)).toEqual([HUB, idOf(3), idOf(2)]);
  expect(second.organization).toMatchObject({
    joined: [{ accountId: idOf(3) }],
    left: [{ accountId: idOf(1), name: 'member 1' }],
  });
  expect(second.accounts.map(({ path }) => path)).toEqual(['Root', 'Root/Two', 'Root/Three']);
  expect((await day()).organization).toMatchObject({ joined: [], left: [] });
});

test('a deployment for the organization audits within its limits, and an execution can only narrow them', async () => {
  const run = await start([auditableAccount(HUB, 2), member(1, ['One']), member(2, ['Two'])], {
    accounts: 'organization',
    onlyConfigured: true,
    organizationScope: { include: [], exclude: [HUB] },
  });
  await run.run({});
  expect(audited(await run.lastRun())).toEqual([idOf(1), idOf(2)]);
  await run.run({ exclude: [idOf(2)] });
  expect(await run.lastRun()).toMatchObject({ wholeScope: false, scope: { accounts: [idOf(1)] } });
  await run.run({ accountIds: [idOf(2)] });
  expect(audited(await run.lastRun())).toEqual([idOf(2)]);
  expect(JSON.stringify(await run.run({ accountIds: [HUB] }))).toContain(
    `accounts: ${HUB} must be in the organization`,
  );
  expect(JSON.stringify(await run.run({ accounts: 'this' }))).toContain(`accounts: ${HUB} must be in the organization`);
});

test('a deployment for named accounts cannot be asked for the organization', async () => {
  const run = await start([auditableAccount(HUB, 2), member(1, ['One'])], { accountIds: [HUB], onlyConfigured: true });
  expect(JSON.stringify(await run.run({ accounts: 'organization' }))).toContain('setting accounts is not');
});

test.each([
  [{ include: [HUB] }, 'include: must be omitted unless accounts is'],
  [{ accounts: [HUB], accountIds: [HUB] }, 'accountIds: must be omitted if accounts is given'],
  [{ accounts: 'organization' as const, include: ['100000000009'] }, 'no account of the organization is 100000000009'],
])('the input %j is refused, and the next run can start at once', async (input, message) => {
  const run = await start([auditableAccount(HUB, 2), member(1, ['One'])]);
  const result = await run.run(input);
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { status: 'REFUSED' } });
  expect(JSON.stringify(result)).toContain(message);
  await run.run({ accounts: 'organization' });
  expect(await run.lastRun()).toMatchObject({ status: 'COMPLETE' });
  expect(run.warnings.filter((warning) => warning.includes('interrupted'))).toEqual([]);
});

describe('the hub is not the management account', () => {
  test('but a delegated administrator: the organization is audited', async () => {
    const run = await start(
      [auditableAccount(HUB, 2), member(1, [])],
      {},
      {
        organization: { managementAccountId: idOf(1), delegatedAdministrators: [HUB] },
      },
    );
    await run.run({ accounts: 'organization' });
    expect(audited(await run.lastRun())).toEqual([HUB, idOf(1)]);
  });

  test('and may not list the accounts: the execution fails, says why and what to do, and releases the claim', async () => {
    const run = await start(
      [auditableAccount(HUB, 2), member(1, [])],
      {},
      {
        organization: { managementAccountId: idOf(1), delegatedAdministrators: [] },
      },
    );
    const result = await run.run({ accounts: 'organization' });
    expect(result.status).toBe('FAILED');
    expect(JSON.stringify(result)).toContain('The accounts of the organization could not be listed (AccessDenied');
    await run.run({ accountIds: [HUB] });
    expect(await run.lastRun()).toMatchObject({ status: 'COMPLETE' });
  });
});

test('on a day on which the accounts can’t be listed, those of the last run are audited', async () => {
  const denied: Record<string, string[]> = {};
  const run = await start([auditableAccount(HUB, 2), member(1, ['One']), member(2, ['Two'])], {}, { denied });
  await run.run({ accounts: 'organization' });
  await run.clock.sleep(DAY_MS);
  denied[HUB] = ['organizations:ListAccounts'];
  await run.run({ accounts: 'organization' });
  const summary = await run.lastRun();
  expect(audited(summary)).toEqual([HUB, idOf(1), idOf(2)]);
  expect(summary.accounts[2]).toMatchObject({ path: 'Root/Two' });
});

test('an organization without all features has no SCPs, and is audited', async () => {
  const accounts = [auditableAccount(HUB, 2), auditableAccount(idOf(1), 2)];
  const run = await start(accounts);
  await run.run({ accounts: 'organization' });
  expect(await run.lastRun()).toMatchObject({ status: 'COMPLETE', accounts: [{ path: 'Root' }, { path: 'Root' }] });
});

test('a resumed run audits only the accounts that are not COMPLETE', async () => {
  const denied: Record<string, string[]> = { [idOf(1)]: ['iam:GetAccountAuthorizationDetails'] };
  const run = await start([auditableAccount(HUB, 2), member(1, ['One'])], {}, { denied });
  await run.run({ accounts: 'organization' });
  const first = await run.lastRun();
  expect(first).toMatchObject({ status: 'PARTIAL', accounts: [{ status: 'COMPLETE' }, { status: 'FAILED' }] });
  denied[idOf(1)] = [];
  await run.run({ resume: first.runId });
  expect(await run.lastRun()).toMatchObject({
    status: 'COMPLETE',
    accounts: [{ accountId: idOf(1), name: 'member 1' }],
  });
});

test('what policies allow and an SCP stops is counted in the account, and is in the report', async () => {
  const account = member(1, ['One']);
  const [role] = [...account.roles.values()];
  role!.attachedPolicyArns = [];
  role!.inlinePolicies = [{ name: 'own', document: policy(allow(['iam:CreateAccessKey', 'iam:CreateLoginProfile'])) }];
  role!.permissionsBoundaryArn = null;
  account.serviceControlPolicies = [[full], [full, policy(deny('iam:CreateAccessKey'))], [full]];
  const run = await start([auditableAccount(HUB, 2), account]);
  await run.run({ accounts: 'organization' });
  const summary = await run.lastRun();
  const { stoppedByOrganization } = await run.account(summary, idOf(1));
  expect(stoppedByOrganization['iam:CreateAccessKey']).toBeGreaterThanOrEqual(1);
  expect(Object.keys(stoppedByOrganization)).not.toContain('iam:CreateLoginProfile');
  const { stopped } = (await reportOfRun(run.store, summary.runId)).head;
  expect(stopped.find(([action]) => action === 'iam:CreateAccessKey')?.[1]).toBe(1);
});

test('resource control policies are named where they are', async () => {
  const resourceControlPolicies = { perimeter: ['r-exam'], 'one account': [idOf(1)] };
  const run = await start(
    [auditableAccount(HUB, 2), member(1, ['One']), member(2, ['One'])],
    {},
    {
      organization: { resourceControlPolicies },
    },
  );
  await run.run({ accounts: 'organization' });
  const summary = await run.lastRun();
  expect(summary.organization?.resourceControlPolicies).toEqual({ perimeter: 2, 'one account': 1 });
  const report = await run.store.read(objects.report(summary.runId));
  expect(report?.text).toContain(
    'Resource control policies are present: one account (1 account), perimeter (2 accounts).',
  );
});

test('an account that is removed during the run is FAILED with the reason; one that joins is audited by the next run', async () => {
  const accounts = [auditableAccount(HUB, 2), member(1, ['One'])];
  const run = await start(accounts, { accountsAtOnce: 1 });
  const running = run.run({ accounts: 'organization' });
  while (!run.events.some(({ kind, path }) => kind === 'entered' && path.endsWith('Accounts'))) {
    await new Promise(setImmediate);
  }
  run.aws.emulation.accounts.get(idOf(1))?.roles.clear();
  accounts.push(member(2, ['Two']));
  await running;
  const first = await run.lastRun();
  expect(first).toMatchObject({
    status: 'PARTIAL',
    accounts: [{ status: 'COMPLETE' }, { status: 'FAILED', name: 'member 1' }],
  });
  expect(first.accounts[1]?.error?.code).toBe('AssumeRoleDenied');
  accounts.splice(1, 1);
  await run.clock.sleep(DAY_MS);
  await run.run({ accounts: 'organization' });
  const second = await run.lastRun();
  expect(second.status).toBe('COMPLETE');
  expect(audited(second)).toEqual([HUB, idOf(2)]);
  expect(second.organization).toMatchObject({ joined: [{ accountId: idOf(2) }], left: [{ accountId: idOf(1) }] });
});

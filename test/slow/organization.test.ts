import * as v from 'valibot';
import { objects } from '../../core/contract/objects.ts';
import { Organization } from '../../core/contract/organization.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import type { TrustKind } from '../../core/contract/trust.ts';
import type { EmulatedAccount, PolicyDocument } from '../../local/emulated-aws/account.ts';
import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { trust } from '../../local/emulated-aws/generate/role-origins.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { auditableAccount, HUB, START, type VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const MEMBER = '111122223334';
const STRANGER = '999988887777';
const ASK = 'iam:GenerateServiceLastAccessedDetails';
const SIMULATE = 'iam:SimulatePrincipalPolicy';

const start = auditsOfTests();

const received = (run: VirtualAudit, accountId: string, operation: string): number =>
  run.aws.emulation.counters.get(`${accountId} ${operation}`)?.received ?? 0;

const organizationOf = async (run: VirtualAudit, { runId }: RunSummary): Promise<Organization> =>
  v.parse(Organization, await run.json(objects.organization(runId)));

/** Trusted accounts of two roles in the hub's account: one trusts a member of the organization, one an outside account. */
async function trusted(settings: Partial<Parameters<typeof VirtualAudit.start>[0]> = {}): Promise<TrustKind[]> {
  const hub = auditableAccount(HUB, 9);
  const [member, stranger] = [...hub.roles.values()];
  member!.trustPolicy = trust({ AWS: `arn:aws:iam::${MEMBER}:root` });
  stranger!.trustPolicy = trust({ AWS: `arn:aws:iam::${STRANGER}:root` });
  const run = await start({ accounts: [hub, auditableAccount(MEMBER, 3)], ...settings });
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  expect(summary.status).toBe('COMPLETE');
  const records = await run.records(summary, HUB);
  return [member, stranger].map((role) => records.find(({ arn }) => arn === role!.arn)!.trust![0]!.kind);
}

test('trust in an account of the organization and trust in an outside account are distinguished', async () => {
  expect(await trusted()).toEqual(['organizationAccount', 'outsideAccount']);
});

test.each<[string, Partial<Parameters<typeof VirtualAudit.start>[0]>]>([
  ['listing the accounts is denied', { denied: { [HUB]: ['organizations:ListAccounts'] } }],
  ['describing the organization is denied', { denied: { [HUB]: ['organizations:DescribeOrganization'] } }],
  ['there is no organization', { organization: null }],
  [
    'the hub is not a delegated administrator',
    { organization: { managementAccountId: MEMBER, delegatedAdministrators: [] } },
  ],
  [
    'ListAccounts fails',
    { errors: [{ operation: 'organizations:ListAccounts', status: 400, code: 'Odd', message: '' }] },
  ],
])('if %s, the accounts of the organization are not known, and the run is COMPLETE', async (_, settings) => {
  expect(await trusted(settings)).toEqual(['otherAccount', 'otherAccount']);
});

test.each([['organizations:DescribeOrganization'], ['organizations:ListAccounts'], ['organizations:ListRoots']])(
  'if %s is denied on one day, trust and evidence are as on the day before, and the run says so',
  async (operation) => {
    const hub = auditableAccount(HUB, 3);
    const member = auditableAccount(MEMBER, 12);
    const full = policy(allow('*'));
    member.serviceControlPolicies = [[full], [full], [full]];
    const [friend, stranger] = [...member.roles.values()];
    friend!.trustPolicy = trust({ AWS: `arn:aws:iam::${HUB}:root` });
    stranger!.trustPolicy = trust({ AWS: `arn:aws:iam::${STRANGER}:root` });
    for (const role of member.roles.values()) if (role.lastUsed !== null) role.lastUsed.at = START - 30 * DAY_MS;
    for (const { password } of member.users.values()) if (password !== null) password.lastUsed = START - 30 * DAY_MS;
    const denied: Record<string, string[]> = {};
    const run = await start({ accounts: [hub, member], denied }, { refreshEveryDays: 30_000 });
    const day = async (): Promise<RunSummary> => {
      await run.run({ accountIds: [MEMBER] });
      const summary = await run.lastRun();
      const records = await run.records(summary, MEMBER);
      const kinds = [friend, stranger].map((role) => records.find(({ arn }) => arn === role!.arn)!.trust![0]!.kind);
      expect(kinds).toEqual(['organizationAccount', 'outsideAccount']);
      return summary;
    };
    const first = await day();
    for (const [index, forbidden] of [[operation], [operation], []].entries()) {
      await run.clock.sleep(START + (index + 1) * DAY_MS - run.clock.now());
      denied[HUB] = forbidden;
      const summary = await day();
      expect([ASK, SIMULATE].map((asked) => summary.calls[asked]?.sent ?? 0)).toEqual([0, 0]);
      expect(summary.findings?.new).toBe(0);
      const { carried = [], problems } = await organizationOf(run, summary);
      expect(problems).toHaveLength(forbidden.length);
      expect(new Set(carried.map(({ carriedFrom }) => carriedFrom))).toEqual(
        new Set(forbidden.length === 0 ? [] : [first.runId]),
      );
    }
  },
);

test('for an account outside the hub’s organization, it is unknown which accounts are in its own organization', async () => {
  const outside = auditableAccount(STRANGER, 9);
  const [member] = [...outside.roles.values()];
  member!.trustPolicy = trust({ AWS: `arn:aws:iam::${MEMBER}:root` });
  const run = await start({
    accounts: [auditableAccount(HUB, 3), auditableAccount(MEMBER, 3), outside],
    organization: { outside: [STRANGER] },
  });
  await run.run({ accountIds: [STRANGER] });
  const records = await run.records(await run.lastRun(), STRANGER);
  expect(records.find(({ arn }) => arn === member!.arn)?.trust).toMatchObject([{ kind: 'otherAccount' }]);
});

test('calls to Organizations are counted in the run, and none is made for a single account', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 3), auditableAccount(MEMBER, 3)] });
  await run.run({ accountIds: [HUB, MEMBER] });
  const { calls } = await run.lastRun();
  const organizations = Object.entries(calls).filter(([operation]) => operation.startsWith('organizations:'));
  expect(organizations.map(([operation, { sent, saved }]) => [operation, sent, saved])).toEqual([
    ['organizations:DescribeOrganization', 1, 0],
    ['organizations:ListAccounts', 1, 0],
    ['organizations:ListChildren', 1, 0],
    ['organizations:ListOrganizationalUnitsForParent', 1, 0],
    ['organizations:ListRoots', 1, 0],
  ]);
  for (const [operation, { sent }] of organizations) expect(sent).toBe(received(run, HUB, operation));
  expect([...run.aws.emulation.counters.keys()].filter((key) => key.startsWith(`${MEMBER} organizations:`))).toEqual(
    [],
  );
});

test('throttles of Organizations delay PlanRun, and nothing is lost', async () => {
  const run = await start({
    accounts: [auditableAccount(HUB, 3), auditableAccount(MEMBER, 3)],
    errors: [{ operation: 'organizations:ListAccounts', status: 400, code: 'Throttling', message: '', times: 3 }],
  });
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  expect(summary.calls['organizations:ListAccounts']).toMatchObject({
    sent: 4,
    succeeded: 1,
    throttled: 3,
  });
  expect(summary.calls['organizations:ListAccounts']?.waitedSeconds).toBeGreaterThan(0);
  expect((await organizationOf(run, summary)).problems).toEqual([]);
});

describe('service control policies', () => {
  const full = policy(allow('*'));
  const withoutIam = policy({ Effect: 'Deny', Action: 'iam:*', Resource: '*' });
  const seldom = { refreshEveryDays: 30_000 };

  /** A member account below a root and an organizational unit. No principal was active for a month. */
  function controlled(unit: PolicyDocument[] = [full]): EmulatedAccount {
    const account = auditableAccount(MEMBER, 12);
    const longAgo = START - 30 * DAY_MS;
    for (const role of account.roles.values()) if (role.lastUsed !== null) role.lastUsed.at = longAgo;
    for (const { password } of account.users.values()) if (password !== null) password.lastUsed = longAgo;
    account.serviceControlPolicies = [[full], unit, [full]];
    return account;
  }

  async function twoDays(
    member: EmulatedAccount,
    between: (run: VirtualAudit) => void,
    settings: Partial<Parameters<typeof VirtualAudit.start>[0]> = {},
  ): Promise<{ run: VirtualAudit; second: RunSummary }> {
    const run = await start({ accounts: [auditableAccount(HUB, 3), member], ...settings }, seldom);
    await run.run({ accountIds: [MEMBER] });
    between(run);
    await run.clock.sleep(START + DAY_MS - run.clock.now());
    await run.run({ accountIds: [MEMBER] });
    return { run, second: await run.lastRun() };
  }
  const asked = ({ calls }: RunSummary): number[] => [ASK, SIMULATE].map((operation) => calls[operation]?.sent ?? 0);

  test('that do not change: evidence is carried', async () => {
    const { second } = await twoDays(controlled(), () => undefined);
    expect([second.status, asked(second), second.principals.carriedForward]).toEqual(['COMPLETE', [0, 0], 13]);
  });

  test('that change: the next day has new simulations with the new decisions', async () => {
    const member = controlled();
    const { run, second } = await twoDays(member, () => {
      member.serviceControlPolicies = [[full], [full, withoutIam], [full]];
    });
    expect([second.status, second.principals.carriedForward]).toEqual(['COMPLETE', 0]);
    const decisions = (await run.records(second, MEMBER)).flatMap(({ permissions }) => permissions.decisions);
    const ofIam = decisions.filter(({ action }) => action.startsWith('iam:'));
    expect(ofIam.length).toBeGreaterThan(0);
    expect(new Set(ofIam.map(({ decision }) => decision))).toEqual(new Set(['explicitDeny']));
  });

  describe('of the unit to which the account moved between two runs', () => {
    const moved = (member: EmulatedAccount, unit: PolicyDocument[]) => () => {
      member.unitNames = ['Another unit'];
      member.serviceControlPolicies = [[full], unit, [full]];
    };
    const pathOf = ({ accounts }: RunSummary): (string | null | undefined)[] => accounts.map(({ path }) => path);

    test('have the same content: evidence is carried, and the account has its new place', async () => {
      const member = controlled();
      member.unitNames = ['One unit'];
      const { second } = await twoDays(member, moved(member, [full]));
      expect([pathOf(second), asked(second)]).toEqual([['Root/Another unit'], [0, 0]]);
    });

    test('have another content: the decisions are those of the new unit', async () => {
      const member = controlled();
      member.unitNames = ['One unit'];
      const { run, second } = await twoDays(member, moved(member, [full, withoutIam]));
      expect([second.status, pathOf(second)]).toEqual(['COMPLETE', ['Root/Another unit']]);
      const decisions = (await run.records(second, MEMBER)).flatMap(({ permissions }) => permissions.decisions);
      const ofIam = decisions.filter(({ action }) => action.startsWith('iam:'));
      expect(new Set(ofIam.map(({ decision }) => decision))).toEqual(new Set(['explicitDeny']));
    });
  });

  test('that change for another account: this account’s evidence is carried', async () => {
    const member = controlled();
    const other = auditableAccount('111122223335', 3);
    other.serviceControlPolicies = [[full], [full], [full]];
    const accounts = [auditableAccount(HUB, 3), member, other];
    const change = (): void => {
      other.serviceControlPolicies = [[full], [full, withoutIam], [full]];
    };
    const { second } = await twoDays(member, change, { accounts });
    expect(asked(second)).toEqual([0, 0]);
  });

  test('that cannot be read: a change has an effect only after the refresh', async () => {
    const member = controlled();
    const { run, second } = await twoDays(
      member,
      () => {
        member.serviceControlPolicies = [[full], [full, withoutIam], [full]];
      },
      { denied: { [HUB]: ['organizations:DescribePolicy'] } },
    );
    expect(asked(second)).toEqual([0, 0]);
    expect(await organizationOf(run, second)).toMatchObject({
      accounts: [
        { accountId: HUB, state: 'ACTIVE' },
        { accountId: MEMBER, serviceControlPolicies: null },
      ],
      problems: [{ part: 'serviceControlPolicies', code: 'AccessDenied' }],
    });
  });

  test('with conditions on a principal’s tags: a changed tag leads to a new simulation', async () => {
    const spared = { StringNotEquals: { 'aws:PrincipalTag/team': 'security' } };
    const member = controlled([full, policy({ Effect: 'Deny', Action: 'iam:*', Resource: '*', Condition: spared })]);
    const role = member.roles.get(AUDIT_ROLE)!;
    const { second } = await twoDays(member, () => {
      role.tags = { team: 'security' };
    });
    expect(second.principals.carriedForward).toBe(12);
  });

  test('that depend on the time: principals are simulated every day', async () => {
    const soon = { DateGreaterThan: { 'aws:CurrentTime': new Date(START + DAY_MS / 2).toISOString() } };
    const member = controlled([full, policy({ Effect: 'Deny', Action: 'iam:*', Resource: '*', Condition: soon })]);
    const { second } = await twoDays(member, () => undefined);
    const [ask, simulate] = asked(second);
    expect(ask).toBe(0);
    expect(simulate).toBeGreaterThan(0);
  });
});

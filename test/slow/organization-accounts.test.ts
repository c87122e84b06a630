import type { RunSummary } from '../../core/contract/run.ts';
import type { EmulatedAccount, EmulatedRole } from '../../local/emulated-aws/account.ts';
import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { trust } from '../../local/emulated-aws/generate/role-origins.ts';
import { auditableAccount, HUB, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const EXTERNAL_ID = 'secret';
const WRONG = '111122223335';
const OTHERS = [HUB, '111122223334', '111122223336'];
const full = policy(allow('*'));

/** An account whose audit role requires the external ID that the audit sends. */
function member(accountId: string): EmulatedAccount {
  const account = auditableAccount(accountId, 2);
  change(account, { trustPolicy: requiring(EXTERNAL_ID) });
  // An account without a unit is the management account.
  if (accountId === HUB) return account;
  return Object.assign(account, { unitNames: ['One'], serviceControlPolicies: [[full], [full], [full]] });
}

const requiring = (externalId: string) =>
  trust({ AWS: `arn:aws:iam::${HUB}:root` }, { StringEquals: { 'sts:ExternalId': externalId } });

function change(account: EmulatedAccount, role: Partial<EmulatedRole>): void {
  account.roles.set(AUDIT_ROLE, { ...account.roles.get(AUDIT_ROLE)!, ...role });
}

const arnWith = (path: string): string => `arn:aws:iam::${WRONG}:role${path}${AUDIT_ROLE}`;
const deniesHub = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${HUB}:root` }, Action: 'sts:AssumeRole' },
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:PrincipalAccount': HUB } },
    },
  ],
};

const statuses = ({ accounts }: RunSummary): Record<string, string> =>
  Object.fromEntries(accounts.map(({ accountId, status }) => [accountId, status]));

let audit: VirtualAudit;
afterEach(async () => {
  await audit.close();
});

test.each<[string, Partial<EmulatedRole>]>([
  ['requires another external ID', { trustPolicy: requiring('another') }],
  ['trusts another account', { trustPolicy: trust({ AWS: 'arn:aws:iam::999988887777:root' }) }],
  ['has an Allow and a Deny for the hub', { trustPolicy: deniesHub }],
  ['has a path that the audit does not use', { arn: arnWith('/audit/'), path: '/audit/' }],
])(
  'an account whose role %s is FAILED, the others are COMPLETE; after the repair, --resume audits only this account',
  async (_name, wrong) => {
    const accounts = [...OTHERS, WRONG].sort().map(member);
    const account = accounts.find(({ accountId }) => accountId === WRONG)!;
    const right = account.roles.get(AUDIT_ROLE)!;
    change(account, wrong);
    audit = await VirtualAudit.start(
      { accounts, organization: {} },
      {},
      { memberRole: { roleName: AUDIT_ROLE, externalId: EXTERNAL_ID } },
    );
    await audit.run({ accounts: 'organization' });
    const first = await audit.lastRun();
    expect(first.status).toBe('PARTIAL');
    expect(statuses(first)).toEqual({
      ...Object.fromEntries(OTHERS.map((accountId) => [accountId, 'COMPLETE'])),
      [WRONG]: 'FAILED',
    });
    expect(first.accounts.find(({ accountId }) => accountId === WRONG)).toMatchObject({
      path: 'Root/One',
      error: {
        code: 'AssumeRoleDenied',
        message: `Account ${WRONG}: role ${AUDIT_ROLE} is missing, does not trust the caller, or needs another external ID (AWS does not say which). Check there: aws iam get-role --role-name ${AUDIT_ROLE}`,
      },
    });

    change(account, right);
    const requests = (accountId: string): number =>
      [...audit.aws.emulation.counters].reduce(
        (sum, [name, { received }]) => (name.startsWith(`${accountId} iam:`) ? sum + received : sum),
        0,
      );
    const before = OTHERS.map(requests);
    expect(requests(WRONG)).toBe(0);
    await audit.run({ resume: first.runId });
    const second = await audit.lastRun();
    expect(second.status).toBe('COMPLETE');
    expect(statuses(second)).toEqual({ [WRONG]: 'COMPLETE' });
    expect(OTHERS.map(requests)).toEqual(before);
    expect(requests(WRONG)).toBeGreaterThan(0);
  },
);

import { memberRole, type MemberRoleOptions } from '../../../core/member-role/member-role.ts';
import { protectionPolicy } from '../../../core/member-role/protection.ts';
import type { EmulatedAccount } from '../../../local/emulated-aws/account.ts';
import { conditionsHold } from '../../../local/emulated-aws/evaluation/conditions.ts';
import { RequestContext } from '../../../local/emulated-aws/evaluation/request-context.ts';
import { simulatePrincipal } from '../../../local/emulated-aws/evaluation/simulate.ts';
import { statementsOf } from '../../../local/emulated-aws/evaluation/statements.ts';
import { generateAccount } from '../../../local/emulated-aws/generate/account.ts';

/** The policies of the member role, as the emulated AWS evaluates them. */

const HUB = '111122223333';
const MEMBER = '111122223334';
const NOW = Date.parse('2026-11-23T04:00:00Z');

describe('the trust policy', () => {
  const options: MemberRoleOptions = {
    hubAccountId: HUB,
    hubRolePath: '/iam-audit/',
    organizationId: 'o-exampleorg',
    externalId: 'secret',
    roleName: 'iam-audit-member',
    trustedPrincipals: ['role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Auditor_*', 'user/alice'],
  };
  const caller = {
    'aws:PrincipalArn': `arn:aws:iam::${HUB}:role/iam-audit/IamAudit-audit-batch`,
    'aws:PrincipalOrgID': 'o-exampleorg',
    'sts:ExternalId': 'secret',
  };
  const principal = (name: string) => ({ 'aws:PrincipalArn': `arn:aws:iam::${HUB}:${name}` });

  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['a role of the hub', {}, true],
    [
      'a role of the hub in another partition',
      { 'aws:PrincipalArn': `arn:aws-cn:iam::${HUB}:role/iam-audit/x` },
      false,
    ],
    ['another role of the hub’s account', principal('role/admin'), false],
    ['a role whose name begins like the path', principal('role/iam-audit-batch'), false],
    ['a user with the same path', principal('user/iam-audit/x'), false],
    ['a role of another account', { 'aws:PrincipalArn': `arn:aws:iam::${MEMBER}:role/iam-audit/x` }, false],
    [
      'an auditor of IAM Identity Center',
      principal('role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Auditor_0a1b'),
      true,
    ],
    [
      'another permission set',
      principal('role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0a1b'),
      false,
    ],
    ['the trusted user', principal('user/alice'), true],
    ['a user whose name begins with it', principal('user/alice2'), false],
    ['a role of the hub after it has left the organization', { 'aws:PrincipalOrgID': 'o-otherother' }, false],
    ['a role of the hub without an organization', { 'aws:PrincipalOrgID': '' }, false],
    ['a wrong external ID', { 'sts:ExternalId': 'Secret' }, false],
    ['no external ID', { 'sts:ExternalId': '' }, false],
  ])('%s', (_name, changed, trusted) => {
    const { trustPolicy } = memberRole(options, { partition: 'aws', accountId: MEMBER });
    const request = new RequestContext();
    for (const [key, value] of Object.entries({ ...caller, ...changed })) if (value !== '') request.set(key, [value]);
    const [statement, ...others] = statementsOf(JSON.parse(JSON.stringify(trustPolicy)) as Record<string, unknown>);
    expect(others).toEqual([]);
    expect(statement!.allows && conditionsHold(statement!.conditions, request, new Set())).toBe(trusted);
  });
});

describe('the SCP', () => {
  const roleArn = (name: string): string => `arn:aws:iam::${MEMBER}:role/${name}`;
  const FULL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

  /** A member account in which every role named here has all permissions. */
  function accountOf(...names: string[]): EmulatedAccount {
    const account = generateAccount({ seed: 1, accountId: MEMBER, users: 1, roles: 1, now: NOW });
    const [role] = [...account.roles.values()];
    for (const name of names) {
      const inlinePolicies = [{ name: 'all', document: FULL }];
      account.roles.set(name, {
        ...role!,
        name,
        path: '/',
        arn: roleArn(name),
        inlinePolicies,
        permissionsBoundaryArn: null,
      });
    }
    const scp = protectionPolicy({ roleName: 'audit/member', exempt: ['role/OrganizationAccountAccessRole'] });
    account.serviceControlPolicies = [[FULL, JSON.parse(JSON.stringify(scp)) as typeof FULL]];
    return account;
  }

  const decisionOf = (by: string, action: string, on: string): string | undefined => {
    const account = accountOf('admin', 'stacksets-exec-0a1b', 'OrganizationAccountAccessRole');
    const request = { actionNames: [action], resourceArns: [roleArn(on)], contextEntries: [], now: NOW };
    return simulatePrincipal(account, roleArn(by), request)[0]?.resources[0]?.decision;
  };

  test.each([
    ['admin', 'iam:PutRolePolicy', 'audit/member', 'explicitDeny'],
    ['admin', 'iam:DeleteRole', 'audit/member', 'explicitDeny'],
    ['admin', 'iam:CreateRole', 'audit/member', 'explicitDeny'],
    ['admin', 'iam:CreateRole', 'stacksets-exec-of-mine', 'explicitDeny'],
    ['admin', 'iam:UpdateAssumeRolePolicy', 'OrganizationAccountAccessRole', 'explicitDeny'],
    ['admin', 'iam:GetRole', 'audit/member', 'allowed'],
    ['admin', 'sts:AssumeRole', 'audit/member', 'allowed'],
    ['admin', 'iam:PutRolePolicy', 'audit/member2', 'allowed'],
    ['stacksets-exec-0a1b', 'iam:PutRolePolicy', 'audit/member', 'allowed'],
    ['OrganizationAccountAccessRole', 'iam:DeleteRole', 'audit/member', 'allowed'],
  ])('%s, %s on %s: %s', (by, action, on, decision) => {
    expect(decisionOf(by, action, on)).toBe(decision);
  });
});

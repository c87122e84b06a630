import {
  account,
  deny,
  everything,
  iam,
  ID,
  roleOf,
  service,
  userOf,
  type Json,
} from '../../support/administrator-paths.ts';
import { allow, document, inline, trustOf } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

/** The title and the steps of the finding about the user `dev`. */
async function told(statements: readonly Json[], more: Json = {}, own: Json = {}) {
  const dev = userOf('dev', { inline: inline(...statements), ...own });
  const { users = [], ...others } = more as { users?: Json[] };
  const { findings } = await scanned({ id: ID, users: [dev, ...users], ...others });
  const found = findings.find(({ rule, principalArn }) => rule === 'escalation-path' && principalArn.endsWith('/dev'));
  const paths = (found?.evidence['paths'] ?? []) as { steps: { actions: string[] }[] }[];
  return { title: found?.title, detail: found?.detail, actions: paths[0]?.steps.map(({ actions }) => actions) };
}

test('a password of a user with MFA: the step names that its device is deactivated', async () => {
  const cred = { password_enabled: 'true', mfa_active: 'true' };
  const boss = userOf('boss', { inline: everything, cred });
  const onBoss = allow(['iam:UpdateLoginProfile', 'iam:DeactivateMFADevice'], `${iam}user/boss`);
  expect(await told([onBoss], { users: [boss] })).toEqual({
    title:
      'User dev can become an administrator by changing the password of another user, whose MFA device it deactivates',
    detail: expect.stringContaining('(iam:UpdateLoginProfile and iam:DeactivateMFADevice)') as string,
    actions: [['iam:UpdateLoginProfile', 'iam:DeactivateMFADevice']],
  });
  const without = await told([onBoss], { users: [{ ...boss, cred: { password_enabled: 'true' } }] });
  expect(without.actions).toEqual([['iam:UpdateLoginProfile']]);
});

test('a new user whose boundary is deleted: the step names the deletion', async () => {
  const bounded = { Condition: { StringEquals: { 'iam:PermissionsBoundary': `${iam}policy/limit` } } };
  const statements = [
    allow(['iam:CreateUser'], `${iam}user/app/*`, bounded),
    allow(['iam:CreateAccessKey', 'iam:PutUserPolicy', 'iam:DeleteUserPermissionsBoundary'], `${iam}user/app/*`),
  ];
  const policies = [{ name: 'limit', doc: document(allow('sqs:*')) }];
  const { title, actions } = await told(statements, { policies });
  expect(title).toContain('and deleting the permissions boundary of the user');
  expect(actions).toEqual([
    ['iam:CreateAccessKey', 'iam:CreateUser', 'iam:PutUserPolicy', 'iam:DeleteUserPermissionsBoundary'],
  ]);
});

test('steps are named by what they lead to, not by the same principal twice', async () => {
  const groups = [{ name: 'ops', inline: inline(allow('iam:PutGroupPolicy', `${iam}group/ops`)) }];
  expect((await told([allow('iam:AddUserToGroup', `${iam}group/ops`)], { groups })).title).toBe(
    'User dev can become an administrator by adding itself to a group (2 steps: 2 changes of itself)',
  );
  const assuming = [{ name: 'ops', inline: inline(allow('sts:AssumeRole', `${iam}role/boss`)) }];
  const roles = [roleOf('boss', account, { inline: everything })];
  expect((await told([allow('iam:AddUserToGroup', `${iam}group/ops`)], { groups: assuming, roles })).title).toBe(
    'User dev can become an administrator by adding itself to a group (2 steps: a change of itself, then role boss)',
  );
});

test('a role that is created for a service', async () => {
  const statements = [
    allow(['iam:CreateRole', 'iam:PutRolePolicy', 'iam:PassRole'], `${iam}role/app-*`),
    allow(['lambda:CreateFunction', 'lambda:InvokeFunction']),
    deny('sts:*'),
  ];
  const { title, detail } = await told(statements);
  expect(title).toBe(
    'User dev can become an administrator by creating a role that trusts lambda.amazonaws.com and adding an inline policy to the role (2 steps: a new role, then role app-x)',
  );
  expect(detail).toContain('The steps: user dev acts by creating a role that trusts lambda.amazonaws.com');
});

test('a role whose trust policy is changed for a service', async () => {
  const statements = [
    allow(['iam:UpdateAssumeRolePolicy', 'iam:PassRole'], `${iam}role/boss`),
    allow(['lambda:CreateFunction', 'lambda:InvokeFunction']),
    deny('sts:*'),
  ];
  const roles = [roleOf('boss', trustOf({ Service: 'ecs.amazonaws.com' }), { inline: everything })];
  expect((await told(statements, { roles })).title).toBe(
    'User dev can become an administrator by changing the trust policy of the role to trust lambda.amazonaws.com (2 steps: a change of role boss, then role boss)',
  );
  expect((await told(statements, { roles: [roleOf('boss', service)] })).title).toBeUndefined();
});

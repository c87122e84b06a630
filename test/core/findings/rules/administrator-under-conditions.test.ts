import { deny, ID, userOf, type Json } from '../../../support/administrator-paths.ts';
import { allow, inline } from '../../../support/policy-documents.ts';
import { scanned } from '../../../support/scanned-case.ts';

const key = { access_key_1_active: 'true', access_key_1_last_rotated: 20, access_key_1_last_used_date: 1 };

/** Severity, title, condition keys and doubts of the finding about an administrator `dev`. */
async function administrator(statements: readonly Json[], scps?: readonly (readonly Json[])[], cred: Json = key) {
  const users = [userOf('dev', { inline: inline(...statements), cred })];
  const { findings } = await scanned({ id: ID, users, ...(scps === undefined ? {} : { scps }) });
  return findings
    .filter(({ rule }) => rule === 'administrator')
    .map(({ severity, title, evidence, detail }) => {
      expect(detail).not.toMatch(/simulat/i);
      return [severity, title, evidence['conditional'], evidence['notKnown']];
    });
}

const under = (...keys: string[]) => ['medium', 'User dev is an administrator under conditions', keys, []];
const unless = (operator: string, conditionKey: string, value: string, more: Json = {}): Json =>
  deny('*', { Condition: { [operator]: { [conditionKey]: value }, ...more } });
const MFA = 'aws:MultiFactorAuthPresent';

test.each([
  ['unless MFA', unless('BoolIfExists', MFA, 'false'), 'aws:multifactorauthpresent'],
  ['unless from a network', unless('NotIpAddress', 'aws:SourceIp', '198.51.100.0/24'), 'aws:sourceip'],
  [
    'unless from a network or by a service',
    unless('NotIpAddress', 'aws:SourceIp', '198.51.100.0/24', { Bool: { 'aws:ViaAWSService': 'false' } }),
    'aws:sourceip',
  ],
])('a Deny %s: an administrator under a condition', async (_name, denial, conditionKey) => {
  expect(await administrator([allow('*'), denial])).toEqual([under(conditionKey)]);
});

test('a Deny unless MFA where the key is present does not apply to an access key, whose requests do not have it', async () => {
  const present = unless('Bool', MFA, 'false');
  expect(await administrator([allow('*'), present])).toEqual([['high', 'User dev is an administrator', [], []]]);
  const password = { password_enabled: 'true', password_last_used: 1, mfa_active: 'false' };
  for (const cred of [password, { ...password, ...key, access_key_1_active: 'false' }]) {
    expect(await administrator([allow('*'), present], undefined, cred)).toEqual([under('aws:multifactorauthpresent')]);
  }
});

test('an SCP that denies unless MFA', async () => {
  const open = { Version: '2012-10-17', Statement: [allow('*')] };
  const guard = { Version: '2012-10-17', Statement: [allow('*'), unless('BoolIfExists', MFA, 'false')] };
  expect(await administrator([allow('*')], [[open], [guard]])).toEqual([under('aws:multifactorauthpresent')]);
});

test('no administrator: a Deny applies whatever values the keys of another statement have', async () => {
  expect(await administrator([allow('*'), unless('BoolIfExists', MFA, 'false'), deny('iam:*')])).toEqual([]);
  const byAddress = { Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } } };
  expect(await administrator([allow('*', '*', byAddress), deny('iam:*')])).toEqual([]);
});

test('no administrator: a service must send the request', async () => {
  expect(await administrator([allow('*', '*', { Condition: { Bool: { 'aws:ViaAWSService': 'true' } } })])).toEqual([]);
});

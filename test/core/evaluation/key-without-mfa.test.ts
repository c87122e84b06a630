import { allow, inline } from '../../support/policy-documents.ts';
import { findingsAbout, scanned } from '../../support/scanned-case.ts';

const ID = '111122223401';
const chief = `arn:aws:iam::${ID}:user/chief`;
const withMfa = { password_enabled: 'true', password_last_used: 1, mfa_active: 'true' };
const onlyWithMfa = allow('*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } });
const unlessWithout = {
  Effect: 'Deny',
  Action: '*',
  Resource: '*',
  Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
};

/** The titles of the escalation paths of a user that may do some actions on the user `chief`. */
async function paths(actions: readonly string[], ...statements: Parameters<typeof inline>): Promise<string[]> {
  const result = await scanned({
    id: ID,
    users: [
      { name: 'chief', inline: inline(...statements), cred: withMfa, la: {} },
      { name: 'keeper', inline: inline(allow(actions, chief)), la: {} },
    ],
  });
  expect(findingsAbout(result, 'chief').join()).toContain('is an administrator');
  return findingsAbout(result, 'keeper').filter((one) => one.includes('escalation-path'));
}

const ways = [['iam:CreateAccessKey'], ['iam:UpdateLoginProfile', 'iam:DeactivateMFADevice']];

test.each(ways)('%s gives nothing of an administrator that is one only with MFA', async (...actions) => {
  expect(await paths(actions, onlyWithMfa)).toEqual([]);
  expect(await paths(actions, allow('*'), unlessWithout)).toEqual([]);
});

test.each(ways)('%s gives an administrator that needs no MFA', async (...actions) => {
  expect(await paths(actions, allow('*'))).toEqual([expect.stringContaining('can become an administrator')]);
});

test('with a device that the user may enable itself, it is one again', async () => {
  expect(await paths(['iam:CreateAccessKey'], onlyWithMfa, allow('iam:EnableMFADevice', chief))).toEqual([
    expect.stringContaining('might become an administrator'),
  ]);
});

test('the permissions that need no MFA are gained', async () => {
  expect(await paths(['iam:CreateAccessKey'], onlyWithMfa, allow('lambda:UpdateFunctionCode'))).toEqual([
    expect.stringContaining('can gain permissions by creating an access key'),
  ]);
});

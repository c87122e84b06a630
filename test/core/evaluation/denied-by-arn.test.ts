import { allow, document as policy, inline } from '../../support/policy-documents.ts';
import { findingsAbout, scanned } from '../../support/scanned-case.ts';

const ID = '111122223399';
const deny = (Resource: unknown, Action: unknown = 'iam:*') => ({ Effect: 'Deny', Action, Resource });
const types = (...names: string[]): string[] => names.map((name) => `arn:aws:iam::*:${name}/*`);

/** The findings about a user, and about another that may create an access key for it. */
async function findings(account: {
  readonly user?: object;
  readonly scps?: readonly (readonly object[])[];
  readonly policies?: readonly object[];
}) {
  const result = await scanned({
    id: ID,
    users: [
      { name: 'power', inline: inline(allow('*')), la: {}, ...account.user },
      { name: 'keeper', inline: inline(allow('iam:CreateAccessKey', `arn:aws:iam::${ID}:user/power`)), la: {} },
    ],
    ...(account.scps === undefined ? {} : { scps: account.scps }),
    policies: account.policies ?? [],
  });
  const administrator = findingsAbout(result, 'power').some((one) => one.includes('is an administrator'));
  const path = findingsAbout(result, 'keeper').some((one) => one.includes('can become an administrator'));
  return { administrator, path };
}

const limited = { administrator: false, path: false };
const unlimited = { administrator: true, path: true };

test.each([
  ['arn:aws:iam::*:*'],
  [`arn:aws:iam::${ID}:*`],
  [types('role', 'user', 'policy', 'group')],
  [types('role')],
])('a Deny of IAM on %j makes it no administrator', async (resource) => {
  expect(await findings({ user: { inline: inline(allow('*'), deny(resource)) } })).toMatchObject({
    administrator: false,
  });
});

test('nothing leads to it as an administrator if all of IAM is denied by ARN', async () => {
  expect(await findings({ user: { inline: inline(allow('*'), deny('arn:aws:iam::*:*')) } })).toEqual(limited);
});

test.each([
  ['arn:aws:iam::999999999999:*'],
  ['arn:aws:iam::*:role/app-*'],
  ['arn:aws:iam::*:user/someone'],
  ['arn:aws:s3:::*'],
])('a Deny of IAM on %s leaves it one', async (resource) => {
  expect(await findings({ user: { inline: inline(allow('*'), deny(resource)) } })).toEqual(unlimited);
});

test('a boundary and a service control policy limit it in the same way', async () => {
  const guard = (resource: string) => policy(allow('*'), deny(resource));
  const bound = (resource: string) =>
    findings({
      user: { boundary: `arn:aws:iam::${ID}:policy/bound` },
      policies: [{ name: 'bound', doc: guard(resource) }],
    });
  expect(await bound('arn:aws:iam::*:*')).toEqual(limited);
  expect(await bound('arn:aws:iam::*:role/app-*')).toEqual(unlimited);
  expect((await findings({ scps: [[guard('arn:aws:iam::*:*')]] })).administrator).toBe(false);
  expect((await findings({ scps: [[guard('arn:aws:iam::*:role/app-*')]] })).administrator).toBe(true);
});

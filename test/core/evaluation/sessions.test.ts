import { allow, inline, trustIn } from '../../support/policy-documents.ts';
import { findingsAbout, scanned } from '../../support/scanned-case.ts';

const ID = '111122223400';
const own = `arn:aws:iam::${ID}:user/mover`;
const deny = (Condition: object) => ({ Effect: 'Deny', Action: '*', Resource: '*', Condition });

/** The first word of the titles of a user's or role's findings about becoming an administrator. */
const about = async (account: object, name: string): Promise<string[]> =>
  findingsAbout(await scanned({ id: ID, ...account }), name).flatMap(
    (one) => /(?:can|might) become an administrator|is an administrator(?: under conditions)?/.exec(one)?.[0] ?? [],
  );

const role = (Condition: object): Promise<string[]> =>
  about(
    {
      roles: [
        {
          name: 'chief',
          trust: trustIn(`arn:aws:iam::${ID}:root`),
          inline: inline(allow('*'), deny(Condition)),
          lastUsed: 2,
        },
      ],
    },
    'chief',
  );

test('a Deny for sessions from before a past day does not touch new ones of a role', async () => {
  const before = (day: string) => ({ DateLessThan: { 'aws:TokenIssueTime': day } });
  expect(await role(before('2026-06-01T00:00:00Z'))).toEqual(['is an administrator']);
  expect(await role(before('2027-06-01T00:00:00Z'))).toEqual([]);
});

const user = (...statements: Parameters<typeof inline>): Promise<string[]> =>
  about({ users: [{ name: 'mover', inline: inline(...statements), la: {} }] }, 'mover');
const self = (Condition?: object) => allow('iam:PutUserPolicy', own, Condition === undefined ? {} : { Condition });

test('a request with an access key does not say whether it has MFA', async () => {
  const mfa = { 'aws:MultiFactorAuthPresent': 'false' };
  expect(await user(self(), deny({ Bool: mfa }))).toEqual(['can become an administrator']);
  expect(await user(self(), deny({ BoolIfExists: mfa }))).toEqual(['might become an administrator']);
  expect(await user(self({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }))).toEqual([
    'might become an administrator',
  ]);
});

test('every address is in 0.0.0.0/0 or ::/0', async () => {
  const from = (operator: string, ...ranges: string[]) => ({ [operator]: { 'aws:SourceIp': ranges } });
  expect(await user(self(from('IpAddress', '0.0.0.0/0', '::/0')))).toEqual(['can become an administrator']);
  expect(await user(self(), deny(from('NotIpAddress', '::/0', '0.0.0.0/0')))).toEqual(['can become an administrator']);
  expect(await user(self(), deny(from('IpAddress', '0.0.0.0/0', '::/0')))).toEqual([]);
  expect(await user(self(from('IpAddress', '0.0.0.0/0')))).toEqual(['might become an administrator']);
  expect(await user(self(from('IpAddress', '203.0.113.0/24')))).toEqual(['might become an administrator']);
});

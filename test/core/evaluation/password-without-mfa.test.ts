import { allow, document as policy } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223391';

/** How certain it is that a user with a password alone, and no device, can give itself a policy. */
async function certainty(...more: Readonly<Record<string, unknown>>[]): Promise<unknown> {
  const own = `arn:aws:iam::${ID}:user/ann`;
  const { findings } = await scanned({
    id: ID,
    users: [
      {
        name: 'ann',
        inline: [{ name: 'own', doc: policy(allow('iam:PutUserPolicy', own), ...more) }],
        cred: { password_enabled: 'true', password_last_used: 1, mfa_active: 'false' },
      },
    ],
  });
  return findings.find(({ rule }) => rule === 'escalation-path')?.evidence['certainty'] ?? null;
}

const deny = (operator: string, value: string) => ({
  ...{ Effect: 'Deny', Action: 'iam:*', Resource: '*' },
  Condition: { [operator]: { 'aws:MultiFactorAuthPresent': value } },
});

test('a session of the console always has the key about MFA: without a device it is false', async () => {
  expect(await certainty(deny('Null', 'true'))).toBe('certain');
  expect(await certainty(deny('Bool', 'true'))).toBe('certain');
  expect(await certainty(deny('Bool', 'false'))).toBe('conditional');
});

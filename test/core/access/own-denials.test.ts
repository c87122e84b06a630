import { allow, document as policy } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223397';
const deny = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({
  Effect: 'Deny',
  Action,
  Resource,
  ...more,
});
const own = `arn:aws:iam::${ID}:user/kept-down`;

/** The first techniques of the paths of a user that has these policies. */
async function techniques(inline: Record<string, object>, managed: Record<string, object> = {}): Promise<string[]> {
  const { findings } = await scanned({
    id: ID,
    users: [
      {
        name: 'kept-down',
        inline: Object.entries(inline).map(([name, doc]) => ({ name, doc })),
        managed: Object.keys(managed).map((name) => `arn:aws:iam::${ID}:policy/${name}`),
        la: {},
      },
    ],
    policies: Object.entries(managed).map(([name, doc]) => ({ name, doc })),
  });
  const found = findings.find(({ rule }) => rule === 'escalation-path');
  const paths = (found?.evidence['paths'] ?? []) as { steps: { technique: string }[] }[];
  return paths.map(({ steps }) => steps[0]?.technique ?? '');
}

const everything = policy(allow('*'));
const guard = policy(deny('iam:*'));

test('a Deny that the principal may remove is no limit', async () => {
  const allows = policy(allow(['lambda:CreateFunction', 'iam:DetachUserPolicy']));
  expect(await techniques({ allows }, { guard: policy(deny('lambda:CreateFunction')) })).toEqual(['iam-025']);
});

test('a Deny that covers its own removal is a limit', async () => {
  expect(await techniques({ everything }, { guard })).toEqual([]);
});

test('two policies that deny the same are removed one after the other', async () => {
  const allows = policy(allow('lambda:CreateFunction'), allow('iam:DeleteUserPolicy', own));
  const first = policy(deny('lambda:CreateFunction'));
  const second = policy(deny('lambda:*'));
  expect(await techniques({ allows, first, second })).toEqual(['iam-026']);
});

test('nothing is gained if the principal is not allowed what the policy denies, or if another policy denies it too', async () => {
  const detach = policy(allow('iam:DetachUserPolicy', own));
  expect(await techniques({ detach }, { guard: policy(deny('lambda:*')) })).toEqual([]);
  const allows = policy(allow('lambda:CreateFunction'), allow('iam:DetachUserPolicy', own), deny('lambda:*'));
  expect(await techniques({ allows }, { guard: policy(deny('lambda:*')) })).toEqual([]);
});

test('a Deny under a condition counts as none: it may not apply to the principal', async () => {
  const allows = policy(allow('lambda:CreateFunction'), allow('iam:DetachUserPolicy', own));
  const condition = { Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } };
  expect(await techniques({ allows }, { guard: policy(deny('lambda:*', '*', condition)) })).toEqual([]);
});

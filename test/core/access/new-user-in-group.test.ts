import { allow, document, inline, trustOf } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223398';
const iam = `arn:aws:iam::${ID}:`;

/** What the role `maker` gains by its worst path, if it may create users under a condition and add them to the groups. */
async function gainOf(
  groups: object[],
  condition: Readonly<Record<string, unknown>>,
  addsTo: string,
): Promise<unknown> {
  const { findings } = await scanned({
    id: ID,
    roles: [
      {
        name: 'maker',
        trust: trustOf({ Service: 'ec2.amazonaws.com' }),
        lastUsed: 2,
        instanceProfiles: [],
        inline: inline(
          allow('iam:CreateUser', `${iam}user/new-*`, condition),
          allow('iam:CreateAccessKey', `${iam}user/new-*`),
          allow('iam:AddUserToGroup', `${iam}group/${addsTo}`),
        ),
        la: {},
      },
    ],
    groups,
    policies: [{ name: 'limit', doc: document(allow('lambda:*')) }],
  });
  const found = findings.find(({ rule }) => rule === 'escalation-path');
  const [path] = (found?.evidence['paths'] ?? []) as { gain: string; certainty: string }[];
  return path === undefined ? null : `${path.gain}, ${path.certainty}`;
}

const administrators = { name: 'administrators', inline: inline(allow('*')) };
const readers = { name: 'readers', inline: inline(allow('sqs:ReceiveMessage')) };

test('a new user gets the permissions of the group to which it may be added', async () => {
  expect(await gainOf([readers, administrators], {}, '*')).toBe('administrator, certain');
  expect(await gainOf([readers, administrators], {}, 'readers')).toBeNull();
});

test('a boundary that the new user must have limits what the group gives', async () => {
  const condition = { Condition: { StringEquals: { 'iam:PermissionsBoundary': `${iam}policy/limit` } } };
  expect(await gainOf([administrators], condition, '*')).toBe('other permissions, certain');
});

import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223398';
const iam = `arn:aws:iam::${ID}:`;
const policy = (...Statement: unknown[]): object => ({ Version: '2012-10-17', Statement });
const allow = (Action: unknown, Resource: unknown = '*', more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const inline = (...statements: unknown[]): object[] => [{ name: 'p', doc: policy(...statements) }];

/** What the role `maker` gains by its worst path, if it may create users under a condition and add them to the groups. */
async function gainOf(groups: object[], condition: object, addsTo: string): Promise<unknown> {
  const { findings } = await scanned({
    id: ID,
    roles: [
      {
        name: 'maker',
        trust: policy({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }),
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
    policies: [{ name: 'limit', doc: policy(allow('lambda:*')) }],
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

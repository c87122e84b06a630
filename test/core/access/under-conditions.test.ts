import { allow, document as policy, trustIn } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223395';
const everything = policy(allow('*'));
const NETWORK = { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' }, BoolIfExists: { 'aws:ViaAWSService': 'false' } };
const guard = (Condition: object, Action: unknown = '*'): object =>
  policy({ Effect: 'Deny', Action, Resource: '*', Condition });

/** The certainty and conditions of the way of user `ann`, who may assume the administrator role `boss`. */
async function way(scps: object[][], boundary?: object): Promise<unknown> {
  const { findings } = await scanned({
    id: ID,
    scps,
    users: [
      { name: 'ann', inline: [{ name: 'own', doc: policy(allow('sts:AssumeRole', `arn:aws:iam::${ID}:role/boss`)) }] },
    ],
    roles: [
      {
        name: 'boss',
        trust: trustIn(`arn:aws:iam::${ID}:root`),
        inline: [{ name: 'all', doc: everything }],
        ...(boundary === undefined ? {} : { boundary: `arn:aws:iam::${ID}:policy/limit` }),
      },
    ],
    policies: boundary === undefined ? [] : [{ name: 'limit', doc: boundary }],
  });
  const found = findings.find(({ rule, principalArn }) => rule === 'escalation-path' && principalArn.endsWith('/ann'));
  const [path] = (found?.evidence['paths'] ?? []) as { gain: string }[];
  return found === undefined ? null : [path?.gain, found.evidence['certainty'], found.evidence['conditions']];
}

test('an SCP that limits everything to a network hides no way to an administrator', async () => {
  expect(await way([[everything]])).toEqual(['administrator', 'certain', []]);
  expect(await way([[everything, guard(NETWORK)]])).toEqual(['administrator', 'conditional', ['aws:sourceip']]);
});

test('a permissions boundary that limits everything to a network hides no way either', async () => {
  const limit = policy(allow('*'), {
    Effect: 'Deny',
    Action: 'iam:*',
    Resource: '*',
    Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } },
  });
  expect(await way([[everything]], limit)).toEqual(['administrator', 'conditional', ['aws:sourcevpc']]);
});

test('an SCP that denies under a condition that always holds leaves no administrator', async () => {
  const always = { StringNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${ID}:role/other` } };
  expect(await way([[everything, guard(always, 'iam:*')]])).not.toContain('administrator');
});

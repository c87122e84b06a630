import { allow, document as policy, trustIn } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223394';

async function findingsOf(condition: object, scps?: object[][]) {
  const { findings } = await scanned({
    id: ID,
    ...(scps === undefined ? {} : { scps }),
    users: [{ name: 'ann', inline: [{ name: 'own', doc: policy(allow('sts:AssumeRole')) }] }],
    roles: [
      {
        name: 'boss',
        trust: trustIn(`arn:aws:iam::${ID}:root`),
        inline: [{ name: 'all', doc: policy(allow('*', '*', { Condition: condition })) }],
      },
    ],
  });
  return findings.flatMap(({ rule, severity, title }) =>
    rule === 'administrator' || rule === 'escalation-path' ? [`${severity}: ${title}`] : [],
  );
}

const certain = [
  'critical: User ann can become an administrator by assuming a role',
  'medium: Role boss is an administrator',
];

test('IAM’s resources are in the principal’s own account, so a condition on it is no doubt', async () => {
  expect((await findingsOf({ StringEquals: { 'aws:ResourceAccount': ID } })).sort()).toEqual(certain);
  expect((await findingsOf({ StringEquals: { 'aws:ResourceAccount': '${aws:PrincipalAccount}' } })).sort()).toEqual(
    certain,
  );
  expect(await findingsOf({ StringEquals: { 'aws:ResourceAccount': '999999999999' } })).toEqual([]);
});

test('an SCP that keeps principals to their own account limits nothing in it', async () => {
  const keeps = policy({
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: { StringNotEquals: { 'aws:ResourceAccount': '${aws:PrincipalAccount}' } },
  });
  expect((await findingsOf({}, [[policy(allow('*')), keeps]])).sort()).toEqual(certain);
});

test('the organization of a resource is as little known as that of the principal', async () => {
  const condition = { StringEquals: { 'aws:ResourceOrgID': '${aws:PrincipalOrgID}' } };
  expect((await findingsOf(condition)).sort()).toEqual([
    'high: User ann might become an administrator by assuming a role (2 steps: role boss, then a change of role boss)',
    'low: Role boss is an administrator under conditions',
  ]);
});

import fc from 'fast-check';
import type { PrincipalIdentity } from '../../core/contract/evidence.ts';
import { AccountPolicies, type SimulationScope } from '../../core/inventory/account-policies.ts';
import type { EmulatedAccount, PolicyDocument } from '../../local/emulated-aws/account.ts';
import { simulatePrincipal } from '../../local/emulated-aws/evaluation/simulate.ts';
import { generateAccount } from '../../local/emulated-aws/generate/account.ts';

const NOW = Date.parse('2026-11-23T04:00:00Z');
const ACCOUNT = '111122223333';
const account: EmulatedAccount = generateAccount({ seed: 3, accountId: ACCOUNT, users: 4, roles: 4, now: NOW });
const policies = new AccountPolicies(null);

type Type = 'user' | 'role';
/** The names that one of two principals uses in its policies. */
interface Person {
  readonly name: string;
  readonly team: string;
  readonly bucket: string;
}
const ann: Person = { name: 'ann', team: 'red', bucket: 'red-data' };
const bob: Person = { name: 'bob', team: 'blue', bucket: 'azure' };

const named = (document: PolicyDocument, { name, team, bucket }: Person): PolicyDocument =>
  JSON.parse(
    JSON.stringify(document).replaceAll('NAME', name).replaceAll('TEAM', team).replaceAll('BUCKET', bucket),
  ) as PolicyDocument;

function described(type: Type, person: Person, documents: readonly PolicyDocument[]): Promise<SimulationScope> {
  const { name } = person;
  const identity: PrincipalIdentity = {
    accountId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:${type}/${name}`,
    type,
    name,
    path: '/',
    principalId: `AIDA${name}`,
    createdAt: '2026-01-01T00:00:00Z',
    tags: { team: person.team },
  };
  return policies.describe(identity, {
    ...identity,
    id: identity.principalId,
    inlinePolicies: documents.map((document, n) => ({ name: `own-${n}`, document: JSON.stringify(document) })),
    attachedPolicyArns: [],
    permissionsBoundaryArn: null,
    ...(type === 'user' ? { groupNames: [] } : { trustPolicy: '{}', instanceProfiles: [], lastUsedAt: null }),
  });
}

/** The decisions for `*`, and for each narrower resource in order. */
function decisionsOf(type: Type, { name }: Person, documents: readonly PolicyDocument[], scope: SimulationScope) {
  const [user] = account.users.values();
  const [role] = account.roles.values();
  const arn = `arn:aws:iam::${ACCOUNT}:${type}/${name}`;
  const own = {
    name,
    arn,
    path: '/',
    inlinePolicies: documents.map((document, n) => ({ name: `own-${n}`, document })),
    attachedPolicyArns: [],
    permissionsBoundaryArn: null,
  };
  if (type === 'user') account.users.set(name, { ...user!, ...own, groupNames: [] });
  else account.roles.set(name, { ...role!, ...own });
  const on = (resource: string | null, actionNames: readonly string[]) =>
    simulatePrincipal(account, arn, {
      actionNames,
      resourceArns: resource === null ? [] : [resource],
      contextEntries: [],
      now: NOW,
    }).map(({ action, decision, missingContext }) => [action, decision, missingContext]);
  return [
    on(null, scope.actions),
    scope.narrower.map(({ resources, actions }) => resources.map((resource) => on(resource, actions))),
  ];
}

const statement = (Resource: string | string[], more: object = {}): PolicyDocument => ({
  Statement: [{ Effect: 'Allow', Action: ['s3:GetObject', 'iam:PassRole'], Resource, ...more }],
});
const deny = (Resource: string): PolicyDocument => ({
  Statement: [{ Effect: 'Deny', Action: '*', Resource }],
});

test.each<[string, Type, PolicyDocument[], boolean]>([
  ['each with its own bucket', 'role', [statement('arn:aws:s3:::BUCKET/*')], true],
  ['each with its own role', 'user', [statement(`arn:aws:iam::${ACCOUNT}:role/TEAM/*`)], true],
  ['each with its own home, by a variable', 'user', [statement('arn:aws:s3:::home/${aws:username}/*')], true],
  [
    'a user name variable, which roles never have',
    'role',
    [statement(['arn:aws:s3:::BUCKET', 'arn:aws:s3:::a/${aws:username}'])],
    true,
  ],
  ['statements with different Sids', 'role', [statement('*', { Sid: 'TEAM' })], true],
  ['a Deny that matches neither', 'role', [statement('arn:aws:s3:::BUCKET/*'), deny('arn:aws:s3:::other/*')], true],
  ['a Deny that matches one', 'role', [statement('arn:aws:s3:::BUCKET/*'), deny('arn:aws:s3:::azure/*')], false],
  [
    'a Deny that matches one by a wildcard',
    'user',
    [statement('arn:aws:s3:::BUCKET/*'), deny('arn:aws:s3:::red*')],
    false,
  ],
  ['a Deny that matches the home of one', 'user', [statement('arn:aws:s3:::h/${aws:username}'), deny('*/ann')], false],
  ['an Allow that matches one', 'user', [statement('arn:aws:s3:::BUCKET/*'), statement('arn:aws:s3:::red-*')], false],
  ['conditions with names', 'user', [statement('*', { Condition: { StringEquals: { 's3:prefix': 'TEAM' } } })], false],
  ['a tag as a variable', 'user', [statement('arn:aws:s3:::${aws:PrincipalTag/team}/*')], false],
  [
    'a condition on the user’s name',
    'user',
    [statement('*', { Condition: { Null: { 'aws:username': 'true' } } })],
    false,
  ],
  ['a literal star, and each with its own bucket', 'role', [statement('arn:aws:s3:::BUCKET/${*}')], false],
  ['a name that AWS reserves', 'role', [statement(`arn:aws:iam::${ACCOUNT}:role/aws-TEAM/*`)], false],
])('%s (%s): equivalent is %#', async (_, type, documents, expected) => {
  const [first, second] = [ann, bob].map((person) => documents.map((document) => named(document, person)));
  const groups = [await described(type, ann, first!), await described(type, bob, second!)].map(({ group }) => group);
  expect(groups[0] !== null && groups[0] === groups[1]).toBe(expected);
});

test.each([
  ['another kind of resource', `arn:aws:iam::${ACCOUNT}:role/x`, `arn:aws:iam::${ACCOUNT}:policy/x`],
  ['another account', `arn:aws:iam::${ACCOUNT}:role/x`, 'arn:aws:iam::444455556666:role/x'],
  ['another depth', 'arn:aws:s3:::a/b', 'arn:aws:s3:::a/b/c'],
  ['another wildcard', 'arn:aws:s3:::a/b', 'arn:aws:s3:::a/*'],
  ['a text that is not an ARN', 'arn:aws:s3:::a', 'a'],
])('%s is not equivalent', async (_, one, other) => {
  const groups = [await described('role', ann, [statement(one)]), await described('role', bob, [statement(other)])].map(
    ({ group }) => group,
  );
  expect(groups[0]).not.toBe(groups[1]);
});

const resources = [
  '*',
  'arn:aws:s3:::BUCKET',
  'arn:aws:s3:::BUCKET/*',
  'arn:aws:s3:::BUCKET/NAME/*',
  'arn:aws:s3:::TEAM-*/*',
  'arn:aws:s3:::red*',
  'arn:aws:s3:::*a*',
  'arn:aws:s3:::azure/?*',
  'arn:aws:s3:::BUCKET/${aws:username}/*',
  "arn:aws:s3:::home/${aws:username, 'ann'}/*",
  'arn:aws:s3:::home/ann/*',
  `arn:aws:iam::${ACCOUNT}:role/TEAM/*`,
  `arn:aws:iam::${ACCOUNT}:role/blue/*`,
  `arn:aws:iam::*:role/TEAM`,
  `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`,
  `arn:aws:iam::${ACCOUNT}:user/b*`,
];
const chosen = fc.oneof(
  fc.constantFrom(...resources),
  fc.uniqueArray(fc.constantFrom(...resources), { minLength: 1, maxLength: 3 }),
);
const statements = fc.oneof(
  fc.record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
    Action: fc.constantFrom('*', 's3:*', 's3:GetObject', 'iam:PassRole', 'iam:*'),
    Resource: chosen,
    Condition: fc.constantFrom({}, { StringEquals: { 's3:prefix': 'x' } }, { StringEquals: { 'aws:username': 'ann' } }),
  }),
  fc.record({ Effect: fc.constantFrom('Allow', 'Deny'), Action: fc.constant('s3:*'), NotResource: chosen }),
);
const documents = fc.array(statements, { minLength: 1, maxLength: 3 }).map((list) => ({ Statement: list }));

test.each<Type>(['user', 'role'])(
  'two equivalent principals of type %s get the same decisions, resource by resource',
  async (type) => {
    let equivalent = 0;
    let shared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(documents, { minLength: 1, maxLength: 2 }), async (list) => {
        const [first, second] = [ann, bob].map((person) => list.map((document) => named(document, person)));
        const [one, other] = [await described(type, ann, first!), await described(type, bob, second!)];
        if (one.group === null || one.group !== other.group) return;
        equivalent += 1;
        if (one.narrower.length > 0 && JSON.stringify(one.narrower) !== JSON.stringify(other.narrower)) shared += 1;
        expect(one.actions).toEqual(other.actions);
        expect(decisionsOf(type, ann, first!, one)).toEqual(decisionsOf(type, bob, second!, other));
      }),
      { numRuns: 1_500, seed: 1 },
    );
    expect(equivalent).toBeGreaterThan(200);
    expect(shared).toBeGreaterThan(50);
  },
);

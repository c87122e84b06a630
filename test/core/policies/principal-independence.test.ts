import fc from 'fast-check';
import { policyTraits } from '../../../core/policies/principal-independence.ts';
import type {
  EmulatedAccount,
  EmulatedRole,
  EmulatedUser,
  PolicyDocument,
} from '../../../local/emulated-aws/account.ts';
import { simulatePrincipal } from '../../../local/emulated-aws/evaluation/simulate.ts';
import { generateAccount } from '../../../local/emulated-aws/generate/account.ts';

const NOW = Date.parse('2026-11-23T04:00:00Z');
const statement = (more: object): string =>
  JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*', ...more }] });
const condition = (key: string, operator = 'StringEquals') => statement({ Condition: { [operator]: { [key]: 'x' } } });

test.each<[string, string, { user: boolean; role: boolean }]>([
  ['nothing', statement({}), { user: true, role: true }],
  [
    'literal characters in the form of variables',
    statement({ Resource: 'arn:aws:s3:::a${*}${?}${$}' }),
    { user: true, role: true },
  ],
  ['the user’s name', statement({ Resource: 'arn:aws:s3:::${aws:username}/*' }), { user: false, role: true }],
  [
    'the user’s name with a default',
    statement({ Resource: "arn:aws:s3:::${aws:username, 'x'}" }),
    { user: false, role: true },
  ],
  [
    'a variable with a JSON escape',
    statement({ Resource: 'arn:aws:s3:::$VAR' }).replace('$VAR', '\\u0024{aws:userid}'),
    { user: false, role: false },
  ],
  [
    'a tag of the principal as a variable',
    statement({ Resource: 'arn:aws:s3:::${aws:PrincipalTag/team}' }),
    { user: false, role: false },
  ],
  ['an unknown variable', statement({ Resource: '${aws:SomethingNew}' }), { user: false, role: false }],
  [
    'a variable in a condition’s value',
    statement({ Condition: { StringEquals: { 'aws:ResourceTag/owner': '${aws:userid}' } } }),
    { user: false, role: false },
  ],
  ['aws:PrincipalTag', condition('aws:PrincipalTag/team'), { user: false, role: false }],
  ['aws:PrincipalArn', condition('AWS:principalarn', 'ArnLike'), { user: false, role: false }],
  ['aws:PrincipalType', condition('aws:PrincipalType'), { user: false, role: false }],
  ['aws:PrincipalAccount', condition('aws:PrincipalAccount'), { user: false, role: false }],
  ['aws:userid', condition('aws:userid'), { user: false, role: false }],
  ['aws:username', condition('aws:UserName', 'Null'), { user: false, role: true }],
  ['an unknown key', condition('aws:SomethingNew'), { user: false, role: false }],
  ['an identity provider’s key', condition('graph.facebook.com:id'), { user: false, role: false }],
  ['the session’s name', condition('sts:RoleSessionName'), { user: false, role: false }],
  ['the time', condition('aws:CurrentTime', 'DateLessThan'), { user: false, role: false }],
  ['a tag of the resource', condition('aws:ResourceTag/team'), { user: true, role: true }],
  ['a service’s own key', condition('s3:prefix'), { user: true, role: true }],
  ['text that is not JSON', '{', { user: false, role: false }],
  ['an invalid condition', statement({ Condition: { StringEquals: 'x' } }), { user: false, role: false }],
])('a policy that depends on %s', (_, document, expected) => {
  expect(policyTraits(document).independent).toEqual(expected);
});

test('a policy is timeless unless it depends on the time', () => {
  expect(policyTraits(condition('aws:EpochTime', 'NumericLessThan')).timeless).toBe(false);
  expect(policyTraits(condition('aws:PrincipalTag/team')).timeless).toBe(true);
});

const keys = [
  'aws:PrincipalTag/team',
  'aws:username',
  'aws:userid',
  'aws:PrincipalArn',
  'aws:PrincipalType',
  'aws:ResourceTag/team',
  'aws:RequestTag/team',
  's3:prefix',
  'aws:MultiFactorAuthPresent',
  'aws:SourceIp',
];
const operators = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringEqualsIfExists',
  'ForAllValues:StringEquals',
  'ForAnyValue:StringLike',
  'Null',
  'Bool',
];
const texts = [
  'red',
  'blue',
  'true',
  'false',
  '*',
  '${aws:username}',
  '${aws:PrincipalTag/team}',
  "${aws:username, 'red'}",
  '${*}',
];
const resources = [
  '*',
  'arn:aws:s3:::red/*',
  'arn:aws:s3:::${aws:username}/*',
  'arn:aws:s3:::${aws:PrincipalTag/team}/*',
  "arn:aws:s3:::${aws:username, 'red'}/*",
  'arn:aws:s3:::u?er/${*}',
];
const actions = ['s3:GetObject', 'iam:PassRole', 'kms:Decrypt'];

const documents = fc
  .array(
    fc.record(
      {
        Effect: fc.constantFrom('Allow', 'Deny'),
        Action: fc.constantFrom('*', 's3:*', ...actions),
        Resource: fc.constantFrom(...resources),
        Condition: fc.dictionary(
          fc.constantFrom(...operators),
          fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...texts), { minKeys: 1, maxKeys: 2 }),
          { maxKeys: 2 },
        ),
      },
      { requiredKeys: ['Effect', 'Action', 'Resource'] },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((statements): PolicyDocument => ({ Statement: statements }));

type Principal = EmulatedUser | EmulatedRole;
const account: EmulatedAccount = generateAccount({ seed: 3, accountId: '111122223333', users: 4, roles: 4, now: NOW });
const pairs: Record<'user' | 'role', Principal[]> = {
  user: [...account.users.values()].slice(0, 2),
  role: [...account.roles.values()].slice(0, 2),
};
for (const [first, second] of Object.values(pairs)) {
  first!.tags = { team: 'red' };
  second!.tags = { team: 'blue' };
}

function decisionsOf(principal: Principal, document: PolicyDocument, resourceArns: readonly string[]): string {
  principal.attachedPolicyArns = [];
  principal.permissionsBoundaryArn = null;
  if ('groupNames' in principal) principal.groupNames = [];
  principal.inlinePolicies = [{ name: 'own', document }];
  const results = simulatePrincipal(account, principal.arn, {
    actionNames: actions,
    resourceArns,
    contextEntries: [],
    now: NOW,
  });
  return JSON.stringify(
    results.map(({ action, decision, missingContext, resources: each }) => [
      action,
      decision,
      missingContext,
      each.map(({ arn, decision: kind }) => [arn, kind]),
    ]),
  );
}

describe.each(['user', 'role'] as const)('two of type %s', (type) => {
  test('with the same independent policy get the same decisions, for all resources', () => {
    let independent = 0;
    fc.assert(
      fc.property(documents, (document) => {
        if (!policyTraits(JSON.stringify(document)).independent[type]) return;
        independent += 1;
        const [first, second] = pairs[type];
        for (const arns of [[], ['arn:aws:s3:::red/x', 'arn:aws:s3:::user-1/x', `arn:aws:s3:::${second!.name}/x`]]) {
          expect(decisionsOf(first!, document, arns)).toBe(decisionsOf(second!, document, arns));
        }
      }),
      { numRuns: 3_000, seed: 1 },
    );
    expect(independent).toBeGreaterThan(300);
  });

  test('with policies that differ only in values of tags get the same decisions for *', () => {
    let compared = 0;
    fc.assert(
      fc.property(documents, fc.constantFrom('red', 'true', 'false', 'x*'), (document, value) => {
        const text = JSON.stringify(document);
        const other = text.replace(/("aws:(?:Resource|Request)Tag\/team"):"[^"]*"/g, `$1:"${value}"`);
        const traits = [policyTraits(text), policyTraits(other)];
        if (text === other || traits.some(({ independent }) => !independent[type])) return;
        if (JSON.stringify(traits[0]!.shapeForAnyResource) !== JSON.stringify(traits[1]!.shapeForAnyResource)) return;
        compared += 1;
        const [first, second] = pairs[type];
        expect(decisionsOf(first!, document, [])).toBe(decisionsOf(second!, JSON.parse(other) as PolicyDocument, []));
      }),
      { numRuns: 5_000, seed: 1 },
    );
    expect(compared).toBeGreaterThan(30);
  });
});

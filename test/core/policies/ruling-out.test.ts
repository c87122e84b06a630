import fc from 'fast-check';
import { catalogue } from '../../../core/catalogue/catalogue.ts';
import { AccountPolicies } from '../../../core/inventory/account-policies.ts';
import { PolicyCompiler, possibleActions } from '../../../core/policies/ruling-out.ts';
import type { AccountRole, AccountUser } from '../../../core/ports/iam.ts';
import type { EmulatedAccount, EmulatedRole, EmulatedUser } from '../../../local/emulated-aws/account.ts';
import { simulatePrincipal } from '../../../local/emulated-aws/evaluation/simulate.ts';
import { generateAccount } from '../../../local/emulated-aws/generate/account.ts';

const names = ['iam:PassRole', 'iam:CreateUser', 's3:GetObject', 'lambda:InvokeFunction', 'sts:AssumeRole'];

const possible = (...documents: unknown[]): string[] => {
  const compiler = new PolicyCompiler(names);
  const policies = documents.map((document) =>
    compiler.compile(typeof document === 'string' ? document : JSON.stringify(document)),
  );
  return possibleActions(policies, names.length).map((index) => names[index]!);
};

test.each([
  ['an exact name, in any case', { Effect: 'Allow', Action: 'IAM:passROLE', Resource: '*' }, ['iam:PassRole']],
  ['a star', { Effect: 'Allow', Action: ['iam:*User'], Resource: '*' }, ['iam:CreateUser']],
  ['a question mark', { Effect: 'Allow', Action: 's3:GetObjec?', Resource: '*' }, ['s3:GetObject']],
  [
    'a narrow resource rules nothing out',
    { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::b/*' },
    ['s3:GetObject'],
  ],
  [
    'a condition rules nothing out',
    { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } },
    ['s3:GetObject'],
  ],
  [
    'NotAction matches all other actions',
    { Effect: 'Allow', NotAction: ['iam:*', 'sts:*'], Resource: '*' },
    ['s3:GetObject', 'lambda:InvokeFunction'],
  ],
  ['a Deny allows nothing', { Effect: 'Deny', Action: '*', Resource: '*' }, []],
])('%s', (_name, Statement, expected) => {
  expect(possible({ Version: '2012-10-17', Statement })).toEqual(expected);
});

test('a Deny in addition to an Allow rules nothing out', () => {
  const allow = { Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' };
  expect(possible({ Statement: [allow, { Effect: 'Deny', Action: '*', Resource: '*' }] })).toEqual(['iam:PassRole']);
});

test('a policy that can’t be read may allow anything, and never throws', () => {
  expect(possible('{"Statement":')).toEqual(names);
  expect(possible({ Statement: [{ Effect: 'Allow', Action: 7 }] })).toEqual(names);
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => possible(text).length <= names.length));
});

/** An independent implementation of pattern matching, which compares the texts character by character. */
function allows(pattern: string, action: string): boolean {
  const [p, a] = [pattern.toLowerCase(), action.toLowerCase()];
  const reach = (i: number, j: number): boolean =>
    i === p.length
      ? j === a.length
      : p[i] === '*'
        ? reach(i + 1, j) || (j < a.length && reach(i, j + 1))
        : j < a.length && (p[i] === '?' || p[i] === a[j]) && reach(i + 1, j + 1);
  return reach(0, 0);
}

test('for any patterns, no action that an Allow matches is ruled out', () => {
  const piece = fc.constantFrom('*', '?', 'iam:', 's3:', 'Pass', 'Role', 'Get', 'Object', 'a', 'S');
  const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.boolean(), (patterns, negated) => {
      const found = possible({
        Statement: { Effect: 'Allow', [negated ? 'NotAction' : 'Action']: patterns, Resource: '*' },
      });
      const expected = names.filter((name) => patterns.some((one) => allows(one, name)) !== negated);
      expect(found).toEqual(expected);
    }),
  );
});

const documents = (policies: EmulatedUser['inlinePolicies']): { name: string; document: string }[] =>
  policies.map(({ name, document }) => ({ name, document: JSON.stringify(document) }));

function scopes(account: EmulatedAccount): AccountPolicies {
  const policies = new AccountPolicies(null);
  policies.addGroups(
    [...account.groups.values()].map((group) => ({
      ...group,
      createdAt: '',
      inlinePolicies: documents(group.inlinePolicies),
    })),
  );
  policies.addPolicies(
    [...account.policies.values()].map(({ arn, versions }) => ({
      arn,
      defaultDocument: JSON.stringify(versions.find(({ isDefault }) => isDefault)?.document),
      otherVersions: [],
    })),
  );
  return policies;
}

test('in generated accounts, no action that simulation allows on * or a named resource is ruled out', async () => {
  const account = generateAccount({ seed: 5, accountId: '111122223333', users: 60, roles: 140, now: 0 });
  const policies = scopes(account);
  const all = catalogue.map(({ action }) => action);
  let allowed = 0;
  for (const principal of [...account.users.values(), ...account.roles.values()] as (EmulatedUser | EmulatedRole)[]) {
    const type = 'groupNames' in principal ? ('user' as const) : ('role' as const);
    const detail = { ...principal, createdAt: '', inlinePolicies: documents(principal.inlinePolicies) } as unknown as
      AccountUser | AccountRole;
    const identity = {
      accountId: account.accountId,
      arn: principal.arn,
      type,
      name: principal.name,
      path: principal.path,
      principalId: principal.id,
      createdAt: '',
      tags: principal.tags,
    };
    const scope = await policies.describe(identity, detail);
    expect(scope.actions.length + scope.ruledOut).toBe(all.length);
    const named = [...new Set(scope.narrower.flatMap(({ resources }) => resources))];
    const request = { actionNames: all, contextEntries: [], now: 0 };
    for (const result of simulatePrincipal(account, principal.arn, { ...request, resourceArns: named })) {
      const somewhere =
        named.length === 0
          ? result.decision === 'allowed'
          : result.resources.some(({ decision }) => decision === 'allowed');
      if (!somewhere) continue;
      allowed += 1;
      expect(scope.actions).toContain(result.action);
    }
  }
  expect(allowed).toBeGreaterThan(500);
});

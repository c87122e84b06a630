import { findingsAbout, readCase, scanned } from '../../support/scanned-case.ts';

const pathsOf = async (name: string): Promise<Record<string, string>> => {
  const { findings } = await scanned(readCase(name));
  const found = findings.filter(({ rule }) => rule === 'escalation-path');
  return Object.fromEntries(
    found.map(({ principalArn, severity, evidence }) => [
      principalArn.split('/').at(-1) ?? '',
      `${severity} ${String(evidence['certainty'])} ${(evidence['worst'] as string[]).join(' > ')}`,
    ]),
  );
};

/** By case: the worst path of each principal that has one. Every other principal of the account has none. */
test.each([
  ['chain-of-roles', { starter: 'critical certain sts-001 > sts-001', middle: 'critical certain sts-001' }],
  [
    'create-a-role',
    { maker: 'critical certain create-role-attach-policy', namer: 'critical certain create-role-put-policy' },
  ],
  ['default-version-nothing-to-go-back-to', { returner: 'critical certain set-default-policy-version' }],
  ['group-policy-without-group', { insider: 'critical certain iam-011' }],
  ['one-principal-fifty-findings', { broad: 'critical certain iam-007' }],
  ['passed-to-service', { 'lambda-hand': 'critical certain lambda-001' }],
  ['policy-version-of-own-policy', { owner: 'critical certain iam-001' }],
  ['region-deny-scp', { deployer: 'critical certain lambda-001' }],
  ['service-trust-with-source', { 'lambda-hand': 'high conditional lambda-001' }],
  ['trust-names-principal', { clerk: 'critical certain sts-001', worker: 'critical certain sts-001' }],
  ['update-password-of-users-without', {}],
  ['who-over-accounts', {}],
])('%s: the right principals have escalation paths', async (name, expected) => {
  expect(await pathsOf(name)).toEqual(expected);
});

test('a limit to one Region does not limit what can be done there; IAM answers in us-east-1 only', async () => {
  const lambda = 'critical certain lambda-001';
  expect(await pathsOf('region-boundary')).toEqual({ deployer: lambda, pilot: lambda });
  const { records } = await scanned(readCase('region-boundary'));
  const pilot = records.find(({ name }) => name === 'pilot');
  const decisionOf = (action: string) => pilot?.permissions.decisions.find((one) => one.action === action);
  expect(decisionOf('lambda:CreateFunction')).toMatchObject({ decision: 'allowed', missingContext: [] });
  expect(decisionOf('iam:PassRole')).toMatchObject({ decision: 'allowed', missingContext: [] });
  expect(decisionOf('iam:CreateUser')).toMatchObject({ decision: 'implicitDeny', missingContext: [] });
});

test('a principal with many paths has one finding about them', async () => {
  const result = await scanned(readCase('one-principal-fifty-findings'));
  expect(findingsAbout(result, 'broad')).toEqual([
    expect.stringMatching(
      /^critical escalation-path: User broad can become an administrator by .*, and in \d+ other ways$/,
    ),
  ]);
});

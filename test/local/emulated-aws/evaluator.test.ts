import { generateAccount } from '../../../local/emulated-aws/generate/account.ts';
import { simulatePrincipal } from '../../../local/emulated-aws/evaluation/simulate.ts';
import type { EmulatedAccount, EmulatedRole, EmulatedUser } from '../../../local/emulated-aws/account.ts';
import { simulationCases, simulationTables, type SimulationCase, type Statements } from '../../support/policy-cases.ts';

const ACCOUNT = '111122223333';
const NOW = Date.parse('2026-11-23T04:00:00Z');
const document = (statements: Statements) => ({ Version: '2012-10-17', Statement: statements });
const policyArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:policy/${name}`;

/** An account with the policies of the case, and the ARN of alice. She is a user, or a role if the case says so. */
function accountOf(wanted: SimulationCase): { account: EmulatedAccount; arn: string } {
  const account = generateAccount({ seed: 1, accountId: ACCOUNT, users: 1, roles: 1, now: NOW });
  const add = (name: string, statements: Statements): string => {
    const arn = policyArn(name);
    const older = { id: 'v1', isDefault: false, createdAt: NOW, document: document([]) };
    const version = { id: 'v2', isDefault: true, createdAt: NOW, document: document(statements) };
    account.policies.set(arn, {
      arn,
      name,
      path: '/',
      policyId: 'ANPA',
      createdAt: NOW,
      versions: [version, older],
    });
    return arn;
  };
  const type = wanted.principal ?? 'user';
  const [user] = [...account.users.values()];
  const [role] = [...account.roles.values()];
  const arn = `arn:aws:iam::${ACCOUNT}:${type}/alice`;
  const changed = {
    arn,
    name: 'alice',
    path: '/',
    inlinePolicies: [{ name: 'own', document: document(wanted.statements) }],
    attachedPolicyArns: wanted.managed === undefined ? [] : [add('managed', wanted.managed)],
    permissionsBoundaryArn: wanted.boundary === undefined ? null : add('boundary', wanted.boundary),
    tags: { ...wanted.tags },
  };
  if (type === 'user') {
    const alice: EmulatedUser = { ...user!, ...changed, groupNames: wanted.group === undefined ? [] : ['developers'] };
    account.users.set('alice', alice);
  } else {
    const alice: EmulatedRole = { ...role!, ...changed };
    account.roles.set('alice', alice);
  }
  const developers = account.groups.get('developers')!;
  developers.inlinePolicies = [{ name: 'own', document: document(wanted.group ?? []) }];
  developers.attachedPolicyArns = [];
  account.serviceControlPolicies = wanted.scps?.map((level) => level.map(document)) ?? null;
  return { account, arn };
}

describe.each(simulationTables)('%s', (table) => {
  test.each(simulationCases(table).map((wanted) => [wanted.name, wanted] as const))('%s', (_name, wanted) => {
    const { account, arn } = accountOf(wanted);
    const [result] = simulatePrincipal(account, arn, {
      actionNames: [wanted.action],
      resourceArns: wanted.resource === undefined ? [] : [wanted.resource],
      contextEntries: Object.entries(wanted.context ?? {}).map(([name, values]) => ({ name, values })),
      now: NOW,
    });
    expect(result?.decision).toBe(wanted.decision);
    expect(result?.missingContext).toEqual(wanted.missing ?? []);
    if (wanted.byBoundary !== undefined) expect(result?.allowedByBoundary).toBe(wanted.byBoundary);
    if (wanted.byOrganizations !== undefined) expect(result?.allowedByOrganizations).toBe(wanted.byOrganizations);
  });
});

test('an unknown condition operator is an error, not a decision', () => {
  const { account, arn } = accountOf({
    name: '',
    statements: [
      { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringMatches: { 'aws:PrincipalArn': 'x' } } },
    ],
    action: 's3:GetObject',
    decision: '',
  });
  const request = { actionNames: ['s3:GetObject'], resourceArns: [], contextEntries: [], now: NOW };
  expect(() => simulatePrincipal(account, arn, request)).toThrow('StringMatches');
});

import * as v from 'valibot';
import { PolicyLine } from '../../../core/contract/policies.ts';
import type { AccountRole, AccountUser } from '../../../core/ports/iam.ts';
import { AccountPolicies } from '../../../core/inventory/account-policies.ts';

const entity = (name: string) => ({
  arn: `arn:aws:iam::111122223333:x/${name}`,
  name,
  path: '/',
  id: `ID${name}`,
  createdAt: '2026-01-01T00:00:00Z',
  inlinePolicies: [{ name: 'own', document: `{"of":"${name}"}` }],
  attachedPolicyArns: ['arn:shared'],
});
const user = (name: string, groupNames: string[]): AccountUser => ({
  ...entity(name),
  permissionsBoundaryArn: null,
  tags: {},
  groupNames,
});

test('a shared document is written once, before the first principal that uses it; unused documents are not written', () => {
  const policies = new AccountPolicies(null);
  policies.addGroups([entity('developers'), entity('unused')]);
  policies.addPolicies([
    { arn: 'arn:shared', defaultDocument: '{"shared":true}' },
    { arn: 'arn:boundary', defaultDocument: null },
    { arn: 'arn:unused', defaultDocument: '{}' },
  ]);
  const role: AccountRole = {
    ...entity('deploy'),
    permissionsBoundaryArn: 'arn:boundary',
    tags: {},
    trustPolicy: '{}',
    lastUsedAt: null,
  };
  const written = new Set<string>();
  const lines = [user('ann', ['developers', 'late']), role, user('bob', ['developers'])].flatMap((principal) => [
    ...policies.lines(principal, written),
  ]);
  for (const line of lines) expect(v.safeParse(PolicyLine, JSON.parse(JSON.stringify(line))).issues).toBeUndefined();
  const own = (name: string) => ({ inline: entity(name).inlinePolicies, attached: ['arn:shared'] });
  const principal = (name: string, groups: string[], boundary: string | null) => ({
    kind: 'principal',
    arn: entity(name).arn,
    ...own(name),
    groups,
    boundary,
  });
  expect(lines).toEqual([
    { kind: 'managed', arn: 'arn:shared', document: '{"shared":true}' },
    { kind: 'group', name: 'developers', policies: own('developers') },
    { kind: 'group', name: 'late', policies: null },
    principal('ann', ['developers', 'late'], null),
    { kind: 'managed', arn: 'arn:boundary', document: null },
    principal('deploy', [], 'arn:boundary'),
    principal('bob', ['developers'], null),
  ]);
});

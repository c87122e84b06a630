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

test('the account’s groups and customer policies are written first, each once; an unused policy of AWS is not written', () => {
  const policies = new AccountPolicies(null);
  policies.addGroups([entity('developers'), entity('unused')]);
  policies.addPolicies([
    { arn: 'arn:shared', defaultDocument: '{"shared":true}', otherVersions: [{ id: 'v1', document: '{}' }] },
    { arn: 'arn:boundary', defaultDocument: null, otherVersions: [] },
    { arn: 'arn:aws:iam::aws:policy/Unused', defaultDocument: '{}', otherVersions: [] },
  ]);
  const role: AccountRole = {
    ...entity('deploy'),
    permissionsBoundaryArn: 'arn:boundary',
    tags: {},
    trustPolicy: '{"Statement":[]}',
    instanceProfiles: ['deploy'],
    lastUsedAt: null,
  };
  const written = new Set<string>();
  const lines = [...policies.accountLines(written)];
  for (const principal of [user('ann', ['developers', 'late']), role, user('bob', ['developers'])]) {
    lines.push(...policies.lines(principal, written));
  }
  for (const line of lines) expect(v.safeParse(PolicyLine, JSON.parse(JSON.stringify(line))).issues).toBeUndefined();
  const own = (name: string) => ({ inline: entity(name).inlinePolicies, attached: ['arn:shared'] });
  const principal = (name: string, groups: string[], boundary: string | null) => ({
    kind: 'principal',
    arn: entity(name).arn,
    ...own(name),
    groups,
    boundary,
    trust: name === 'deploy' ? '{"Statement":[]}' : null,
    instanceProfiles: name === 'deploy' ? ['deploy'] : null,
  });
  expect(lines).toEqual([
    { kind: 'managed', arn: 'arn:shared', document: '{"shared":true}', otherVersions: [{ id: 'v1', document: '{}' }] },
    { kind: 'managed', arn: 'arn:boundary', document: null, otherVersions: [] },
    { kind: 'group', name: 'developers', arn: entity('developers').arn, policies: own('developers') },
    { kind: 'group', name: 'unused', arn: entity('unused').arn, policies: own('unused') },
    { kind: 'group', name: 'late', arn: null, policies: null },
    principal('ann', ['developers', 'late'], null),
    principal('deploy', [], 'arn:boundary'),
    principal('bob', ['developers'], null),
  ]);
});

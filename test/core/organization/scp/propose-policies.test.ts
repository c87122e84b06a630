import * as fc from 'fast-check';
import * as v from 'valibot';
import {
  ProposedPolicies,
  type OrganizationUseLine,
  type ServiceOfEntity,
} from '../../../../core/contract/organization-use/organization-use.ts';
import type { Organization, OrganizationUnit } from '../../../../core/contract/organization.ts';
import { charactersOf, denyPolicies, MAX_POLICY_CHARACTERS } from '../../../../core/organization/scp/deny-policies.ts';
import { isNeverProposed } from '../../../../core/organization/scp/never-proposed.ts';
import { proposePolicies } from '../../../../core/organization/scp/propose-policies.ts';
import { ServiceUse } from '../../../../core/organization/scp/service-use.ts';

const RUN = '20261123T040000Z-abcdef';
const AS_OF = '2026-11-23T04:10:00.000Z';
const MANAGEMENT = '100000000000';
const [A, B, C] = ['100000000001', '100000000002', '100000000003'] as const;
const root = { id: 'r-root', name: 'Root' };
const prod = { id: 'ou-root-prod0000', name: 'Prod' };
const inner = { id: 'ou-root-inner000', name: 'Inner' };

type Places = Readonly<Record<string, OrganizationUnit[] | null>>;
const places: Places = { [MANAGEMENT]: [root], [A]: [root, prod], [B]: [root, prod, inner], [C]: [root] };

const organizationOf = (
  attachedPolicies?: Record<string, number>,
  states: Readonly<Record<string, string>> = {},
  of: Places = places,
): Organization => ({
  schemaVersion: 1,
  readAt: AS_OF,
  membership: 'member',
  organizationId: 'o-one',
  managementAccountId: MANAGEMENT,
  ...(attachedPolicies === undefined ? {} : { attachedPolicies }),
  accounts: Object.entries(of).map(([accountId, units]) => ({
    accountId,
    name: null,
    state: states[accountId] ?? 'ACTIVE',
    units,
    serviceControlPolicies: null,
    resourceControlPolicies: null,
  })),
  problems: [],
});

const service = (namespace: string, used: boolean): ServiceOfEntity => ({
  namespace,
  name: `name of ${namespace}`,
  lastAuthenticated: used ? '2026-05-01T00:00:00.000Z' : null,
  region: null,
  entities: used ? 1 : 0,
});

/** By entity: used and unused namespaces. Null: there is no report. */
type Reports = Readonly<Record<string, { used?: readonly string[]; unused?: readonly string[] } | null>>;

function useOf(reports: Reports): ServiceUse {
  const use = new ServiceUse();
  for (const [id, report] of Object.entries(reports)) {
    const kind: OrganizationUseLine['kind'] = /^\d/.test(id) ? 'account' : id === root.id ? 'root' : 'unit';
    const { used = [], unused = [] } = report ?? {};
    const services = [...used.map((one) => service(one, true)), ...unused.map((one) => service(one, false))];
    use.add({
      id,
      kind,
      name: null,
      path: id,
      asOf: report === null ? null : AS_OF,
      carriedFrom: null,
      services: report === null ? null : services,
      problem: report === null ? { code: 'INTERNAL_ERROR', message: 'no' } : null,
    });
  }
  return use;
}

const proposedAt = (reports: Reports, organization = organizationOf()): Record<string, ProposedPolicies> =>
  Object.fromEntries(
    proposePolicies(RUN, organization, useOf(reports)).map(({ proposed }) => [
      proposed.unit.id,
      v.parse(ProposedPolicies, proposed),
    ]),
  );
const deniedAt = (reports: Reports, organization = organizationOf()): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(proposedAt(reports, organization)).map(([id, { policies }]) => [
      id,
      policies.flatMap(({ document }) => document.Statement.flatMap(({ Action }) => Action)),
    ]),
  );

const all = ['connect', 'iot', 's3'];
const reports: Reports = {
  [root.id]: { used: ['s3', 'iot'], unused: ['connect'] },
  [prod.id]: { used: ['s3'], unused: ['connect', 'iot'] },
  [inner.id]: { unused: all },
  [A]: { used: ['s3'], unused: ['connect', 'iot'] },
  [B]: { unused: all },
  [C]: { used: ['iot'], unused: ['connect', 's3'] },
};

test('a unit denies what nobody below it used, and does not repeat what is proposed above', () => {
  expect(deniedAt(reports)).toEqual({ [root.id]: ['connect:*'], [prod.id]: ['iot:*'], [inner.id]: ['s3:*'] });
});

test('the use of the management account does not matter', () => {
  const used = { ...reports, [MANAGEMENT]: { used: ['connect'] } };
  expect(deniedAt(used)[root.id]).toEqual(['connect:*']);
  // It needs no report either.
  expect(deniedAt({ ...reports, [MANAGEMENT]: null })[root.id]).toEqual(['connect:*']);
});

test('a service that only the report of an account shows as used is not denied above it', () => {
  expect(deniedAt({ ...reports, [B]: { used: ['iot'], unused: ['connect', 's3'] } })).toEqual({
    [root.id]: ['connect:*'],
    [prod.id]: [],
    [inner.id]: ['s3:*'],
  });
});

test('services with one namespace are used if one of them is', () => {
  const twice = { ...reports, [root.id]: { used: ['connect', 's3', 'iot'], unused: ['connect'] } };
  expect(deniedAt(twice)[root.id]).toEqual([]);
});

test.each([
  ['of an account below', { [B]: null }, [root.id, prod.id, inner.id], `There is no report of account ${B}`],
  ['of the unit', { [prod.id]: null }, [prod.id], 'There is no report of the unit.'],
])('nothing is proposed without a report %s', (_name, missing, without, reason) => {
  const found = proposedAt({ ...reports, ...missing });
  for (const [id, { policies, services, reason: because, asOf }] of Object.entries(found)) {
    const isWithout = without.includes(id);
    expect([id, policies.length === 0, services.length === 0]).toEqual([id, isWithout, isWithout]);
    if (isWithout) expect([because?.startsWith(reason), asOf]).toEqual([true, null]);
  }
});

test('an account whose place is not known may be anywhere: nothing is proposed, and the reason names it', () => {
  const found = proposedAt(reports, organizationOf({}, {}, { ...places, '100000000009': null }));
  for (const { policies, reason } of Object.values(found)) {
    expect(policies).toEqual([]);
    expect(reason).toBe('The unit of account 100000000009 is not known, so it may be below this unit.');
  }
});

test('a suspended account needs no report, and the caveats say so', () => {
  const found = proposedAt({ ...reports, [B]: null }, organizationOf({}, { [B]: 'SUSPENDED' }));
  expect(Object.keys(found)).toEqual([root.id, prod.id]);
  expect(found[prod.id]).toMatchObject({ accounts: 1, services: [{ namespace: 'iot', name: 'name of iot' }] });
  expect(found[prod.id]?.caveats.at(-1)).toContain('1 account is suspended');
});

test('services that an account or an emergency needs are never proposed', () => {
  const needed = ['iam', 'sts', 'organizations', 'account', 'support', 'health', 'billing', 'cloudtrail', 'guardduty'];
  expect(needed.filter((one) => !isNeverProposed(one))).toEqual([]);
  const unused = { unused: [...needed, 'connect', 'Odd*'] };
  const entities = Object.keys(reports).map((id) => [id, unused] as const);
  expect(deniedAt(Object.fromEntries(entities))).toEqual({ [root.id]: ['connect:*'], [prod.id]: [], [inner.id]: [] });
});

const many = Array.from({ length: 800 }, (_, n) => `service-${n}`);
const unusedEverywhere: Reports = Object.fromEntries(Object.keys(reports).map((id) => [id, { unused: many }]));

test.each([
  [{ [root.id]: 1 }, null],
  [{ [root.id]: 4 }, 'The unit has 1 free attachment, and the proposal needs 3'],
  [{ [root.id]: 7 }, 'The unit has 0 free attachments'],
  [undefined, 'It is not known how many policies are attached'],
])(
  'a proposal that is too large for one policy is split; with %j attached it says whether it fits',
  (attached, text) => {
    const { policies, attachments } = proposedAt(unusedEverywhere, organizationOf(attached))[root.id]!;
    expect(policies).toHaveLength(3);
    expect(policies.map(({ name }) => name)).toEqual([1, 2, 3].map((n) => `deny-unused-${root.id}-${n}`));
    for (const { characters, document } of policies) {
      expect(characters).toBe(JSON.stringify(document).length);
      expect(characters).toBeLessThanOrEqual(MAX_POLICY_CHARACTERS);
    }
    if (text === null) expect(attachments).toBeNull();
    else expect(attachments).toContain(text);
  },
);

const namespace = fc.stringMatching(/^[a-z][a-z0-9-]{0,40}$/);

test('policies contain each service once, in the given order, within the maximum size and without a gap', () => {
  fc.assert(
    fc.property(fc.uniqueArray(namespace, { maxLength: 900, size: 'max' }), (namespaces) => {
      const policies = denyPolicies(namespaces);
      const actions = policies.map(({ Statement }) => Statement.flatMap(({ Action }) => Action));
      expect(actions.flat()).toEqual(namespaces.map((one) => `${one}:*`));
      policies.forEach((policy, n) => {
        const characters = charactersOf(policy);
        expect(characters).toBeLessThanOrEqual(MAX_POLICY_CHARACTERS);
        const [next] = actions[n + 1] ?? [];
        // The first service of the next policy did not fit.
        if (next !== undefined) expect(characters + next.length + 3).toBeGreaterThan(MAX_POLICY_CHARACTERS);
      });
    }),
    { numRuns: 60, seed: 1 },
  );
});

const known = ['connect', 'iot', 's3', 'iam', 'ses', 'mq'];
const report = fc.option(fc.record({ used: fc.subarray(known), unused: fc.subarray(known) }), { nil: null, freq: 12 });
const anyReports = fc.record(Object.fromEntries([...Object.keys(reports), MANAGEMENT].map((id) => [id, report])));
const below: Readonly<Record<string, readonly string[]>> = {
  [root.id]: [A, B, C],
  [prod.id]: [A, B],
  [inner.id]: [B],
};

test('no service that a report shows as used is ever denied, and nothing where a report is missing', () => {
  fc.assert(
    fc.property(anyReports, (random) => {
      const denied = deniedAt(random);
      for (const [unit, accounts] of Object.entries(below)) {
        const own = [unit, ...accounts].map((id) => random[id] ?? null);
        const namespaces = (denied[unit] ?? []).map((action) => action.slice(0, -2));
        if (own.includes(null)) expect(namespaces).toEqual([]);
        const used = own.flatMap((one) => one?.used ?? []);
        expect(namespaces.filter((one) => used.includes(one) || isNeverProposed(one))).toEqual([]);
        // Only what the unit is allowed today, and nothing twice on the way from the root down.
        const allowed = [...(random[unit]?.used ?? []), ...(random[unit]?.unused ?? [])];
        expect(namespaces.filter((one) => !allowed.includes(one))).toEqual([]);
      }
      const path = [...denied[root.id]!, ...denied[prod.id]!, ...denied[inner.id]!];
      expect(new Set(path).size).toBe(path.length);
    }),
    { numRuns: 400, seed: 1 },
  );
});

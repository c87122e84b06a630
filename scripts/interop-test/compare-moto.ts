import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { SdkAccountAccess } from '../../aws/account-access.ts';
import type { AuthorizationFilter, AuthorizationPage, NamedDocument } from '../../core/ports/iam.ts';
import type { OrganizationPage, OrganizationSession } from '../../core/ports/organization-reader.ts';
import { CallLedger } from '../../core/ports/calls/call-ledger.ts';
import { systemClock } from '../../lambda/runtime/system-clock.ts';
import { withJsonNamed } from './moto.ts';
import { runPython } from './python.ts';

const Inline = v.record(v.string(), v.unknown());
const Principal = v.object({
  name: v.string(),
  path: v.string(),
  id: v.string(),
  /** In ms since 1970. */
  createdAt: v.number(),
  inline: Inline,
  attached: v.array(v.string()),
  boundary: v.nullable(v.string()),
  tags: v.record(v.string(), v.string()),
  groups: v.optional(v.array(v.string())),
  trust: v.optional(v.unknown()),
  profiles: v.optional(v.array(v.string())),
});
const Read = v.object({
  users: v.record(v.string(), Principal),
  roles: v.record(v.string(), Principal),
  groups: v.record(v.string(), v.object({ inline: Inline, attached: v.array(v.string()) })),
  policies: v.record(v.string(), v.object({ document: v.unknown(), others: v.number() })),
  hasPasswordPolicy: v.boolean(),
  organization: v.object({
    id: v.string(),
    managementAccountId: v.string(),
    accounts: v.array(v.string()),
    parents: v.record(v.string(), v.object({ accounts: v.array(v.string()), units: v.array(v.string()) })),
    policies: v.record(v.string(), v.object({ targets: v.array(v.string()), content: v.unknown() })),
  }),
});
type Read = v.InferOutput<typeof Read>;

const sorted = (texts: readonly string[]): string[] => [...texts].sort();

const inlineOf = (policies: readonly NamedDocument[]): Record<string, unknown> =>
  Object.fromEntries(policies.map(({ name, document }) => [name, JSON.parse(document)]));

type Detail = AuthorizationPage['users'][number] | AuthorizationPage['roles'][number];

const principalOf = (detail: Detail): v.InferOutput<typeof Principal> => ({
  name: detail.name,
  path: detail.path,
  id: detail.id,
  createdAt: Date.parse(detail.createdAt),
  inline: inlineOf(detail.inlinePolicies),
  attached: sorted(detail.attachedPolicyArns),
  boundary: detail.permissionsBoundaryArn,
  tags: { ...detail.tags },
  ...('groupNames' in detail
    ? { groups: sorted(detail.groupNames) }
    : { trust: JSON.parse(detail.trustPolicy), profiles: sorted(detail.instanceProfiles) }),
});

/**
 * `found` with the dates of `wanted` where they are the same instant. moto answers with microseconds, which boto3 keeps and
 * the SDK for JavaScript rounds to milliseconds.
 */
function withDatesOf(
  wanted: Readonly<Record<string, v.InferOutput<typeof Principal>>>,
  found: Readonly<Record<string, v.InferOutput<typeof Principal>>>,
): Record<string, v.InferOutput<typeof Principal>> {
  return Object.fromEntries(
    Object.entries(found).map(([arn, principal]) => {
      const createdAt = wanted[arn]?.createdAt ?? principal.createdAt;
      return [arn, Math.abs(createdAt - principal.createdAt) > 1 ? principal : { ...principal, createdAt }];
    }),
  );
}

/** What the audit's own adapters read. The member role of the session is assumed in moto's STS. */
async function readWithAdapters(url: string): Promise<Read> {
  const settings = {
    credentials: () => Promise.resolve({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' }),
    region: 'us-east-1',
    endpoint: url,
  };
  const access = new SdkAccountAccess(
    { ...settings, memberRole: { roleName: 'role-0', externalId: 'external-id' } },
    systemClock,
  );
  const accountId = await access.ownAccountId();
  const { iam } = await access.open({
    ...{ accountId, runId: '20261123T040000Z-abcdef', workMs: 60_000, calls: new CallLedger() },
    actions: ['iam:GetAccountAuthorizationDetails'],
  });
  const kinds: readonly (readonly AuthorizationFilter[])[] = [
    ['Group', 'LocalManagedPolicy', 'AWSManagedPolicy'],
    ['User', 'Role'],
  ];
  const read: Omit<Read, 'organization'> = {
    ...{ users: {}, roles: {}, groups: {}, policies: {} },
    hasPasswordPolicy: (await iam.passwordPolicy()).exists,
  };
  for (const filter of kinds) {
    let marker: string | null = null;
    do {
      const page: AuthorizationPage = await iam.authorizationPage(filter, marker);
      for (const user of page.users) read.users[user.arn] = principalOf(user);
      for (const role of page.roles) read.roles[role.arn] = principalOf(role);
      for (const { arn, inlinePolicies, attachedPolicyArns } of page.groups) {
        read.groups[arn] = { inline: inlineOf(inlinePolicies), attached: sorted(attachedPolicyArns) };
      }
      for (const { arn, defaultDocument, otherVersions } of page.policies) {
        if (arn.startsWith('arn:aws:iam::aws:')) continue;
        read.policies[arn] = { document: JSON.parse(defaultDocument ?? 'null'), others: otherVersions.length };
      }
      ({ marker } = page);
    } while (marker !== null);
  }
  return { ...read, organization: await readOrganization(access.organization().organization) };
}

async function all<T>(page: (next: string | null) => Promise<OrganizationPage<T>>): Promise<T[]> {
  const items: T[] = [];
  let next: string | null = null;
  do {
    const one: OrganizationPage<T> = await page(next);
    items.push(...one.items);
    ({ next } = one);
  } while (next !== null);
  return items;
}

async function readOrganization(reader: OrganizationSession['organization']): Promise<Read['organization']> {
  const described = await reader.describe();
  if (described === null) throw new Error('The account is in no organization.');
  const parents: Read['organization']['parents'] = {};
  const queue = (await all((next) => reader.rootsPage(next))).map(({ id }) => id);
  for (let parent = queue.pop(); parent !== undefined; parent = queue.pop()) {
    const id = parent;
    const units = (await all((next) => reader.unitsPage(id, next))).map((unit) => unit.id);
    parents[id] = { accounts: sorted(await all((next) => reader.childAccountsPage(id, next))), units: sorted(units) };
    queue.push(...units);
  }
  const policies: Read['organization']['policies'] = {};
  for (const { id } of await all((next) => reader.policiesPage('service', next))) {
    policies[id] = {
      targets: sorted(await all((next) => reader.targetsPage(id, next))),
      content: JSON.parse(await reader.policyDocument(id)),
    };
  }
  const accounts = await all((next) => reader.accountsPage(next));
  return {
    ...{ id: described.organizationId, managementAccountId: described.managementAccountId },
    ...{ accounts: sorted(accounts.map(({ accountId }) => accountId)), parents, policies },
  };
}

/** JSON with sorted names, so that equal values have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

export interface Comparison {
  /** What was compared, with its count. */
  readonly compared: readonly string[];
  readonly differences: readonly string[];
}

/** Compares the audit's adapters with boto3, which reads the same from moto with other operations. */
export async function compareWithBoto3(bin: string, url: string): Promise<Comparison> {
  const program = fileURLToPath(new URL('populate.py', import.meta.url));
  const expected = v.parse(Read, JSON.parse(await runPython(bin, program, [url])));
  const named = await withJsonNamed(url);
  let actual: Read;
  try {
    actual = await readWithAdapters(named.url);
  } finally {
    await named.close();
  }
  const differences: string[] = [];
  const compared: string[] = [];
  const compare = (what: string, wanted: Record<string, unknown>, found: Record<string, unknown>): void => {
    const names = Object.keys(wanted);
    compared.push(`${names.length} ${what}`);
    if (names.length === 0) differences.push(`${what}: boto3 read none`);
    for (const name of new Set([...names, ...Object.keys(found)])) {
      if (canonical(wanted[name]) === canonical(found[name])) continue;
      differences.push(`${what} ${name}: boto3 ${canonical(wanted[name])}, the adapter ${canonical(found[name])}`);
    }
  };
  compare('users', expected.users, withDatesOf(expected.users, actual.users));
  compare('roles', expected.roles, withDatesOf(expected.roles, actual.roles));
  compare('groups', expected.groups, actual.groups);
  compare('managed policies', expected.policies, actual.policies);
  compare('roots and units', expected.organization.parents, actual.organization.parents);
  compare('service control policies', expected.organization.policies, actual.organization.policies);
  const facts = ({ hasPasswordPolicy, organization: { id, managementAccountId, accounts } }: Read) => ({
    ...{ hasPasswordPolicy, id, managementAccountId, accounts },
  });
  compare('facts of account and organization', facts(expected), facts(actual));
  return { compared, differences };
}

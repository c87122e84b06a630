import * as v from 'valibot';
import type { AccessedService } from '../contract/evidence.ts';
import { parseCredentialReport } from '../inventory/credential-report.ts';
import { DAY_MS } from '../ports/clock.ts';
import type { AccountGroup, AccountPolicy, AccountRole, AccountUser, NamedDocument } from '../ports/iam.ts';
import { Document, textOf } from './document.ts';
import type { ScannedAccount } from './scanned-account.ts';

const InlinePolicy = v.object({ name: v.string(), doc: Document });
const Inline = v.optional(v.array(InlinePolicy), []);
const Names = v.optional(v.array(v.string()), []);
/** Days ago: at most 100 years, also in the future. */
const Days = v.pipe(
  v.number(),
  v.check((days) => Math.abs(days) <= 36_500, 'must be a number of days from -36500 to 36500'),
);
const UseOfActions = v.object({
  at: v.nullable(Days),
  actions: v.optional(v.record(v.string(), v.nullable(Days)), {}),
});
const LastUse = v.nullable(v.union([Days, UseOfActions]));
const entity = { name: v.string(), path: v.optional(v.string(), '/'), managed: Names, inline: Inline };
const principal = {
  ...entity,
  boundary: v.optional(v.nullable(v.string()), null),
  tags: v.optional(v.record(v.string(), v.string()), {}),
  created: v.optional(Days, 400),
  la: v.optional(v.record(v.string(), LastUse)),
};
const User = v.object({
  ...principal,
  groups: Names,
  cred: v.optional(v.record(v.string(), v.union([v.string(), Days, v.boolean(), v.null()]))),
});
const Role = v.object({
  ...principal,
  trust: Document,
  lastUsed: v.optional(v.nullable(Days), null),
  instanceProfiles: v.optional(v.array(v.string())),
});

const Group = v.object(entity);
const Policy = v.object({
  name: v.optional(v.string()),
  arn: v.optional(v.string()),
  doc: Document,
  versions: v.optional(v.array(Document), []),
});

const OWN_NAMES = 'must have each name once';
const haveOwnNames = (list: readonly { readonly name: string }[]): boolean =>
  new Set(list.map(({ name }) => name)).size === list.length;

/** One account a file. Times are in days before now. */
export const CaseAccount = v.object({
  id: v.pipe(v.string(), v.regex(/^\d{12}$/, 'must have 12 digits')),
  users: v.optional(
    v.pipe(
      v.array(User),
      v.check((list) => haveOwnNames(list), OWN_NAMES),
    ),
    [],
  ),
  roles: v.optional(
    v.pipe(
      v.array(Role),
      v.check((list) => haveOwnNames(list), OWN_NAMES),
    ),
    [],
  ),
  groups: v.optional(
    v.pipe(
      v.array(Group),
      v.check((list) => haveOwnNames(list), OWN_NAMES),
    ),
    [],
  ),
  policies: v.optional(
    v.array(
      v.pipe(
        Policy,
        v.check(({ name, arn }) => name !== undefined || arn !== undefined, 'must have a name or an arn'),
      ),
    ),
    [],
  ),
  scps: v.optional(v.nullable(v.array(v.array(Document))), null),
});
export type CaseAccount = v.InferOutput<typeof CaseAccount>;

const inlineOf = (policies: CaseAccount['groups'][number]['inline']): NamedDocument[] =>
  policies.map(({ name, doc }) => ({ name, document: textOf(doc) }));

/** @param now milliseconds since the epoch */
export function accountOfCase(given: CaseAccount, now: number): ScannedAccount {
  const iam = `arn:aws:iam::${given.id}:`;
  const ago = (days: number): string => new Date(now - days * DAY_MS).toISOString();
  const entityOf = (
    type: string,
    prefix: string,
    one: CaseAccount['groups'][number],
    created: number,
  ): AccountGroup => ({
    arn: `${iam}${type}${one.path}${one.name}`,
    name: one.name,
    path: one.path,
    id: uniqueId(prefix, one.name),
    createdAt: ago(created),
    inlinePolicies: inlineOf(one.inline),
    attachedPolicyArns: one.managed,
  });
  const lastAccessed = new Map<string, readonly AccessedService[]>();
  const principalOf = (type: 'user' | 'role', one: CaseAccount['users'][number] | CaseAccount['roles'][number]) => {
    const base = entityOf(type, type === 'user' ? 'AIDA' : 'AROA', one, one.created);
    if (one.la !== undefined)
      lastAccessed.set(
        base.arn,
        Object.entries(one.la).map(([namespace, use]) => serviceOf(namespace, use, ago)),
      );
    return { ...base, permissionsBoundaryArn: one.boundary, tags: one.tags };
  };
  const users = given.users.map((one): AccountUser => ({ ...principalOf('user', one), groupNames: one.groups }));
  const roles = given.roles.map((one): AccountRole => ({
    ...principalOf('role', one),
    trustPolicy: textOf(one.trust),
    lastUsedAt: one.lastUsed === null ? null : ago(one.lastUsed),
    instanceProfiles: one.instanceProfiles ?? [],
  }));
  return {
    accountId: given.id,
    users,
    roles,
    groups: given.groups.map((one) => entityOf('group', 'AGPA', one, 400)),
    policies: given.policies.map(({ name, arn, doc, versions }): AccountPolicy => ({
      arn: arn ?? `${iam}policy/${name ?? ''}`,
      defaultDocument: textOf(doc),
      otherVersions: versions.map((one, index) => ({ id: `v${index + 10}`, document: textOf(one) })),
    })),
    knowsInstanceProfiles: given.roles.some(({ instanceProfiles }) => instanceProfiles !== undefined),
    serviceControl: given.scps?.map((level) => level.map(textOf)) ?? null,
    credentials: { kind: 'report', report: reportOf(given, users, now) },
    lastAccessed,
  };
}

function serviceOf(
  namespace: string,
  use: v.InferOutput<typeof LastUse>,
  ago: (days: number) => string,
): AccessedService {
  const at = typeof use === 'number' || use === null ? use : use.at;
  const actions = typeof use === 'number' || use === null ? null : use.actions;
  return {
    namespace,
    name: namespace,
    lastAuthenticated: at === null ? null : ago(at),
    region: null,
    actions:
      actions === null
        ? null
        : Object.entries(actions).map(([name, days]) => ({ name, lastAccessed: days === null ? null : ago(days) })),
  };
}

/** IAM's unique ID of a made-up principal. */
const uniqueId = (prefix: string, name: string): string =>
  prefix +
  name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, 'X')
    .padEnd(17, 'X')
    .slice(0, 17);

/** Columns of the credential report (IAM User Guide, "Understanding the report format"). */
const COLUMNS = [
  ...['user', 'arn', 'user_creation_time', 'password_enabled', 'password_last_used', 'password_last_changed'],
  ...['password_next_rotation', 'mfa_active', 'access_key_1_active', 'access_key_1_last_rotated'],
  ...['access_key_1_last_used_date', 'access_key_1_last_used_region', 'access_key_1_last_used_service'],
  ...['access_key_2_active', 'access_key_2_last_rotated', 'access_key_2_last_used_date'],
  ...['access_key_2_last_used_region', 'access_key_2_last_used_service', 'cert_1_active', 'cert_1_last_rotated'],
  ...['cert_2_active', 'cert_2_last_rotated'],
];

const namesIn = ({ entries }: { readonly entries: object }): string[] => Object.keys(entries);

/** The fields of this format, by what has them. `account`: also those that describe a case with known answers. */
export const caseFields = {
  account: [...namesIn(CaseAccount), 'case', 'title', 'source', 'should'],
  users: namesIn(User),
  roles: namesIn(Role),
  groups: namesIn(Group),
  policies: namesIn(Policy),
  inline: namesIn(InlinePolicy),
  use: namesIn(UseOfActions),
  cred: COLUMNS,
} as const satisfies Record<string, readonly string[]>;

/** The report's rows, made from the columns that the case gives. A number is days ago. */
function reportOf({ users: given }: CaseAccount, users: readonly AccountUser[], now: number) {
  const rows = users.map(({ arn, name, createdAt }, index) => {
    const cred = given[index]?.cred ?? {};
    return COLUMNS.map((column) => {
      if (column === 'user') return name;
      if (column === 'arn') return arn;
      if (column === 'user_creation_time') return createdAt;
      const value = cred[column];
      if (typeof value === 'number') return new Date(now - value * DAY_MS).toISOString();
      if (value === undefined || value === null) return /enabled|active/.test(column) ? 'false' : 'N/A';
      return String(value);
    }).join(',');
  });
  return parseCredentialReport([COLUMNS.join(','), ...rows].join('\n'), new Date(now).toISOString());
}

import { abilityBy, isAdministrator } from '../access/abilities/abilities.ts';
import { categoriesOf } from '../catalogue/catalogue.ts';
import type { Decision, PrincipalRecord } from '../contract/evidence.ts';
import type { TableRow } from '../contract/tables/tables.ts';
import { lastActivity } from '../findings/use/activity.ts';
import { useOf } from '../findings/use/usage.ts';

/** Null instead of empty text, so that a query can ask for `IS NULL`. */
export const joined = (values: readonly string[]): string | null => (values.length === 0 ? null : values.join(', '));

const used = { at: 'yes', never: 'never', unknown: 'unknown' } as const;

/** @param administrators ARNs of those that are reported as such; AWS's own roles are not */
export function principalRow(
  runId: string,
  record: PrincipalRecord,
  administrators: ReadonlySet<string>,
): TableRow<'principals'> {
  const { lastAccessed, permissions, credentials, problems } = record;
  const activity = lastActivity(record);
  const hasServices = lastAccessed.status === 'COMPLETE';
  const hasPermissions = permissions.status === 'COMPLETE';
  const keys = credentials?.accessKeys.filter(({ active }) => active) ?? null;
  return {
    run_id: runId,
    account_id: record.accountId,
    principal_arn: record.arn,
    principal_type: record.type,
    name: record.name,
    path: record.path,
    principal_id: record.principalId,
    created_at: record.createdAt,
    managed_by: record.managedBy,
    tags: JSON.stringify(record.tags),
    status: record.status,
    problems: joined([...new Set(problems.map(({ step, code }) => `${step}: ${code}`))]),
    last_accessed_status: lastAccessed.status,
    permissions_status: permissions.status,
    used: used[activity.kind],
    last_used: activity.kind === 'at' ? activity.time : null,
    services_allowed: hasServices ? lastAccessed.services.length : null,
    services_used: hasServices
      ? lastAccessed.services.filter(({ lastAuthenticated }) => lastAuthenticated !== null).length
      : null,
    sensitive_actions: hasPermissions
      ? permissions.decisions.filter((decision) => abilityBy(decision).kind === 'able').length
      : null,
    administrator: hasPermissions ? administrators.has(record.arn) || isServiceAdministrator(record) : null,
    password_enabled: credentials?.passwordEnabled ?? null,
    password_last_used: credentials?.passwordLastUsed ?? null,
    mfa_active: credentials?.mfaActive ?? null,
    active_access_keys: keys?.length ?? null,
    oldest_access_key: earliest(keys?.map(({ lastRotated }) => lastRotated) ?? []),
    access_key_last_used: latest(keys?.map(({ lastUsed }) => lastUsed) ?? []),
  };
}

const isServiceAdministrator = (record: PrincipalRecord): boolean =>
  record.managedBy === 'service' && isAdministrator(record);

// An account has millions of rows of these two tables. Spreading an object into each row takes most of the time.

export function* serviceRows(runId: string, record: PrincipalRecord): Generator<TableRow<'service_access'>> {
  const { accountId, arn, type, lastAccessed } = record;
  for (const { namespace, name, lastAuthenticated, region, actions } of lastAccessed.services) {
    yield {
      run_id: runId,
      account_id: accountId,
      principal_arn: arn,
      principal_type: type,
      service: namespace,
      service_name: name,
      last_used: lastAuthenticated,
      region,
      tracked_actions: actions === null ? null : actions.length,
      used_actions: actions === null ? null : actions.filter((action) => action.lastAccessed !== null).length,
      as_of: lastAccessed.asOf,
    };
  }
}

export function* permissionRows(runId: string, record: PrincipalRecord): Generator<TableRow<'permissions'>> {
  for (const decision of record.permissions.decisions) {
    yield permissionRow(runId, record, decision, null);
    for (const resource of decision.resources) yield permissionRow(runId, record, decision, resource);
  }
}

/** @param on a narrower resource; null: any resource. Only for that the simulation tells the missing condition keys. */
function permissionRow(
  runId: string,
  record: PrincipalRecord,
  { action, decision, missingContext, allowedByOrganizations, allowedByBoundary }: Decision,
  on: Decision['resources'][number] | null,
): TableRow<'permissions'> {
  const use = useOf(record, action);
  return {
    run_id: runId,
    account_id: record.accountId,
    principal_arn: record.arn,
    principal_type: record.type,
    action,
    categories: joined(categoriesOf(action)),
    resource: on === null ? '*' : on.arn,
    decision: on === null ? decision : on.decision,
    conditions: on === null ? joined(missingContext) : null,
    allowed_by_organizations: allowedByOrganizations,
    allowed_by_boundary: allowedByBoundary,
    used: used[use.kind],
    last_used: use.kind === 'at' ? use.time : null,
    as_of: record.permissions.asOf,
  };
}

const sorted = (times: readonly (string | null)[]): string[] =>
  times.filter((time) => time !== null).sort((a, b) => Date.parse(a) - Date.parse(b));
const earliest = (times: readonly (string | null)[]): string | null => sorted(times)[0] ?? null;
const latest = (times: readonly (string | null)[]): string | null => sorted(times).at(-1) ?? null;

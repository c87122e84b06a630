import { abilityBy, isAdministrator } from '../access/abilities/abilities.ts';
import { categoriesOf } from '../catalogue/catalogue.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import type { TableRow } from '../contract/tables/tables.ts';
import { lastActivity } from '../findings/use/activity.ts';
import { useOf } from '../findings/use/usage.ts';

/** Null instead of empty text, so that a query can ask for `IS NULL`. */
export const joined = (values: readonly string[]): string | null => (values.length === 0 ? null : values.join(', '));

const used = { at: 'yes', never: 'never', unknown: 'unknown' } as const;

const ofPrincipal = (runId: string, { accountId, arn, type }: PrincipalRecord) => ({
  run_id: runId,
  account_id: accountId,
  principal_arn: arn,
  principal_type: type,
});

export function principalRow(runId: string, record: PrincipalRecord): TableRow<'principals'> {
  const { lastAccessed, permissions, credentials, problems } = record;
  const activity = lastActivity(record);
  const hasServices = lastAccessed.status === 'COMPLETE';
  const hasPermissions = permissions.status === 'COMPLETE';
  const keys = credentials?.accessKeys.filter(({ active }) => active) ?? null;
  return {
    ...ofPrincipal(runId, record),
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
    administrator: hasPermissions ? isAdministrator(record) : null,
    password_enabled: credentials?.passwordEnabled ?? null,
    password_last_used: credentials?.passwordLastUsed ?? null,
    mfa_active: credentials?.mfaActive ?? null,
    active_access_keys: keys?.length ?? null,
    oldest_access_key: earliest(keys?.map(({ lastRotated }) => lastRotated) ?? []),
    access_key_last_used: latest(keys?.map(({ lastUsed }) => lastUsed) ?? []),
  };
}

export function* serviceRows(runId: string, record: PrincipalRecord): Generator<TableRow<'service_access'>> {
  for (const service of record.lastAccessed.services) {
    yield {
      ...ofPrincipal(runId, record),
      service: service.namespace,
      service_name: service.name,
      last_used: service.lastAuthenticated,
      region: service.region,
      tracked_actions: service.actions?.length ?? null,
      used_actions: service.actions?.filter(({ lastAccessed }) => lastAccessed !== null).length ?? null,
      as_of: record.lastAccessed.asOf,
    };
  }
}

export function* permissionRows(runId: string, record: PrincipalRecord): Generator<TableRow<'permissions'>> {
  for (const decision of record.permissions.decisions) {
    const use = useOf(record, decision.action);
    const row = {
      ...ofPrincipal(runId, record),
      action: decision.action,
      categories: joined(categoriesOf(decision.action)),
      resource: '*',
      decision: decision.decision,
      conditions: joined(decision.missingContext),
      allowed_by_organizations: decision.allowedByOrganizations,
      allowed_by_boundary: decision.allowedByBoundary,
      used: used[use.kind],
      last_used: use.kind === 'at' ? use.time : null,
      as_of: record.permissions.asOf,
    };
    yield row;
    // The other answers are those of the simulation for any resource.
    for (const resource of decision.resources) {
      yield { ...row, resource: resource.arn, decision: resource.decision, conditions: null };
    }
  }
}

const sorted = (times: readonly (string | null)[]): string[] =>
  times.filter((time) => time !== null).sort((a, b) => Date.parse(a) - Date.parse(b));
const earliest = (times: readonly (string | null)[]): string | null => sorted(times)[0] ?? null;
const latest = (times: readonly (string | null)[]): string | null => sorted(times).at(-1) ?? null;

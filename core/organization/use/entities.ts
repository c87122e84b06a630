import type { OrganizationUseLine } from '../../contract/organization-use/organization-use.ts';
import type { Organization, OrganizationAccount } from '../../contract/organization.ts';

/** A root, unit or account whose use of services is read. */
export type Entity = Pick<OrganizationUseLine, 'id' | 'kind' | 'name' | 'path'>;

/** A root or unit, with the accounts below it. */
export interface UnitWithAccounts {
  readonly id: string;
  readonly name: string;
  /** Names from the root down, such as `Root/Workloads`. */
  readonly place: string;
  /** IDs of the roots and units above it. */
  readonly above: readonly string[];
  /** The accounts below it that SCPs affect and that can send calls. */
  readonly accounts: readonly string[];
  /** Number of accounts below it that are suspended, closed or not yet activated. */
  readonly inactive: number;
}

/**
 * The roots, the units above accounts, and the audited accounts, in this order: a report of a root is asked for first,
 * so that a refusal is known after one call.
 */
export function entitiesOf({ organizationId, accounts }: Organization, auditedIds: readonly string[]): Entity[] {
  const audited = new Set(auditedIds);
  const units = new Map<string, Entity>();
  const pathOf = (ids: readonly string[]): string | null =>
    organizationId === null ? null : [organizationId, ...ids].join('/');
  for (const { units: above } of accounts ?? []) {
    above?.forEach(({ id, name }, level) => {
      const path = pathOf(above.slice(0, level + 1).map((unit) => unit.id));
      units.set(id, { id, kind: level === 0 ? 'root' : 'unit', name, path });
    });
  }
  const asked = (accounts ?? []).filter(({ accountId }) => audited.has(accountId));
  return [
    ...[...units.values()].filter(({ kind }) => kind === 'root'),
    ...[...units.values()].filter(({ kind }) => kind === 'unit'),
    ...asked.map(({ accountId, name, units: above }): Entity => ({
      id: accountId,
      kind: 'account',
      name,
      path: above === null ? null : pathOf([...above.map(({ id }) => id), accountId]),
    })),
  ];
}

/** The roots and units with at least one account below them, parents before their children. */
export function unitsOf({ managementAccountId, accounts }: Organization): UnitWithAccounts[] {
  const units = new Map<string, UnitWithAccounts & { accounts: string[]; inactive: number }>();
  for (const account of accounts ?? []) {
    // SCPs do not affect the management account.
    if (account.accountId === managementAccountId) continue;
    account.units?.forEach(({ id, name }, level, path) => {
      const above = path.slice(0, level);
      const place = [...above, { name }].map((unit) => unit.name).join('/');
      const unit = units.get(id) ?? { id, name, place, above: above.map((one) => one.id), accounts: [], inactive: 0 };
      if (isActive(account)) unit.accounts.push(account.accountId);
      else unit.inactive += 1;
      units.set(id, unit);
    });
  }
  return [...units.values()]
    .filter(({ accounts: below }) => below.length > 0)
    .sort((one, other) => one.above.length - other.above.length);
}

/** The accounts that SCPs affect and whose place is not known: each may be below any unit. */
export const accountsWithoutPlace = ({ managementAccountId, accounts }: Organization): string[] =>
  (accounts ?? [])
    .filter((account) => account.units === null && account.accountId !== managementAccountId && isActive(account))
    .map(({ accountId }) => accountId);

/** Principals of other accounts can't send calls. Without a known state, an account counts as active. */
const isActive = ({ state }: OrganizationAccount): boolean => state === 'ACTIVE' || state === 'UNKNOWN';

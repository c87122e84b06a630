import type { PrincipalRecord } from '../../contract/evidence.ts';
import { LruCache } from '../../streams/lru-cache.ts';
import { viewsMatching, covers, sortedByArn, type Resources } from '../abilities/resource-coverage.ts';
import {
  evaluateTrust,
  trustsWholeAccount,
  mayMatchAccount,
  onlyNamedPrincipal,
  type TrustResult,
} from './trust-evaluation.ts';
import type { RoleTarget, UserTarget } from '../abilities/target-view.ts';
import {
  groupByPower,
  mergedReach,
  reachOf,
  type TargetGroup,
  type Gain,
  type Reach,
  type SourcePrincipal,
} from './escalation-reach.ts';

/** Which targets to look for: those whose ARN matches every list of `on`. */
export type TargetQuery =
  | { readonly kind: 'roles' | 'users' | 'usersBelowKeyLimit'; readonly on: readonly Resources[] }
  /** Roles that trust one of these services. */
  | { readonly kind: 'rolesOfServices'; readonly services: readonly string[]; readonly on: readonly Resources[] }
  /** Roles that trust their whole account. */
  | { readonly kind: 'openRoles'; readonly on: readonly Resources[] };

interface AssumableRole {
  readonly role: RoleTarget;
  readonly result: TrustResult;
}

/** IAM quota: access keys per user. */
const MOST_KEYS = 2;

/**
 * The principals of an account that others may be able to act as. Thousands of principals are compared with thousands
 * of roles, mostly with the same query. Therefore answers are cached and targets with the same permissions are grouped.
 */
export class AccountTargets {
  readonly #roles: readonly RoleTarget[];
  readonly #openRoles: readonly RoleTarget[];
  /** Roles whose trust policy must be evaluated for each principal, for example because of conditions. */
  readonly #conditionalRoles: readonly RoleTarget[];
  /** Roles that trust a principal of the account by ARN, by that ARN. */
  readonly #rolesByTrustedArn = new Map<string, RoleTarget[]>();
  readonly #users: readonly UserTarget[];
  readonly #byServices = new Map<string, readonly RoleTarget[]>();
  readonly #groups = new LruCache<readonly TargetGroup[]>(500);
  readonly #reaches = new LruCache<{ readonly reach: Reach | null }>(20_000);

  #lastAssumable: { readonly record: PrincipalRecord; readonly roles: readonly AssumableRole[] } | null = null;

  constructor(roles: readonly RoleTarget[], users: readonly UserTarget[]) {
    // Only AWS can pass, change or assume the roles that it manages.
    this.#roles = sortedByArn(roles.filter(({ managedBy, power }) => managedBy === null && power !== null));
    this.#openRoles = this.#roles.filter(({ trust }) => trust?.some(trustsWholeAccount) === true);
    const open = new Set(this.#openRoles);
    const conditional: RoleTarget[] = [];
    for (const role of this.#roles) {
      const parties = open.has(role) ? [] : (role.trust?.filter(mayMatchAccount) ?? []);
      const named = parties.map(onlyNamedPrincipal);
      if (named.includes(null)) conditional.push(role);
      else for (const arn of new Set(named)) this.#addTrustedArn(arn ?? '', role);
    }
    this.#conditionalRoles = conditional;
    this.#users = sortedByArn(users.filter(({ power }) => power !== null));
  }

  /** @param bounded only targets that have a permissions boundary, or only those that have none; null: all */
  reach(query: TargetQuery, gain: Gain, bounded: boolean | null, source: SourcePrincipal): Reach | null {
    const key = JSON.stringify(query);
    const find = (): Reach | null => {
      const groups = this.#groups.get(key, () => groupByPower(this.#views(query)));
      return reachOf(groups.filter(isBounded(bounded)), gain, source);
    };
    // For any other gain the answer leaves out the source itself, so it cannot be shared.
    if (gain !== 'own') return find();
    return this.#reaches.get(`${key} ${bounded} ${source.key}`, () => ({ reach: find() })).reach;
  }

  /** Roles that `record` may assume by their trust policies. @param on resources on which its own policies allow it */
  assumable(
    record: PrincipalRecord,
    on: readonly Resources[],
    gain: Gain,
    bounded: boolean | null,
    source: SourcePrincipal,
  ): { readonly certain: Reach | null; readonly conditional: Reach | null; readonly keys: readonly string[] } {
    const certain: RoleTarget[] = [];
    const conditional: RoleTarget[] = [];
    const keys = new Set<string>();
    for (const { role, result } of this.#assumableBy(record)) {
      if (!on.every((list) => covers(list, role.arn))) continue;
      if (result.kind === 'yes') certain.push(role);
      if (result.kind !== 'conditional' || this.#gainsNothing(role, gain, bounded, source)) continue;
      conditional.push(role);
      for (const key of result.keys) keys.add(key);
    }
    const reachAmong = (views: readonly RoleTarget[]): Reach | null =>
      reachOf(groupByPower(views).filter(isBounded(bounded)), gain, source);
    return {
      certain: mergedReach([this.reach({ kind: 'openRoles', on }, gain, bounded, source), reachAmong(certain)]),
      conditional: reachAmong(conditional),
      keys: [...keys].sort(),
    };
  }

  #addTrustedArn(arn: string, role: RoleTarget): void {
    const roles = this.#rolesByTrustedArn.get(arn);
    if (roles === undefined) this.#rolesByTrustedArn.set(arn, [role]);
    else roles.push(role);
  }

  /** Keeps the last answer, because several paths in a row ask for the same principal. */
  #assumableBy(record: PrincipalRecord): readonly AssumableRole[] {
    if (this.#lastAssumable?.record === record) return this.#lastAssumable.roles;
    const candidates = [...(this.#rolesByTrustedArn.get(record.arn) ?? []), ...this.#conditionalRoles];
    const roles = candidates.flatMap((role): AssumableRole[] => {
      const result = evaluateTrust(role.trust ?? [], record);
      return result.kind === 'no' ? [] : [{ role, result }];
    });
    this.#lastAssumable = { record, roles };
    return roles;
  }

  #gainsNothing(role: RoleTarget, gain: Gain, bounded: boolean | null, source: SourcePrincipal): boolean {
    return reachOf(groupByPower([role]).filter(isBounded(bounded)), gain, source) === null;
  }

  #views(query: TargetQuery): readonly (RoleTarget | UserTarget)[] {
    switch (query.kind) {
      case 'roles':
        return viewsMatching(this.#roles, query.on);
      case 'openRoles':
        return viewsMatching(this.#openRoles, query.on);
      case 'users':
        return viewsMatching(this.#users, query.on);
      case 'usersBelowKeyLimit':
        return viewsMatching(this.#users, query.on).filter(({ accessKeys }) => (accessKeys ?? 0) < MOST_KEYS);
      case 'rolesOfServices':
        return viewsMatching(this.#rolesTrusting(query.services), query.on);
    }
  }

  #rolesTrusting(names: readonly string[]): readonly RoleTarget[] {
    const key = names.join();
    const cached = this.#byServices.get(key);
    if (cached !== undefined) return cached;
    const roles = this.#roles.filter(({ services }) => names.some((name) => services?.has(name)));
    this.#byServices.set(key, roles);
    return roles;
  }
}

const isBounded =
  (bounded: boolean | null) =>
  ({ withheld }: TargetGroup): boolean =>
    bounded === null || bounded === (withheld !== null);

import type { PrincipalRecord } from '../../contract/evidence.ts';
import { LruCache } from '../../streams/lru-cache.ts';
import { covered, covers, sortedByArn, type Resources } from '../abilities/resource-coverage.ts';
import { entryOf, isOpenToAccount, mayConcernAccount, plainlyNamed, type Entry } from './trust-evaluation.ts';
import type { RoleView, UserView } from '../abilities/principal-view.ts';
import { alikeAmong, joined, reachOf, type Alike, type Gain, type Reach, type Seeker } from './escalation-reach.ts';

/** Among whom targets are looked for: those whom every list of `on` means. */
export type Among =
  | { readonly who: 'roles' | 'users' | 'usersWithRoomForAKey'; readonly on: readonly Resources[] }
  /** Roles that let one of these services in. */
  | { readonly who: 'rolesOfServices'; readonly services: readonly string[]; readonly on: readonly Resources[] }
  /** Roles that all of their account may assume. */
  | { readonly who: 'openRoles'; readonly on: readonly Resources[] };

interface Enterable {
  readonly role: RoleView;
  readonly entry: Entry;
}

/** IAM lets a user have two. */
const MOST_KEYS = 2;

/**
 * Whom others in the account may come to act as. Thousands of principals ask about thousands of roles and mostly the
 * same: answers are kept, and targets of the same power are looked at once.
 */
export class AccountTargets {
  readonly #roles: readonly RoleView[];
  readonly #open: readonly RoleView[];
  /** Roles whose trust sets conditions, or needs another look of its own. */
  readonly #particular: readonly RoleView[];
  /** Roles that trust one of the account by name, by that one's ARN. */
  readonly #naming = new Map<string, RoleView[]>();
  readonly #users: readonly UserView[];
  readonly #byServices = new Map<string, readonly RoleView[]>();
  readonly #groups = new LruCache<readonly Alike[]>(500);
  readonly #reaches = new LruCache<{ readonly reach: Reach | null }>(20_000);

  #lastEntries: { readonly record: PrincipalRecord; readonly entries: readonly Enterable[] } | null = null;

  constructor(roles: readonly RoleView[], users: readonly UserView[]) {
    // Nobody but AWS can pass, change or assume the roles that AWS keeps.
    this.#roles = sortedByArn(roles.filter(({ managedBy, power }) => managedBy === null && power !== null));
    this.#open = this.#roles.filter(({ trust }) => trust?.some(isOpenToAccount) === true);
    const open = new Set(this.#open);
    const particular: RoleView[] = [];
    for (const role of this.#roles) {
      const parties = open.has(role) ? [] : (role.trust?.filter(mayConcernAccount) ?? []);
      const named = parties.map(plainlyNamed);
      if (named.includes(null)) particular.push(role);
      else for (const arn of new Set(named)) this.#addNaming(arn ?? '', role);
    }
    this.#particular = particular;
    this.#users = sortedByArn(users.filter(({ power }) => power !== null));
  }

  /** @param bounded only targets that have a permissions boundary, or only those that have none; null: all */
  reach(among: Among, gain: Gain, bounded: boolean | null, seeker: Seeker): Reach | null {
    const key = JSON.stringify(among);
    const find = (): Reach | null => {
      const groups = this.#groups.get(key, () => alikeAmong(this.#views(among)));
      return reachOf(groups.filter(isBounded(bounded)), gain, seeker);
    };
    // Otherwise who asks is left out of the answer, so that it is its own.
    if (gain !== 'own') return find();
    return this.#reaches.get(`${key} ${bounded} ${seeker.key}`, () => ({ reach: find() })).reach;
  }

  /** Roles that `record` may assume, as their trust surely or perhaps allows. @param on as its own policies allow */
  assumable(
    record: PrincipalRecord,
    on: readonly Resources[],
    gain: Gain,
    bounded: boolean | null,
    seeker: Seeker,
  ): { readonly surely: Reach | null; readonly perhaps: Reach | null; readonly keys: readonly string[] } {
    const surely: RoleView[] = [];
    const perhaps: RoleView[] = [];
    const keys = new Set<string>();
    for (const { role, entry } of this.#entries(record)) {
      if (!on.every((list) => covers(list, role.arn))) continue;
      if (entry.kind === 'yes') surely.push(role);
      if (entry.kind !== 'perhaps' || this.#gainsNothing(role, gain, bounded, seeker)) continue;
      perhaps.push(role);
      for (const key of entry.keys) keys.add(key);
    }
    const among = (views: readonly RoleView[]): Reach | null =>
      reachOf(alikeAmong(views).filter(isBounded(bounded)), gain, seeker);
    return {
      surely: joined([this.reach({ who: 'openRoles', on }, gain, bounded, seeker), among(surely)]),
      perhaps: among(perhaps),
      keys: [...keys].sort(),
    };
  }

  #addNaming(arn: string, role: RoleView): void {
    const known = this.#naming.get(arn);
    if (known === undefined) this.#naming.set(arn, [role]);
    else known.push(role);
  }

  /** Several paths ask for the same principal one after the other. */
  #entries(record: PrincipalRecord): readonly Enterable[] {
    if (this.#lastEntries?.record === record) return this.#lastEntries.entries;
    const looked = [...(this.#naming.get(record.arn) ?? []), ...this.#particular];
    const entries = looked.flatMap((role): Enterable[] => {
      const entry = entryOf(role.trust ?? [], record);
      return entry.kind === 'no' ? [] : [{ role, entry }];
    });
    this.#lastEntries = { record, entries };
    return entries;
  }

  #gainsNothing(role: RoleView, gain: Gain, bounded: boolean | null, seeker: Seeker): boolean {
    return reachOf(alikeAmong([role]).filter(isBounded(bounded)), gain, seeker) === null;
  }

  #views(among: Among): readonly (RoleView | UserView)[] {
    switch (among.who) {
      case 'roles':
        return covered(this.#roles, among.on);
      case 'openRoles':
        return covered(this.#open, among.on);
      case 'users':
        return covered(this.#users, among.on);
      case 'usersWithRoomForAKey':
        return covered(this.#users, among.on).filter(({ accessKeys }) => (accessKeys ?? 0) < MOST_KEYS);
      case 'rolesOfServices':
        return covered(this.#letting(among.services), among.on);
    }
  }

  #letting(names: readonly string[]): readonly RoleView[] {
    const key = names.join();
    const known = this.#byServices.get(key);
    if (known !== undefined) return known;
    const roles = this.#roles.filter(({ services }) => names.some((name) => services?.has(name)));
    this.#byServices.set(key, roles);
    return roles;
  }
}

const isBounded =
  (bounded: boolean | null) =>
  ({ withheld }: Alike): boolean =>
    bounded === null || bounded === (withheld !== null);

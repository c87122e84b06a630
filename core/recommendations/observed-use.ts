import type { AccessedService, PrincipalRecord } from '../contract/evidence.ts';
import { isOlder } from '../findings/use/usage.ts';
import { canBeRemoved } from '../inventory/managed-by.ts';
import { LruCache } from '../streams/lru-cache.ts';

/** When something counts as unused; the same settings as the findings'. */
export interface UseSettings {
  readonly graceDays: number;
  readonly unusedAfterDays: number;
}

/** What a principal did in one service that its policies allow. */
export interface ServiceUse {
  readonly namespace: string;
  /** Within the days that count. */
  readonly used: boolean;
  readonly lastUsed: string | null;
  /** The service's actions that AWS tracks, by lower-case name; null: none, or the service was not used. */
  readonly tracked: ReadonlyMap<string, string> | null;
  /** Lower-case names of those that were used within the days that count. */
  readonly usedActions: ReadonlySet<string>;
  /** When others were used last, by lower-case name. */
  readonly earlier: ReadonlyMap<string, string>;
}

/** A principal that could do with less, with no more than a recommendation needs: many are held at once. */
export interface Candidate {
  readonly arn: string;
  readonly accountId: string;
  readonly type: 'user' | 'role';
  readonly name: string;
  /** When AWS made the report on what was used. */
  readonly asOf: string;
  readonly services: readonly ServiceUse[];
}

/** Services whose lists of actions are kept: of the same service it is the same list for every principal. */
const KEPT_LISTS = 1_000;

export class Candidates {
  readonly #lists = new LruCache<ReadonlyMap<string, string>>(KEPT_LISTS);

  /** @param now milliseconds since the epoch */
  constructor(
    private readonly settings: UseSettings,
    private readonly now: number,
  ) {}

  /** Null: nothing is to be recommended. Who uses nothing at all should go as a whole, not be given less. */
  candidate(record: PrincipalRecord): Candidate | null {
    const { arn, accountId, type, name, lastAccessed } = record;
    if (lastAccessed.status !== 'COMPLETE' || !canBeRemoved(record, this.settings.graceDays, this.now)) return null;
    const services = lastAccessed.services.map((service) => this.#useOf(service));
    if (!services.some(({ used }) => used)) return null;
    const couldDoWithLess = services.some(
      ({ used, tracked, usedActions }) => !used || (tracked !== null && usedActions.size < tracked.size),
    );
    return couldDoWithLess ? { arn, accountId, type, name, asOf: lastAccessed.asOf, services } : null;
  }

  #useOf({ namespace, lastAuthenticated, actions }: AccessedService): ServiceUse {
    const usedActions = new Set<string>();
    const earlier = new Map<string, string>();
    for (const { name, lastAccessed } of actions ?? []) {
      if (lastAccessed === null) continue;
      if (this.#isRecent(lastAccessed)) usedActions.add(name.toLowerCase());
      else earlier.set(name.toLowerCase(), lastAccessed);
    }
    const used = usedActions.size > 0 || (lastAuthenticated !== null && this.#isRecent(lastAuthenticated));
    const names = actions?.map(({ name }) => name) ?? [];
    return {
      namespace: namespace.toLowerCase(),
      used,
      lastUsed: lastAuthenticated,
      tracked: used && names.length > 0 ? this.#listOf(names) : null,
      usedActions,
      earlier,
    };
  }

  #listOf(names: readonly string[]): ReadonlyMap<string, string> {
    return this.#lists.get(names.join(), () => new Map(names.map((name) => [name.toLowerCase(), name])));
  }

  #isRecent(time: string): boolean {
    return !isOlder(time, this.settings.unusedAfterDays, this.now);
  }
}

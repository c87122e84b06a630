import type { AccessedService, PrincipalRecord } from '../contract/evidence.ts';
import { isOlder } from '../findings/use/usage.ts';
import { canBeRemoved } from '../inventory/managed-by.ts';
import { LruCache } from '../streams/lru-cache.ts';

/** When something counts as unused. The findings use the same settings. */
export interface UseSettings {
  readonly graceDays: number;
  readonly unusedAfterDays: number;
}

/** The use of one service that a principal's policies grant. */
export interface ServiceUse {
  readonly namespace: string;
  /** Whether it was used within `unusedAfterDays`. */
  readonly used: boolean;
  readonly lastUsed: string | null;
  /** The service's actions that AWS tracks, by lower-case name, also if it was not used; null if there are none. */
  readonly reported: ReadonlyMap<string, string> | null;
  /** The service's actions that AWS tracks, by lower-case name; null if there are none or the service was not used. */
  readonly tracked: ReadonlyMap<string, string> | null;
  /** Lower-case names of the tracked actions that were used within `unusedAfterDays`. */
  readonly usedActions: ReadonlySet<string>;
  /** Last use of tracked actions that were used earlier, by lower-case name. */
  readonly earlier: ReadonlyMap<string, string>;
}

/**
 * A principal with unused permissions. Only the data that a recommendation needs, because many are in memory at once.
 */
export interface Candidate {
  readonly arn: string;
  readonly accountId: string;
  readonly type: 'user' | 'role';
  readonly name: string;
  /** When AWS generated the last-accessed report. */
  readonly asOf: string;
  readonly services: readonly ServiceUse[];
}

/** A service's list of tracked actions is the same for every principal, so the lists are shared. */
const MAX_CACHED_LISTS = 1_000;

export class Candidates {
  readonly #lists = new LruCache<ReadonlyMap<string, string>>(MAX_CACHED_LISTS);

  /** @param now milliseconds since the epoch */
  constructor(
    private readonly settings: UseSettings,
    private readonly now: number,
  ) {}

  /** Null if there is nothing to recommend. A principal that uses nothing should be deleted instead of narrowed. */
  candidate(record: PrincipalRecord): Candidate | null {
    const { arn, accountId, type, name, lastAccessed } = record;
    if (lastAccessed.status !== 'COMPLETE' || !canBeRemoved(record, this.settings.graceDays, this.now)) return null;
    const services = lastAccessed.services.map((service) => this.#useOf(service));
    if (!services.some(({ used }) => used)) return null;
    const hasUnused = services.some(
      ({ used, tracked, usedActions }) => !used || (tracked !== null && usedActions.size < tracked.size),
    );
    return hasUnused ? { arn, accountId, type, name, asOf: lastAccessed.asOf, services } : null;
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
    const list = names.length > 0 ? this.#listOf(names) : null;
    return {
      namespace: namespace.toLowerCase(),
      used,
      lastUsed: lastAuthenticated,
      reported: list,
      tracked: used ? list : null,
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

import {
  actionMatcher,
  hasWildcard,
  isEverything,
  namedService,
  patternsWithinService,
} from '../policies/action-pattern-parts.ts';
import type { PolicyStatement } from '../policies/statements.ts';
import {
  isNeverReported,
  isUntracked,
  namesBeginning,
  namesIn,
  neverReportedIn,
  servicesNeverReported,
} from '../findings/use/untracked-actions.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import type { ServiceUse } from './observed-use.ts';

/** An Allow statement after narrowing. It never grants more than the original statement. */
export interface Narrowed {
  /** Patterns of `Action`. */
  readonly actions: readonly string[];
  /** Patterns of a `NotAction`, if `actions` cannot express the rest; otherwise null. */
  readonly notActions: readonly string[] | null;
}

/** Permissions of one principal for which it is not known whether they are used. */
export class UnknownUse {
  /** Actions that AWS does not track, kept because the policy names them. */
  readonly keptActions = new Set<string>();
  /** Services whose wildcards were replaced by the tracked actions that were used. */
  readonly wildcards = new Set<string>();
  /** Services that were used, but without any of their tracked actions. Their wildcards are kept. */
  readonly withoutTrackedUse = new Set<string>();
  /** Services that the report does not list, kept because the policy names them. */
  readonly keptServices = new Set<string>();
  /** Whether a wildcard for several services was replaced by the services that were used. */
  replacesEveryService = false;
  /** Services that a NotAction excludes partly, and whose used actions AWS does not report. */
  readonly partlyExcluded = new Set<string>();
}

/**
 * The names that both match, as narrow as possible: a name that ends with a star stays one if the pattern matches all of
 * its names.
 */
function overlap(name: string, rest: string, namespace: string): string[] {
  const [lowerName, lowerRest] = [name.toLowerCase(), rest.toLowerCase()];
  const matches = wildcardPattern(lowerRest);
  if (!name.endsWith('*')) return matches(lowerName) ? [name] : [];
  if (!rest.includes('?') && matches(lowerName)) return [name];
  // All names that the pattern matches begin like this.
  const [begin = ''] = lowerRest.split(/[*?]/);
  if (begin.startsWith(lowerName.slice(0, -1))) return [rest];
  return namesBeginning(namespace, name).filter((one) => matches(one.toLowerCase()));
}

/** Whether exceptions match a part of an untracked name with a star, of which the single names are not known. */
const isSplit = (excepted: readonly string[], namespace: string): boolean =>
  namesIn(namespace).some(
    (name) =>
      name.endsWith('*') &&
      namesBeginning(namespace, name).length === 0 &&
      excepted.some((rest) => overlap(name, rest, namespace).some((one) => one !== name)),
  );

export class Narrowing {
  readonly unknownUse = new UnknownUse();
  readonly #byNamespace: ReadonlyMap<string, ServiceUse>;
  readonly #used: readonly ServiceUse[];

  constructor(private readonly services: readonly ServiceUse[]) {
    this.#byNamespace = new Map(services.map((service) => [service.namespace, service]));
    this.#used = services.filter(({ used }) => used);
  }

  narrow({ actions: { not, patterns } }: PolicyStatement): Narrowed {
    if (not) return this.#notAction(patterns);
    const kept = new Set<string>();
    for (const pattern of patterns) for (const narrowed of this.#pattern(pattern)) kept.add(narrowed);
    return { actions: [...kept], notActions: null };
  }

  #pattern(pattern: string): string[] {
    const named = namedService(pattern);
    if (named === null) {
      this.unknownUse.replacesEveryService = true;
      return [
        ...this.#used.flatMap((service) => this.#within(pattern, service)),
        ...servicesNeverReported.flatMap((namespace) =>
          this.#isUsed(namespace) ? [] : this.#neverReported(pattern, namespace),
        ),
      ];
    }
    const service = this.#byNamespace.get(named);
    if (service !== undefined) return service.used ? this.#within(pattern, service) : this.#unused(pattern, service);
    this.unknownUse.keptServices.add(named);
    return [pattern];
  }

  #isUsed(namespace: string): boolean {
    return this.#byNamespace.get(namespace)?.used === true;
  }

  /** The actions of a pattern that AWS never reports. */
  #neverReported(pattern: string, namespace: string): string[] {
    const matches = actionMatcher({ not: false, patterns: [pattern] });
    return this.#kept(
      namespace,
      neverReportedIn(namespace).filter((name) => matches(`${namespace}:${name}`.toLowerCase())),
    );
  }

  #kept(namespace: string, names: readonly string[]): string[] {
    const actions = names.map((name) => `${namespace}:${name}`);
    for (const action of actions) this.unknownUse.keptActions.add(action);
    return actions;
  }

  /** What stays of a pattern for a service that was not used: actions that the report leaves out. */
  #unused(pattern: string, { namespace, reported }: ServiceUse): string[] {
    const [name = ''] = patternsWithinService(pattern, namespace);
    if (
      !hasWildcard(name) &&
      (isNeverReported(pattern) || (reported?.has(name.toLowerCase()) === false && isUntracked(namespace, name)))
    ) {
      return this.#kept(namespace, [name]);
    }
    return this.#neverReported(pattern, namespace);
  }

  /** The actions of a pattern with wildcards that reports by action leave out. */
  #untrackedIn(rest: string, { namespace, tracked }: ServiceUse): string[] {
    const names = namesIn(namespace).flatMap((name) => overlap(name, rest, namespace));
    return this.#kept(
      namespace,
      [...new Set(names)].filter((name) => tracked?.has(name.toLowerCase()) !== true),
    );
  }

  /** Limits a pattern to a service that was used. */
  #within(pattern: string, service: ServiceUse): string[] {
    const { namespace, tracked, usedActions } = service;
    const left = patternsWithinService(pattern, namespace);
    if (tracked === null) return left.map((rest) => `${namespace}:${rest}`);
    return left.flatMap((rest) => {
      if (!hasWildcard(rest)) {
        const isTracked = tracked.has(rest.toLowerCase());
        if (!isTracked) this.unknownUse.keptActions.add(`${namespace}:${rest}`);
        return !isTracked || usedActions.has(rest.toLowerCase()) ? [`${namespace}:${rest}`] : [];
      }
      if (usedActions.size === 0) {
        this.unknownUse.withoutTrackedUse.add(namespace);
        return [`${namespace}:${rest}`];
      }
      this.unknownUse.wildcards.add(namespace);
      return [
        ...this.#trackedIn(service, actionMatcher({ not: false, patterns: [`${namespace}:${rest}`] })),
        ...this.#untrackedIn(rest, service),
      ];
    });
  }

  #trackedIn({ namespace, tracked, usedActions }: ServiceUse, isGranted: (action: string) => boolean): string[] {
    return [...usedActions].flatMap((name) =>
      isGranted(`${namespace}:${name}`) ? [`${namespace}:${tracked?.get(name) ?? name}`] : [],
    );
  }

  /** The same for a NotAction. Of a name with a star that an exception matches in part, the single names stay. */
  #untrackedExcept(excepted: readonly string[], { namespace, tracked }: ServiceUse): string[] {
    const isExcepted = excepted.map((rest) => wildcardPattern(rest.toLowerCase()));
    const names = namesIn(namespace).flatMap((name) => {
      if (excepted.every((rest) => overlap(name, rest, namespace).length === 0)) return [name];
      if (!name.endsWith('*')) return [];
      return namesBeginning(namespace, name).filter((one) => !isExcepted.some((matches) => matches(one.toLowerCase())));
    });
    return this.#kept(
      namespace,
      [...new Set(names)].filter((name) => tracked?.has(name.toLowerCase()) !== true),
    );
  }

  /**
   * A NotAction grants everything except its patterns. If a used service is excluded only in part, no `Action` pattern
   * describes the rest. Then the NotAction stays, and every other service is added to its patterns.
   */
  #notAction(patterns: readonly string[]): Narrowed {
    const isGranted = actionMatcher({ not: true, patterns });
    const actions: string[] = [];
    const partly = new Set<string>();
    this.unknownUse.replacesEveryService = true;
    for (const service of this.#used) {
      const { namespace, tracked, usedActions } = service;
      const excepted = patterns.flatMap((pattern) => patternsWithinService(pattern, namespace));
      if (excepted.some(isEverything)) continue;
      if (tracked !== null && usedActions.size > 0 && !isSplit(excepted, namespace)) {
        this.unknownUse.wildcards.add(namespace);
        actions.push(...this.#trackedIn(service, isGranted), ...this.#untrackedExcept(excepted, service));
        continue;
      }
      if (tracked !== null && usedActions.size === 0) this.unknownUse.withoutTrackedUse.add(namespace);
      if (excepted.length === 0) actions.push(`${namespace}:*`);
      else partly.add(namespace);
    }
    for (const namespace of servicesNeverReported) {
      // A NotAction that stays grants the services without a report.
      if (this.#isUsed(namespace) || (partly.size > 0 && !this.#byNamespace.has(namespace))) continue;
      const names = neverReportedIn(namespace).filter((name) => isGranted(`${namespace}:${name}`.toLowerCase()));
      actions.push(...this.#kept(namespace, names));
    }
    if (partly.size === 0) return { actions, notActions: null };
    for (const namespace of partly) this.unknownUse.partlyExcluded.add(namespace);
    const others = this.services.flatMap(({ namespace }) => {
      const isExcepted = patterns.some((pattern) => patternsWithinService(pattern, namespace).some(isEverything));
      return partly.has(namespace) || isExcepted ? [] : [`${namespace}:*`];
    });
    return { actions, notActions: [...patterns, ...others] };
  }
}

import { mayAssume } from '../access/assumable-roles.ts';
import { everyAction, grantsAnything } from '../access/abilities/abilities.ts';
import { hopsOf, uncertaintyOf, type AccessPath, type Hop } from '../access/graph/access-path.ts';
import type { AccessGraph } from '../access/graph/access-graph.ts';
import { gainOf, gainOver, ownPowerAfter, powerAfter } from '../access/ways/gains.ts';
import type { HeldPolicy, PrincipalNode } from '../access/node.ts';
import { escalationPaths } from '../access/paths/escalation-paths.ts';
import { certaintyOf, certaintyRank, isAsCertain, type Way } from '../access/ways/way.ts';
import { certainties, type Certainty } from '../contract/answers/path.ts';
import { keysOf } from '../evaluation/truth.ts';
import type { RunAccess } from './run-access.ts';

const assumption = escalationPaths.find(({ id }) => id === 'sts-001');

/** What one acts as after a step: with the permissions that it has then. `target`: null if it stays itself. */
interface Reached {
  readonly node: PrincipalNode;
  readonly target: PrincipalNode | null;
}

/** The policy of a principal that gave itself administrator permissions in the step before. */
const ADMINISTRATOR: HeldPolicy = {
  name: 'the permissions of the step before',
  document: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
  kind: 'managed',
  group: null,
  ownName: 'AdministratorAccess',
};

/**
 * Who can become whom in all accounts of a run: the accounts' graphs, linked by roles that trust principals of other
 * accounts. Both sides of such a link are evaluated.
 */
export class RunPaths {
  readonly #elsewhere = new Map<PrincipalNode, Promise<readonly Way[]>>();
  readonly #elevated = new Map<string, PrincipalNode>();

  constructor(private readonly access: RunAccess) {}

  /** The paths to administrator permissions in any account of the run, shortest first; none for an administrator. */
  async toAdministrator(from: PrincipalNode): Promise<readonly AccessPath[]> {
    return from.isAdministrator ? [] : this.#paths(from, ({ node }) => node.isAdministrator);
  }

  /** The paths to another principal, shortest first. */
  async toPrincipal(from: PrincipalNode, to: PrincipalNode): Promise<readonly AccessPath[]> {
    return from === to ? [] : this.#paths(from, ({ target }) => target?.arn === to.arn);
  }

  /** The paths that leave the account of `from` and end at an administrator, shortest first. */
  async acrossAccounts(from: PrincipalNode): Promise<readonly AccessPath[]> {
    const accountIds = await this.access.accountIds();
    if (accountIds.length < 2) return [];
    return this.#paths(from, ({ node }) => node.isAdministrator && node.accountId !== from.accountId);
  }

  /** All paths of one step, one for each technique and answer, and the shortest path of each certainty. */
  async #paths(from: PrincipalNode, isGoal: (reached: Reached) => boolean): Promise<readonly AccessPath[]> {
    const start = from.isAdministrator ? this.#withEverything(from) : from;
    const paths: AccessPath[] = [];
    for (const way of await this.#waysOf(start)) {
      for (const reached of this.#reachedBy(way, start)) {
        if (!isGoal(reached)) continue;
        paths.push(pathOf(from, [{ from: start, way, target: reached.target }], reached.node));
        break;
      }
    }
    let shortest = Infinity;
    for (const certainty of certainties) {
      const path = await this.#shortest(from, start, isGoal, certainty);
      // A path that is less certain counts only if it is shorter.
      if (path === null || path.hops.length >= shortest) continue;
      shortest = path.hops.length;
      paths.push(path);
    }
    return sortedPaths(paths);
  }

  async #shortest(
    from: PrincipalNode,
    start: PrincipalNode,
    isGoal: (reached: Reached) => boolean,
    least: Certainty,
  ): Promise<AccessPath | null> {
    const seen = new Set<PrincipalNode>([start, from]);
    const seenTargets = new Set<Way['targets']>();
    let level: { readonly at: PrincipalNode; readonly hops: readonly Hop[] }[] = [{ at: start, hops: [] }];
    while (level.length > 0) {
      const next: { readonly at: PrincipalNode; readonly hops: readonly Hop[] }[] = [];
      for (const { at, hops } of level) {
        for (const way of await this.#waysOf(at)) {
          if (!isAsCertain(certaintyOf(way), least) || (way.gain === 'own' && seenTargets.has(way.targets))) continue;
          if (way.gain === 'own') seenTargets.add(way.targets);
          for (const reached of this.#reachedBy(way, at)) {
            if (seen.has(reached.node)) continue;
            seen.add(reached.node);
            const path = [...hops, { from: at, way, target: reached.target }];
            if (isGoal(reached)) return pathOf(from, path, reached.node);
            next.push({ at: reached.node, hops: path });
          }
        }
      }
      level = next;
    }
    return null;
  }

  /** The principals that one acts as after a way, with the permissions that they have then. */
  *#reachedBy(way: Way, at: PrincipalNode): Generator<Reached> {
    if (way.targets.length === 0) {
      if (grantsAnything(ownPowerAfter(way, at))) yield { node: this.#withEverything(at), target: null };
      for (const changed of way.after ?? []) yield { node: changed, target: changed };
      return;
    }
    for (const changed of way.after ?? []) yield { node: changed, target: changed };
    const known = new Set((way.after ?? []).map(({ arn }) => arn));
    for (const target of way.targets) {
      const isRaised = way.gain !== 'own' && grantsAnything(powerAfter(way, target));
      if (target === at || (known.has(target.arn) && !isRaised)) continue;
      yield { node: isRaised || target.isAdministrator ? this.#withEverything(target) : target, target };
    }
  }

  async #waysOf(node: PrincipalNode): Promise<readonly Way[]> {
    const graph: AccessGraph | null = await this.access.graph(node.accountId);
    if (graph === null) return [];
    return [...graph.waysOf(node), ...(await this.#waysElsewhere(node, graph))];
  }

  #waysElsewhere(node: PrincipalNode, graph: AccessGraph): Promise<readonly Way[]> {
    const known = this.#elsewhere.get(node);
    if (known !== undefined) return known;
    const ways = this.#findElsewhere(node, graph);
    this.#elsewhere.set(node, ways);
    return ways;
  }

  async #findElsewhere(node: PrincipalNode, { account }: AccessGraph): Promise<Way[]> {
    if (assumption === undefined || node.usedIn?.use === 'stack') return [];
    const ways: Way[] = [];
    for (const role of await this.access.rolesElsewhere(node.accountId)) {
      const { truth, grounds } = mayAssume(account, node, role);
      const target = truth === false ? null : await this.access.principal(role.arn);
      if (target === null) continue;
      ways.push({ path: assumption, targets: [target], gain: 'own', keys: keysOf(truth), doubts: [], grounds });
    }
    return ways;
  }

  /** The same principal with administrator permissions, which an existing boundary no longer limits. */
  #withEverything(node: PrincipalNode): PrincipalNode {
    const known = this.#elevated.get(node.arn);
    if (known !== undefined) return known;
    const raised: PrincipalNode = {
      ...node,
      isAdministrator: true,
      power: { everywhere: everyAction, somewhere: everyAction },
      simulation: { refused: 0n, refusedByOrganizations: 0n },
      policies: { identity: node.isAdministrator ? node.policies.identity : [ADMINISTRATOR], boundary: null },
      policyKey: `${node.policyKey} and everything`,
    };
    this.#elevated.set(node.arn, raised);
    return raised;
  }
}

function pathOf(from: PrincipalNode, hops: readonly Hop[], end: PrincipalNode): AccessPath {
  const last = hops.at(-1);
  const power =
    last === undefined || last.target === null || last.way.gain !== 'own'
      ? (end.power ?? { everywhere: 0n, somewhere: 0n })
      : powerAfter(last.way, last.target);
  const gained = gainOver(from, power);
  const isAdministrator = grantsAnything(power);
  const steps = hops.flatMap(hopsOf);
  return {
    hops: steps,
    gain: isAdministrator ? 'administrator' : (gainOf(power, gained) ?? 'other permissions'),
    gained,
    targets: { count: 1, administrators: isAdministrator ? 1 : 0, arns: [end.arn] },
    ...uncertaintyOf(steps),
  };
}

/** Shortest first, then the more certain; a path that is found twice counts once. */
export function sortedPaths(paths: readonly AccessPath[]): AccessPath[] {
  const unique = new Map(paths.map((path) => [keyOf(path), path]));
  return [...unique.values()].sort(
    (a, b) => a.hops.length - b.hops.length || certaintyRank(a.certainty) - certaintyRank(b.certainty),
  );
}

const keyOf = ({ hops }: AccessPath): string =>
  JSON.stringify(hops.map(({ from, way, target }) => [from.arn, way.path.id, target?.arn ?? null]));

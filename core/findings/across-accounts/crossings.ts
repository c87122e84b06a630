import { AssumableRoles } from '../../access/assumable-roles.ts';
import { sortedByArn } from '../../access/abilities/resource-coverage.ts';
import type { AccessGraph } from '../../access/graph/access-graph.ts';
import { hopsOf, uncertaintyOf, type Hop } from '../../access/graph/access-path.ts';
import { hopsBy, searchBackwards, type LastHop, type Next } from '../../access/graph/backwards-search.ts';
import type { PrincipalNode } from '../../access/node.ts';
import { escalationPaths } from '../../access/paths/escalation-paths.ts';
import { TargetFinder } from '../../access/target-groups.ts';
import { certaintyOf, isAsCertain, type Way } from '../../access/ways/way.ts';
import { certainties, gains, type Certainty, type Gain, type Path } from '../../contract/answers/path.ts';
import type { RoleGain } from '../../contract/across/open-roles.ts';
import { pathEvidence } from '../path-evidence.ts';
import { bestGains, certaintyOfGain, type OpenRole } from './open-roles.ts';

const assumption = escalationPaths.find(({ id }) => id === 'sts-001');

/** A path that leaves an account. */
export interface Crossing {
  readonly path: Path;
  /** The accounts that the step out of the account leads to in the same way, sorted. */
  readonly accountIds: readonly string[];
}

/** Of roles with the same answer, the one that leads on in the fewest steps; null if none does. */
interface Nearest {
  readonly role: PrincipalNode | null;
  readonly distance: number;
}

/** Many principals share the same list of targets, so answers are kept. */
type NearestByTargets = Map<Way['targets'], Nearest>;

const MOST_ARNS = 10;

/** The paths from the principals of one account that lead to more permissions in other accounts. */
export class Crossings {
  readonly #assumable: AssumableRoles;
  readonly #roles: ReadonlyMap<PrincipalNode, OpenRole>;
  readonly #ways = new Map<PrincipalNode, readonly Way[]>();
  /** The gains of the roles. No other gain is looked for. */
  readonly #gains: readonly Gain[];
  readonly #searches = new Map<string, ReadonlyMap<PrincipalNode, Next>>();

  /** @param roles of other accounts; roles with the same `trustKey` have the same trust policy */
  constructor(
    private readonly graph: AccessGraph,
    roles: readonly OpenRole[],
  ) {
    const { account } = graph;
    this.#roles = new Map(roles.map((role) => [role.node, role]));
    const offered = new Set(roles.flatMap((role) => role.gains.map(({ gain }) => gain)));
    this.#gains = gains.filter((gain) => offered.has(gain));
    const nodes = sortedByArn(roles.map(({ node }) => node));
    this.#assumable = new AssumableRoles(account, new TargetFinder(account), nodes);
  }

  /**
   * The most certain and then shortest path to each gain; none if as much is gained as certainly in another way. A path
   * does not lead by an administrator of the account itself: what that one reaches are its own paths.
   */
  from(node: PrincipalNode): Crossing[] {
    const found = this.#gains.flatMap((gain): Crossing[] => {
      for (const certainty of certainties) {
        const hops = this.#hopsFrom(node, gain, certainty);
        if (hops !== null) return [this.#crossing(hops, gain, certainty)];
      }
      return [];
    });
    const best = bestGains(found.map(({ path }) => ({ gain: path.gain, path })));
    return found.filter(({ path }) => best.some((one) => one.path === path));
  }

  #hopsFrom(node: PrincipalNode, gain: Gain, certainty: Certainty): readonly Hop[] | null {
    if (node.isAdministrator) {
      const last = this.#leave(node, gain, certainty, new Map());
      return last === null ? null : [last.hop];
    }
    const next = this.#search(gain, certainty);
    return next.has(node) ? hopsBy(next, node) : null;
  }

  #search(gain: Gain, certainty: Certainty): ReadonlyMap<PrincipalNode, Next> {
    const key = `${gain} ${certainty}`;
    const known = this.#searches.get(key);
    if (known !== undefined) return known;
    const nearest: NearestByTargets = new Map();
    const next = searchBackwards(
      this.graph.account.principals,
      (node) => this.graph.waysOf(node).filter((way) => isAsCertain(certaintyOf(way), certainty)),
      (node) => this.#leave(node, gain, certainty, nearest),
    );
    this.#searches.set(key, next);
    return next;
  }

  /** The hop from a principal to the role of another account that leads there in the fewest steps. */
  #leave(node: PrincipalNode, gain: Gain, certainty: Certainty, known: NearestByTargets): LastHop | null {
    let best: LastHop | null = null;
    for (const way of this.#waysOut(node)) {
      if (!isAsCertain(certaintyOf(way), certainty)) continue;
      const nearest = known.get(way.targets) ?? this.#nearest(way.targets, gain, certainty);
      known.set(way.targets, nearest);
      if (nearest.role === null || (best !== null && best.distance <= nearest.distance)) continue;
      best = { hop: { from: node, way, target: nearest.role }, distance: nearest.distance };
    }
    return best;
  }

  #nearest(roles: readonly PrincipalNode[], gain: Gain, certainty: Certainty): Nearest {
    let best: Nearest = { role: null, distance: Infinity };
    for (const role of roles) {
      const found = this.#gainAt(role, gain, certainty);
      const distance = found === null ? Infinity : 1 + (found.path?.steps.length ?? 0);
      if (distance < best.distance) best = { role, distance };
      if (distance === 1) break;
    }
    return best;
  }

  #waysOut(node: PrincipalNode): readonly Way[] {
    const known = this.#ways.get(node);
    if (known !== undefined) return known;
    const ways =
      assumption === undefined || node.power === null || node.managedBy === 'service' || node.usedIn?.use === 'stack'
        ? []
        : this.#assumable.of(node).map((group): Way => ({ ...group, path: assumption, gain: 'own', doubts: [] }));
    this.#ways.set(node, ways);
    return ways;
  }

  #gainAt(role: PrincipalNode, gain: Gain, certainty: Certainty): RoleGain | null {
    const found = this.#roles
      .get(role)
      ?.gains.find((one) => one.gain === gain && isAsCertain(certaintyOfGain(one), certainty));
    return found ?? null;
  }

  #crossing(hops: readonly Hop[], gain: Gain, certainty: Certainty): Crossing {
    const last = hops.at(-1);
    const ofRole = last === undefined || last.target === null ? null : this.#gainAt(last.target, gain, certainty);
    const alike = (last?.way.targets ?? []).filter((role) => this.#gainAt(role, gain, certainty) !== null);
    const arns = alike.map(({ arn }) => arn);
    const steps = hops.flatMap(hopsOf);
    const administrators = gain === 'administrator' ? alike.filter((role) => this.#isAdministrator(role)).length : 0;
    const targets = { count: alike.length, administrators, arns: arns.slice(0, MOST_ARNS) };
    const path = pathEvidence({ hops: steps, gain, gained: 0n, targets, ...uncertaintyOf(steps) });
    const accountIds = [...new Set(alike.map(({ accountId }) => accountId))].sort();
    return { path: joined(path, ofRole?.path ?? null), accountIds };
  }

  #isAdministrator(role: PrincipalNode): boolean {
    return this.#roles.get(role)?.gains.some(({ gain, path }) => gain === 'administrator' && path === null) ?? false;
  }
}

/** A path, and the path from its end on. */
function joined(path: Path, rest: Path | null): Path {
  if (rest === null) return path;
  return {
    ...rest,
    steps: [...path.steps, ...rest.steps],
    certainty: isAsCertain(path.certainty, rest.certainty) ? rest.certainty : path.certainty,
    missing: [...new Set([...path.missing, ...rest.missing])],
  };
}

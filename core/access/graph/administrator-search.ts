import { grantsAnything } from '../abilities/abilities.ts';
import type { PrincipalNode } from '../node.ts';
import { certainties, type Certainty } from '../../contract/answers/path.ts';
import { certaintyOf, isAsCertain, type Way } from '../ways/way.ts';
import { ownPowerAfter, powerAfter } from '../ways/gains.ts';
import type { Hop } from './access-path.ts';
import { firstOf, hopsBy, searchBackwards, type Next } from './backwards-search.ts';

interface Nearest {
  readonly target: PrincipalNode;
  readonly distance: number;
}

/**
 * The shortest ways to administrator permissions, found backwards from the administrators. Three searches: by certain ways
 * only, also by those under conditions, and by all.
 */
export class AdministratorSearch {
  readonly #next: Readonly<Record<Certainty, ReadonlyMap<PrincipalNode, Next>>>;
  readonly #nearest: Readonly<Record<Certainty, WeakMap<readonly PrincipalNode[], Nearest | null>>> = {
    certain: new WeakMap(),
    conditional: new WeakMap(),
    possible: new WeakMap(),
  };

  constructor(principals: readonly PrincipalNode[], waysOf: (node: PrincipalNode) => readonly Way[]) {
    const searchAt = (level: Certainty): Map<PrincipalNode, Next> => {
      const known = new Map<Way['targets'], PrincipalNode | null>();
      return searchBackwards(
        principals,
        (node) => waysOf(node).filter((way) => isAsCertain(certaintyOf(way), level)),
        (node, ways) => {
          const hop = directHop(node, ways, known);
          return hop === null ? null : { hop, distance: 1 };
        },
      );
    };
    this.#next = { certain: searchAt('certain'), conditional: searchAt('conditional'), possible: searchAt('possible') };
  }

  /** Null if no way leads there. Of two ways the more certain one counts, also if it is longer. */
  hopsFrom(node: PrincipalNode, level?: Certainty): readonly Hop[] | null {
    const levels = level === undefined ? certainties : [level];
    const found = levels.find((one) => this.#next[one].has(node));
    return found === undefined ? null : hopsBy(this.#next[found], node);
  }

  /** The target with the shortest way. Many principals share the same list of targets, so answers are kept. */
  nearest(targets: readonly PrincipalNode[], level: Certainty, except: PrincipalNode): Nearest | null {
    const known = this.#nearest[level].get(targets);
    if (known !== undefined && known?.target !== except) return known;
    let best: Nearest | null = null;
    let isWhole = true;
    for (const target of targets) {
      if (target === except) {
        isWhole = false;
        continue;
      }
      const distance = this.#next[level].get(target)?.distance;
      if (distance !== undefined && (best === null || distance < best.distance)) best = { target, distance };
      if (best?.distance === 1) break;
    }
    if (isWhole) this.#nearest[level].set(targets, best);
    return best;
  }
}

function directHop(
  node: PrincipalNode,
  ways: readonly Way[],
  known: Map<Way['targets'], PrincipalNode | null>,
): Hop | null {
  for (const way of ways) {
    if (way.targets.length === 0) {
      if (grantsAnything(ownPowerAfter(way, node))) return { from: node, way, target: null };
      continue;
    }
    const target =
      way.gain === 'own'
        ? firstOf(way.targets, (one) => one.isAdministrator, known)
        : (way.targets.find((one) => one !== node && grantsAnything(powerAfter(way, one))) ?? null);
    if (target !== null) return { from: node, way, target };
  }
  return null;
}

import { grantsAnything } from '../abilities/abilities.ts';
import type { PrincipalNode } from '../node.ts';
import type { Certainty } from '../../contract/answers/path.ts';
import { certaintyOf, reachedBy, type Way } from '../ways/way.ts';
import { ownPowerAfter, powerAfter } from '../ways/gains.ts';
import type { Hop } from './access-path.ts';

const certainties: readonly Certainty[] = ['certain', 'conditional', 'possible'];

/** The first hop of a shortest way to administrator permissions, and its number of hops. */
interface Next {
  readonly hop: Hop;
  readonly distance: number;
}

/**
 * The shortest ways to administrator permissions, found backwards from the administrators. Three searches: by certain ways
 * only, also by those under conditions, and by all.
 */
export class AdministratorSearch {
  readonly #next: Readonly<Record<Certainty, ReadonlyMap<PrincipalNode, Next>>>;

  constructor(principals: readonly PrincipalNode[], waysOf: (node: PrincipalNode) => readonly Way[]) {
    const searchAt = (level: Certainty): Map<PrincipalNode, Next> => {
      const allowed = certainties.slice(0, certainties.indexOf(level) + 1);
      return search(principals, (node) => waysOf(node).filter((way) => allowed.includes(certaintyOf(way))));
    };
    this.#next = { certain: searchAt('certain'), conditional: searchAt('conditional'), possible: searchAt('possible') };
  }

  /** Null if no way leads there. Of two ways the more certain one counts, also if it is longer. */
  hopsFrom(node: PrincipalNode, level?: Certainty): readonly Hop[] | null {
    const levels = level === undefined ? certainties : [level];
    const found = levels.find((one) => this.#next[one].has(node));
    return found === undefined ? null : hopsBy(this.#next[found], node);
  }

  distance(node: PrincipalNode, level: Certainty): number | null {
    return this.#next[level].get(node)?.distance ?? null;
  }
}

function hopsBy(next: ReadonlyMap<PrincipalNode, Next>, node: PrincipalNode): readonly Hop[] {
  const hops: Hop[] = [];
  let at: PrincipalNode | null = node;
  while (at !== null) {
    const step: Next | undefined = next.get(at);
    if (step === undefined) break;
    hops.push(step.hop);
    at = step.distance === 1 ? null : step.hop.target;
  }
  return hops;
}

function search(
  principals: readonly PrincipalNode[],
  waysOf: (node: PrincipalNode) => readonly Way[],
): Map<PrincipalNode, Next> {
  const found = new Map<PrincipalNode, Next>();
  let open: { readonly node: PrincipalNode; readonly ways: readonly Way[] }[] = [];
  // Changed principals are added to the list while it is read.
  const all = new Set(principals);
  for (const node of all) {
    if (node.isAdministrator) continue;
    const ways = waysOf(node);
    if (ways.length > 0) open.push({ node, ways });
    for (const way of ways) for (const changed of changedBy(way)) all.add(changed);
  }
  const direct = new Map<Way['targets'], PrincipalNode | null>();
  let reached = new Set<PrincipalNode>();
  for (const { node, ways } of open) {
    const hop = directHop(node, ways, direct);
    if (hop === null) continue;
    found.set(node, { hop, distance: 1 });
    reached.add(node);
  }
  for (let distance = 2; reached.size > 0; distance += 1) {
    open = open.filter(({ node }) => !found.has(node));
    const first = new Map<Way['targets'], PrincipalNode | null>();
    const now = new Set<PrincipalNode>();
    for (const { node, ways } of open) {
      for (const way of ways) {
        const target = firstOf(reachedBy(way), (one) => reached.has(one), first);
        if (target === null) continue;
        found.set(node, { hop: { from: node, way, target }, distance });
        now.add(node);
        break;
      }
    }
    reached = now;
  }
  return found;
}

/** The principals that a way changes, which the account's list does not have. */
const changedBy = ({ targets, after, first }: Way): readonly PrincipalNode[] => [
  ...(after ?? []),
  ...(first === undefined ? [] : targets.filter(({ changes }) => changes.length > 0)),
];

/** The first of the targets that matches. Many principals share the same list of targets, so answers are kept. */
function firstOf(
  targets: Way['targets'],
  matches: (target: PrincipalNode) => boolean,
  known: Map<Way['targets'], PrincipalNode | null>,
): PrincipalNode | null {
  const cached = known.get(targets);
  if (cached !== undefined) return cached;
  const target = targets.find(matches) ?? null;
  known.set(targets, target);
  return target;
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

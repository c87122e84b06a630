import type { PrincipalNode } from '../node.ts';
import { reachedBy, type Way } from '../ways/way.ts';
import type { Hop } from './access-path.ts';

/** The first hop of a shortest way to the goal, and the number of hops to it. */
export interface Next {
  readonly hop: Hop;
  readonly distance: number;
  /** Whether the hop itself reaches the goal. */
  readonly isLast: boolean;
}

export function hopsBy(next: ReadonlyMap<PrincipalNode, Next>, node: PrincipalNode): readonly Hop[] {
  const hops: Hop[] = [];
  let at: PrincipalNode | null = node;
  while (at !== null) {
    const step: Next | undefined = next.get(at);
    if (step === undefined) break;
    hops.push(step.hop);
    at = step.isLast ? null : step.hop.target;
  }
  return hops;
}

/** A hop that reaches the goal. */
export interface LastHop {
  readonly hop: Hop;
  /** 1, and more if further steps follow that are not searched here. */
  readonly distance: number;
}

/**
 * The shortest ways to a goal from each principal that is no administrator, found backwards.
 * @param lastHop the hop of a principal that reaches the goal with the shortest distance; null if none of its ways does
 */
export function searchBackwards(
  principals: readonly PrincipalNode[],
  waysOf: (node: PrincipalNode) => readonly Way[],
  lastHop: (node: PrincipalNode, ways: readonly Way[]) => LastHop | null,
): Map<PrincipalNode, Next> {
  const found = new Map<PrincipalNode, Next>();
  let open: { readonly node: PrincipalNode; readonly ways: readonly Way[]; readonly last: LastHop | null }[] = [];
  // Changed principals are added to the list while it is read.
  const all = new Set(principals);
  for (const node of all) {
    if (node.isAdministrator) continue;
    const ways = waysOf(node);
    open.push({ node, ways, last: lastHop(node, ways) });
    for (const way of ways) for (const changed of changedBy(way)) all.add(changed);
  }
  const furthest = open.reduce((most, { last }) => Math.max(most, last?.distance ?? 0), 0);
  let reached = new Set<PrincipalNode>();
  for (let distance = 1; distance <= furthest || reached.size > 0; distance += 1) {
    const first = new Map<Way['targets'], PrincipalNode | null>();
    const now = new Set<PrincipalNode>();
    for (const { node, ways, last } of open) {
      if (last?.distance === distance) {
        found.set(node, { ...last, isLast: true });
        now.add(node);
        continue;
      }
      for (const way of ways) {
        const target = firstOf(reachedBy(way), (one) => reached.has(one), first);
        if (target === null) continue;
        found.set(node, { hop: { from: node, way, target }, distance, isLast: false });
        now.add(node);
        break;
      }
    }
    open = open.filter(({ node }) => !found.has(node));
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
export function firstOf(
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

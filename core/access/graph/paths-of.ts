import { certainties, type Gain } from '../../contract/answers/path.ts';
import type { ActionBits, Power } from '../abilities/abilities.ts';
import type { PrincipalNode } from '../node.ts';
import { escalationPaths } from '../paths/escalation-paths.ts';
import { actionsOf, reachedBy, type Way } from '../ways/way.ts';
import type { AccessGraph } from './access-graph.ts';
import { hopsOf, uncertaintyOf, type AccessPath, type Hop } from './access-path.ts';
import { gainOf, gainOver, gainRank, ownPowerAfter, powerAfter } from '../ways/gains.ts';

const MOST_ARNS = 10;

/** By path, the ids of the paths whose actions are a part of its actions. */
const shorterPaths = new Map(
  escalationPaths.map((long) => {
    const shorter = escalationPaths.filter((short) => isPartOf(short.actions, long.actions));
    return [long.id, new Set(shorter.map(({ id }) => id))] as const;
  }),
);

function isPartOf(short: readonly string[], long: readonly string[]): boolean {
  return short.length < long.length && short.every((action) => long.includes(action));
}

/** All paths of a principal, at most one for each technique and answer; shortest first, then by gain and certainty. */
export function pathsOf(node: PrincipalNode, graph: AccessGraph): AccessPath[] {
  const direct = graph.waysOf(node).flatMap((way) => pathsBy(node, way, graph));
  const best = bestByTechnique(direct);
  const far = best.some(({ gain, certainty }) => gain === 'administrator' && certainty === 'certain')
    ? []
    : furtherPaths(node, graph);
  return dropContained([...best, ...far]).sort(
    (a, b) =>
      a.hops.length - b.hops.length ||
      weightOf(a) - weightOf(b) ||
      actionCount(a) - actionCount(b) ||
      firstId(a).localeCompare(firstId(b)),
  );
}

const actionCount = ({ hops }: AccessPath): number => hops.reduce((sum, { way }) => sum + actionsOf(way).length, 0);

const firstId = ({ hops }: AccessPath): string => hops[0]?.way.path.id ?? '';

/** Lower is worse for the account: what is gained, then how certain it is. */
export const weightOf = ({ gain, doubts, keys }: Pick<AccessPath, 'gain' | 'doubts' | 'keys'>): number =>
  gainRank(gain) + doubts.length + (keys.length > 0 ? 1 : 0);

/** The paths by one way: directly, and by its first target that leads further to administrator permissions. */
function pathsBy(node: PrincipalNode, way: Way, graph: AccessGraph): AccessPath[] {
  const direct = directPath(node, way);
  if (direct?.gain === 'administrator') return [direct];
  const further = throughTargets(node, way, graph);
  // What the targets of an own gain give directly is less than that.
  if (further !== null && way.gain === 'own') return [further];
  return [direct, further].filter((path): path is AccessPath => path !== null);
}

function directPath(node: PrincipalNode, way: Way): AccessPath | null {
  if (way.targets.length === 0) {
    const power = ownPowerAfter(way, node);
    return pathOf([{ from: node, way, target: null }], gainOver(node, power), power, null);
  }
  const reach = reachOf(node, way);
  return reach === null ? null : pathOf([{ from: node, way, target: reach.first }], reach.gained, reach.power, reach);
}

interface Reach {
  readonly first: PrincipalNode;
  readonly power: Power;
  readonly gained: ActionBits;
  readonly count: number;
  readonly administrators: number;
  readonly arns: readonly string[];
}

/** What is gained from any of a way's targets. Null if nothing. */
function reachOf(node: PrincipalNode, way: Way): Reach | null {
  let count = 0;
  const administrators: PrincipalNode[] = [];
  const others: PrincipalNode[] = [];
  let administratorCount = 0;
  const known = new Map<Power, { readonly bits: ActionBits; readonly gain: Gain | null }>();
  for (const target of way.targets) {
    if (target === node) continue;
    const power = powerAfter(way, target);
    const { gain } = known.get(power) ?? gainedBy(node, power, known);
    if (gain === null) continue;
    count += 1;
    const isAdministrator = gain === 'administrator';
    if (isAdministrator) administratorCount += 1;
    const list = isAdministrator ? administrators : others;
    if (list.length < MOST_ARNS) list.push(target);
  }
  const [first] = [...administrators, ...others];
  if (first === undefined) return null;
  const arns = [...administrators, ...others].slice(0, MOST_ARNS).map(({ arn }) => arn);
  const gained = [...known.values()].reduce((all, { bits, gain }) => (gain === null ? all : all | bits), 0n);
  return { first, power: powerAfter(way, first), gained, count, administrators: administratorCount, arns };
}

function gainedBy(
  node: PrincipalNode,
  power: Power,
  known: Map<Power, { readonly bits: ActionBits; readonly gain: Gain | null }>,
) {
  const bits = gainOver(node, power);
  const gained = { bits, gain: gainOf(power, bits) };
  known.set(power, gained);
  return gained;
}

/** By a target that can itself become an administrator. */
function throughTargets(node: PrincipalNode, way: Way, graph: AccessGraph): AccessPath | null {
  const search = graph.administrators;
  for (const certainty of certainties) {
    const best = search.nearest(reachedBy(way), certainty, node);
    const rest = best === null ? null : search.hopsFrom(best.target, certainty);
    if (best === null || rest === null || rest.some(({ target }) => target === node)) continue;
    return furtherPath([{ from: node, way, target: best.target }, ...rest]);
  }
  return null;
}

function furtherPath(hops: readonly Hop[]): AccessPath | null {
  const [first, last] = [hops[0], hops.at(-1)];
  if (first === undefined || last === undefined) return null;
  const power = last.target === null ? ownPowerAfter(last.way, last.from) : powerAfter(last.way, last.target);
  const end = last.target ?? last.from;
  const targets = { count: 1, administrators: 1, arns: [end.arn] };
  return pathOf(hops, gainOver(first.from, power), power, targets);
}

function pathOf(
  hops: readonly Hop[],
  gained: ActionBits,
  power: Power,
  targets: AccessPath['targets'] | null,
): AccessPath | null {
  const gain = gainOf(power, gained);
  if (gain === null) return null;
  const { count, administrators, arns } = targets ?? { count: 0, administrators: 0, arns: [] };
  const steps = hops.flatMap(hopsOf);
  return { hops: steps, gain, gained, targets: { count, administrators, arns }, ...uncertaintyOf(steps) };
}

/** The best path of each technique, and a more certain one if the best is uncertain. */
function bestByTechnique(paths: readonly AccessPath[]): AccessPath[] {
  const best = new Map<string, AccessPath>();
  for (const path of paths) {
    const id = techniqueOf(path).ids;
    const known = best.get(id);
    if (known === undefined || isBetter(path, known)) best.set(id, path);
  }
  return [...best.values()];
}

const isBetter = (a: AccessPath, b: AccessPath): boolean =>
  (weightOf(a) - weightOf(b) || a.hops.length - b.hops.length) < 0;

/** The first way of a path: with the changes that come before it. */
function techniqueOf({ hops }: AccessPath) {
  const ids: string[] = [];
  const actions = new Set<string>();
  for (const { way, changes } of hops) {
    ids.push(way.path.id);
    for (const action of actionsOf(way)) actions.add(action);
    if (changes === undefined) break;
  }
  return { ids: ids.join(' '), actions: [...actions], isPrepared: ids.length > 1 };
}

/** A path is left out if a part of its actions leads as far. */
function dropContained(paths: readonly AccessPath[]): AccessPath[] {
  const all = paths.map((path) => ({ path, ...techniqueOf(path) }));
  return all
    .filter((one) => {
      const shorter = shorterPaths.get(one.ids);
      return !all.some(
        (other) =>
          (one.isPrepared ? isPartOf(other.actions, one.actions) : shorter?.has(other.ids) === true) &&
          weightOf(other.path) <= weightOf(one.path) &&
          other.path.hops.length <= one.path.hops.length,
      );
    })
    .map(({ path }) => path);
}

/** At most this many principals are visited on the way to a more powerful one that is no administrator. */
const MOST_VISITED = 2_000;

/** Paths of two and more hops to a principal that is more powerful than those in between, but no administrator. */
function furtherPaths(node: PrincipalNode, graph: AccessGraph): AccessPath[] {
  const seen = new Set<PrincipalNode>([node]);
  const seenLists = new Set<Way['targets']>();
  let level: { readonly hops: readonly Hop[]; readonly at: PrincipalNode }[] = [{ hops: [], at: node }];
  let reached = node.power ?? { everywhere: 0n, somewhere: 0n };
  const found: AccessPath[] = [];
  // Once everything is found that its paths lead to, the rest need not be visited.
  const most = gainOver(node, graph.powerBeyond(node));
  const isOpen = (): boolean => (most & ~gainOver(node, reached)) !== 0n;
  for (let depth = 1; level.length > 0 && seen.size < MOST_VISITED && isOpen(); depth += 1) {
    const next: { readonly hops: readonly Hop[]; readonly at: PrincipalNode }[] = [];
    for (const { hops, at } of level) {
      if (!isOpen()) break;
      for (const way of graph.waysOf(at)) {
        const targets = reachedBy(way);
        if (seenLists.has(targets)) continue;
        seenLists.add(targets);
        for (const target of targets) {
          if (seen.has(target) || seen.size >= MOST_VISITED) continue;
          seen.add(target);
          const path = [...hops, { from: at, way, target }];
          if (!target.isAdministrator) next.push({ hops: path, at: target });
          const power = target.power ?? { everywhere: 0n, somewhere: 0n };
          const bits = gainOver(node, power) & ~gainOver(node, reached);
          reached = {
            everywhere: reached.everywhere | power.everywhere,
            somewhere: reached.somewhere | power.somewhere,
          };
          if (depth < 2 || bits === 0n) continue;
          const one = pathOf(path, bits, power, { count: 1, administrators: 0, arns: [target.arn] });
          if (one !== null && one.gain !== 'administrator') found.push(one);
        }
      }
    }
    level = next;
  }
  return found;
}

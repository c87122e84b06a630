import { allOf, keysOf, truthOfKeys } from '../../evaluation/truth.ts';
import { wildcardPattern } from '../../policies/wildcards.ts';
import { grantsAnything } from '../abilities/abilities.ts';
import { ownPowerAfter } from '../ways/gains.ts';
import type { PrincipalNode } from '../node.ts';
import { escalationPaths } from '../paths/escalation-paths.ts';
import { allowedPatterns } from '../requests.ts';
import type { Share } from '../search-work.ts';
import { bestOnly } from '../ways/best-ways.ts';
import type { WayContext } from '../ways/way-context.ts';
import { changesBy } from '../ways/own-permissions.ts';
import type { SelfEscalation } from '../ways/permission-change.ts';
import { certaintyOf, type Way } from '../ways/way.ts';

const changes = escalationPaths.filter((path): path is SelfEscalation => path.kind === 'self-escalation');

/** Sets of actions that are a path of their own, so that they need not be put together. */
const knownSets = new Set(escalationPaths.map(({ actions }) => setOf(actions)));

function setOf(actions: readonly string[]): string {
  return [...new Set(actions)].sort().join();
}

/** For each change and each way to act as a target, at most this many targets with different policies are tried. */
const MOST_SUBJECTS = 10;

/**
 * The ways in which a principal first makes another one more powerful and then acts as it: each way to act as a target,
 * after each change of that target's permissions that the principal may make.
 * @param ways the other ways of the principal
 */
export function preparedWays(node: PrincipalNode, ways: readonly Way[], context: WayContext, share: Share): Way[] {
  return changedFirst(node, accessesOf(ways), context, share, (way) => !isKnown(way, ways));
}

/** The ways to act as another principal, the most certain first. */
export const accessesOf = (ways: readonly Way[]): readonly Way[] =>
  ways
    .filter(({ gain, targets }) => gain === 'own' && targets.length > 0)
    .sort((a, b) => a.keys.length + a.doubts.length - (b.keys.length + b.doubts.length));

/** The changes that a principal may make of others. */
export const changesAllowed = (node: PrincipalNode, context: WayContext): readonly SelfEscalation[] =>
  changes.filter(({ actions }) => actions.every((action) => mayBeAllowed(node, action, context)));

/** @param node changes the targets of the ways `takes`, which may be those of another principal */
export function changedFirst(
  node: PrincipalNode,
  takes: readonly Way[],
  context: WayContext,
  share: Share,
  isWanted: (way: Way) => boolean = () => true,
): Way[] {
  if (takes.length === 0) return [];
  return changesAllowed(node, context).flatMap((path) => {
    const found = subjectsOf(path, node, takes, context).flatMap(({ subject, take }) =>
      share.goesOn()
        ? changesBy(path, node, subject, context).flatMap((change) => prepared(node, subject, take, [change], context))
        : [],
    );
    return bestOnly(found.filter(isWanted));
  });
}

/** Whether a path of the catalogue has all these actions, and the principal has this way. */
function isKnown({ path, first = [], targets, keys }: Way, ways: readonly Way[]): boolean {
  const actions = setOf([path, ...first.map((one) => one.path)].flatMap((one) => one.actions));
  if (!knownSets.has(actions)) return false;
  return ways.some(
    (way) =>
      way.keys.length <= keys.length &&
      setOf(way.path.actions) === actions &&
      targets.every((one) => way.targets.includes(one)),
  );
}

export const mayBeAllowed = (node: PrincipalNode, action: string, { account }: WayContext): boolean =>
  !account.isRefused(node, action) && allowedPatterns(account, node, action).length > 0;

/** Whether a way certainly gives administrator permissions at once, so that no longer one is needed. */
export const isSurelyAdministrator =
  (node: PrincipalNode) =>
  (way: Way): boolean => {
    if (certaintyOf(way) !== 'certain') return false;
    if (way.targets.length === 0) return grantsAnything(ownPowerAfter(way, node));
    if (way.gain !== 'own') return grantsAnything(way.gain) && way.targets.some((target) => target !== node);
    return way.targets.some((target) => target !== node && target.isAdministrator);
  };

interface Subject {
  readonly subject: PrincipalNode;
  /** The most certain way to act as it. */
  readonly take: Way;
}

/** The targets that a change may be about, one of those for which it gives the same. */
function subjectsOf(
  { changes: what, actions: [action = ''] }: SelfEscalation,
  node: PrincipalNode,
  takes: readonly Way[],
  { account }: WayContext,
): Subject[] {
  const patterns = allowedPatterns(account, node, action).map(wildcardPattern);
  const isNamed = (arn: string): boolean => patterns.some((matches) => matches(arn));
  const isConcerned = (target: PrincipalNode): boolean => {
    if (what === 'policy') return [...target.attached, target.boundaryArn ?? ''].some(isNamed);
    if (what === 'group' || what === 'groupDenials') {
      return target.type === 'user' && (action === 'iam:AddUserToGroup' || target.groups.length > 0);
    }
    if (what === 'newGroup') return target.type === 'user';
    return what.startsWith(target.type) && isNamed(target.arn);
  };
  // What is added gives the same to all with the same boundary, unless other policies deny it.
  const adds = what === 'user' || what === 'role' || action === 'iam:AddUserToGroup';
  const keyOf = (target: PrincipalNode): string =>
    adds && !account.evaluator.hasDenials(target.policies.identity)
      ? (target.boundaryArn ?? '')
      : `${target.policyKey} ${target.groups.join()}`;
  const subjects = new Map<string, Subject>();
  for (const take of takes) {
    for (const target of take.targets) {
      if (subjects.size >= MOST_SUBJECTS) break;
      if (target === node || target.isAdministrator || target.power === null || !isConcerned(target)) continue;
      const key = keyOf(target);
      if (!subjects.has(key)) subjects.set(key, { subject: target, take });
    }
  }
  return [...subjects.values()];
}

/** Removing a limit may be followed by another change. */
const removesLimit = ({ path }: Way): boolean =>
  path.kind === 'self-escalation' && /(?:Boundary|Denials)$/.test(path.changes);

/** The way to act as a target after changes of it. */
function prepared(
  node: PrincipalNode,
  subject: PrincipalNode,
  take: Way,
  first: readonly Way[],
  context: WayContext,
): Way[] {
  const last = first.at(-1);
  if (last === undefined || last.gain === 'own') return [];
  const all = [take, ...first];
  const way: Way = {
    ...take,
    targets: [subject],
    gain: last.gain,
    first: [...(take.first ?? []), ...first.map((one) => ({ ...one, by: inOthersWords(one) }))],
    ...(last.after === undefined ? {} : { after: last.after }),
    keys: keysOf(allOf(all.map(({ keys }) => truthOfKeys(keys)))),
  };
  const [changed] = last.after ?? [];
  if (!removesLimit(last) || changed === undefined || first.length > 1) return [way];
  const next = changes.flatMap((path) =>
    path.actions.every((action) => mayBeAllowed(node, action, context)) ? changesBy(path, node, changed, context) : [],
  );
  return [way, ...next.flatMap((one) => prepared(node, subject, take, [...first, one], context))];
}

export const inOthersWords = ({ path, by }: Way): string =>
  by ?? (path.kind === 'self-escalation' ? path.toOther : path.by);

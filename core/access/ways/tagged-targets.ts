import { allOf, keysOf, type Truth } from '../../evaluation/truth.ts';
import { everyPolicy } from '../../evaluation/permissions.ts';
import { permissionChanges } from '../abilities/abilities.ts';
import type { PrincipalNode } from '../node.ts';
import { escalationPaths } from '../paths/escalation-paths.ts';
import { policiesOf } from '../requests.ts';
import { TargetFinder, uniqueGrounds, type TargetGroup } from '../target-groups.ts';
import type { WayContext } from './way-context.ts';
import { otherPrincipalWays } from './other-principals.ts';
import { passedRoleWays } from './passed-roles.ts';
import type { SelfEscalation } from './permission-change.ts';
import { mayBeAllowed } from './prepared-ways.ts';
import { inWords, tagRequestKeys } from './tag-changes.ts';
import { withTag, type DecisiveTag } from '../tag-conditions.ts';
import type { Way } from './way.ts';

const tagPaths = escalationPaths.filter(
  (path): path is SelfEscalation => path.kind === 'self-escalation' && path.changes.endsWith('Tags'),
);

/** At most this many targets are tried with each tag, the most powerful first. */
const MOST_TARGETS = 12;

/**
 * The ways to act as a user or role by actions that are allowed only on those with a certain tag, after the principal
 * sets or removes the tag.
 * @param ways the other ways of the principal
 */
export function taggedTargetWays(node: PrincipalNode, ways: readonly Way[], context: WayContext): Way[] {
  const possible = tagPaths.filter(({ actions }) => actions.every((action) => mayBeAllowed(node, action, context)));
  if (possible.length === 0) return [];
  const tags = context.tags.of(node, 'resource');
  return possible.flatMap((path) =>
    tags.flatMap((tag) =>
      path.actions.some((action) => action.startsWith('iam:Untag')) === (tag.value === null)
        ? waysWith(path, tag, node, ways, context)
        : [],
    ),
  );
}

function waysWith(
  path: SelfEscalation,
  tag: DecisiveTag,
  node: PrincipalNode,
  ways: readonly Way[],
  context: WayContext,
): Way[] {
  const { account, finder } = context;
  const candidates = path.changes === 'userTags' ? account.users : account.roles;
  const requests = path.actions.map((action) => ({ action, extra: tagRequestKeys(tag) }));
  const name = `${path.actions.join(' ')} ${inWords(tag)}`;
  return finder.find(node, requests, candidates, name).flatMap((group, index) => {
    const originals = new Map(
      changeable(group, node, tag).map((target) => [{ ...target, tags: withTag(target, tag) }, target]),
    );
    const copies = [...originals.keys()];
    const among = {
      users: copies.filter(({ type }) => type === 'user'),
      roles: copies.filter(({ type }) => type === 'role'),
      name: `with ${inWords(tag)} set by ${node.arn}, ${index}`,
    };
    const first: Way = {
      path,
      targets: [],
      gain: 'own',
      keys: group.keys,
      doubts: [],
      grounds: group.grounds,
      by: `changing a tag of the ${path.changes === 'userTags' ? 'user' : 'role'}: ${inWords(tag)}`,
    };
    // The copies are asked about only here, so their answers are not kept.
    return takes(node, tag, { ...context, among, finder: new TargetFinder(account) }).flatMap((take): Way[] => {
      const keys = keysOf(allOf([take.keys, group.keys].map((one): Truth => (one.length === 0 ? true : one))));
      const targets = take.targets
        .flatMap((copy) => originals.get(copy) ?? [])
        .filter((target) => !isKnown(take, target, keys, ways));
      const grounds = uniqueGrounds([...first.grounds, ...take.grounds]);
      return targets.length === 0 ? [] : [{ ...take, targets, keys, grounds, first: [first] }];
    });
  });
}

/** The targets that don't have the tag so, administrators first, then those that can change permissions. */
function changeable({ targets }: TargetGroup, node: PrincipalNode, { key, value }: DecisiveTag): PrincipalNode[] {
  const isOther = ({ tags }: PrincipalNode): boolean =>
    (Object.entries(tags).find(([name]) => name.toLowerCase() === key)?.[1] ?? null) !== value;
  return targets
    .filter((target) => target !== node && isOther(target))
    .sort((a, b) => strengthOf(b) - strengthOf(a))
    .slice(0, MOST_TARGETS);
}

function strengthOf({ isAdministrator, power }: PrincipalNode): number {
  if (isAdministrator) return 2;
  return power !== null && (power.somewhere & permissionChanges) !== 0n ? 1 : 0;
}

const takes = (node: PrincipalNode, { key }: DecisiveTag, context: WayContext): readonly Way[] =>
  escalationPaths.flatMap((path): readonly Way[] => {
    // Trust policies may name the tag too.
    if (path.id !== 'sts-001' && !path.actions.some((action) => dependsOnTag(node, action, key, context))) return [];
    if (path.actions.some((action) => context.account.isRefused(node, action) && !action.startsWith('sts:'))) return [];
    if (path.kind === 'new-passrole') return passedRoleWays(path, node, context);
    return path.kind === 'principal-access' && path.target !== 'permissionSet' && path.gain !== 'sessionTags'
      ? otherPrincipalWays(path, node, context)
      : [];
  });

/** Whether a statement of the principal's policies about the action has a condition on this tag of the target. */
function dependsOnTag(node: PrincipalNode, action: string, key: string, { account }: WayContext): boolean {
  const policies = everyPolicy(policiesOf(account, node));
  return ['aws', 'iam'].some(
    (prefix) =>
      account.evaluator.namedValues(policies, action.toLowerCase(), `${prefix}:resourcetag/${key}`).length > 0,
  );
}

/** Whether the principal has the way without changing the tag. */
const isKnown = (take: Way, target: PrincipalNode, keys: readonly string[], ways: readonly Way[]): boolean =>
  ways.some((way) => way.path === take.path && way.keys.length <= keys.length && way.targets.includes(target));

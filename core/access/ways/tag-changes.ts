import type { Verdict } from '../../evaluation/permissions.ts';
import { isUnknown, keysOf } from '../../evaluation/truth.ts';
import { united, type Power } from '../abilities/abilities.ts';
import type { AccountAccess } from '../account-access.ts';
import { chosenKeys, mayAssume } from '../assumable-roles.ts';
import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { mayDo, resourceKeys, type ExtraKeys } from '../requests.ts';
import { uniqueGrounds } from '../target-groups.ts';
import { bestOnly } from './best-ways.ts';
import type { WayContext } from './way-context.ts';
import type { PermissionChange } from './permission-change.ts';
import type { DecisiveTags } from '../tag-conditions.ts';
import { resourceTagOf, rulesOfAction } from '../tag-rules.ts';
import { tagsInWords, withTags, type TagValues } from '../tag-values.ts';
import type { Way } from './way.ts';

const isRemoval = (action: string): boolean => action.startsWith('iam:Untag');

/** The keys of a request that sets or removes tags. */
export function tagRequestKeys(tags: TagValues): ExtraKeys {
  const set = [...tags].flatMap(([key, value]) =>
    value === null ? [] : [[`aws:requesttag/${key}`, [value]] as const],
  );
  return set.length > 0 ? chosenKeys(new Map(set)) : (name) => (name === 'aws:tagkeys' ? [...tags.keys()] : null);
}

const mayTag = (
  account: AccountAccess,
  caller: PrincipalNode,
  action: string,
  subject: PrincipalNode,
  tags: TagValues,
): Verdict => mayDo(account, caller, action, subject.arn, resourceKeys(subject, tagRequestKeys(tags)));

/** The ways in which a tag is set or removed on which it depends what the subject may do. */
export function tagChanges({ path, action, caller, subject }: PermissionChange, context: WayContext): Way[] {
  // Whatever tags the request has.
  if (mayDo(context.account, caller, action, subject.arn, resourceKeys(subject)).truth === false) return [];
  const ways = context.tags.of(subject).flatMap((decisive): Way[] => {
    const { tags } = decisive;
    if (isRemoving(tags) !== isRemoval(action)) return [];
    const { truth, grounds } = mayTag(context.account, caller, action, subject, tags);
    if (truth === false) return [];
    const by = changingTags(tags, caller === subject ? null : subject.type);
    return [{ path, targets: [], ...tagged(subject, decisive, context), keys: keysOf(truth), doubts: [], grounds, by }];
  });
  return bestOnly(ways);
}

const RESOURCE_TAG = /^(?:aws|iam):resourcetag\//;

/**
 * Whether a principal may change a managed policy. Tags of policies are not known, but the principal may set the one that
 * it needs.
 */
export function onPolicy(
  action: string,
  caller: PrincipalNode,
  arn: string,
  { account }: WayContext,
): Verdict & { readonly tags?: TagValues } {
  const verdict = mayDo(account, caller, action, arn);
  if (!isUnknown(verdict.truth) || !verdict.truth.every((key) => RESOURCE_TAG.test(key))) return verdict;
  for (const tags of rulesOfAction(account, caller, action)?.changesFor(arn, new Map()) ?? []) {
    if (tags.size === 0 || [...tags.values()].includes(null)) continue;
    const setting = mayDo(account, caller, 'iam:TagPolicy', arn, tagRequestKeys(tags));
    if (setting.truth !== true) continue;
    const afterwards = mayDo(account, caller, action, arn, (name) => {
      const value = tags.get(resourceTagOf(name) ?? '') ?? null;
      return value === null ? null : [value];
    });
    const grounds = uniqueGrounds([...setting.grounds, ...afterwards.grounds]);
    if (afterwards.truth === true) return { truth: true, grounds, tags };
  }
  return verdict;
}

/** To complete "by …". */
export const changingTags = (tags: TagValues, owner: PrincipalNode['type'] | null): string => {
  const one = tags.size === 1;
  const what = owner === null ? `its own ${one ? 'tag' : 'tags'}` : `${one ? 'a tag' : 'tags'} of the ${owner}`;
  return `changing ${what}: ${tagsInWords(tags)}`;
};

const isRemoving = (tags: TagValues): boolean => [...tags.values()].includes(null);

/** What a principal can do with other tags, of itself or of its session. */
function tagged(subject: PrincipalNode, { tags: changes, isOwn }: DecisiveTags, { power, changed }: WayContext) {
  const tags = { tags: withTags(subject, changes), mayHaveSessionTags: false };
  const { identity, boundary } = subject.policies;
  const own = subject.power ?? { everywhere: 0n, somewhere: 0n };
  const name = `tag ${tagsInWords(changes)}`;
  const gain = isOwn
    ? changed.gainOf(subject, name, () => power.together(identity, boundary, { ...subject, ...tags }))
    : own;
  return { gain, after: changed.of(subject, name, gain, tags) };
}

const withOwn = ({ power }: PrincipalNode, gain: Power): Power => (power === null ? gain : united(power, gain));

const UNTAGGED = 'session without tags';

/**
 * Assuming a role without session tags. If what the role may do depends on tags, only its own tags count then.
 * @returns ways for those of the targets for which it matters
 */
export function untaggedWays(take: Way, { changed, power, tags }: WayContext): Way[] {
  const dependent = take.targets.filter(
    (role) => role.mayHaveSessionTags && !role.isAdministrator && tags.of(role).length > 0,
  );
  if (dependent.length === 0) return [take];
  const isDependent = new Set(dependent);
  const others = take.targets.filter((target) => !isDependent.has(target));
  return [
    ...(others.length === 0 ? [] : [{ ...take, targets: others }]),
    ...dependent.map((role): Way => {
      const change = { mayHaveSessionTags: false };
      const { identity, boundary } = role.policies;
      const gain = changed.gainOf(role, UNTAGGED, () => power.together(identity, boundary, { ...role, ...change }));
      return { ...take, targets: [role], gain: withOwn(role, gain), after: changed.of(role, UNTAGGED, gain, change) };
    }),
  ];
}

/** For each principal, at most this many pairs of a role and a session tag are tried. */
const MOST_PAIRS = 20;

/** The ways by a role whose permissions depend on a tag that the caller may give the session. */
export function sessionTagWays(path: EscalationPath, node: PrincipalNode, context: WayContext): Way[] {
  const roles = new Map<string, PrincipalNode>();
  for (const { targets } of context.assumable.of(node)) {
    for (const role of targets) {
      if (!role.mayHaveSessionTags || role === node || role.isAdministrator || roles.size >= MOST_PAIRS) continue;
      if (!roles.has(`${role.policyKey} ${role.trustKey}`)) roles.set(`${role.policyKey} ${role.trustKey}`, role);
    }
  }
  const pairs = [...roles.values()].flatMap((role) => context.tags.of(role).map((decisive) => ({ role, decisive })));
  const ways = pairs
    .sort((a, b) => Number(b.decisive.isOwn) - Number(a.decisive.isOwn))
    .slice(0, MOST_PAIRS)
    .flatMap(({ role, decisive }): Way[] => {
      const { tags } = decisive;
      if (isRemoving(tags)) return [];
      const sent = new Map(
        [...tags].flatMap(([key, value]) => (value === null ? [] : [[`aws:requesttag/${key}`, [value]] as const])),
      );
      const { truth, grounds } = mayAssume(context.account, node, role, sent);
      if (truth === false) return [];
      const by = `assuming a role with the session ${tags.size === 1 ? 'tag' : 'tags'} ${tagsInWords(tags)}`;
      const { gain, after } = tagged(role, decisive, context);
      const targets = [role];
      return [{ path, targets, gain: withOwn(role, gain), after, keys: keysOf(truth), doubts: [], grounds, by }];
    });
  return bestOnly(ways);
}

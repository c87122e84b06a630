import type { Verdict } from '../../evaluation/permissions.ts';
import { keysOf } from '../../evaluation/truth.ts';
import type { AccountAccess } from '../account-access.ts';
import { chosenKeys, mayAssume } from '../assumable-roles.ts';
import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { mayDo, resourceKeys, type ExtraKeys } from '../requests.ts';
import { bestOnly } from '../ways/best-ways.ts';
import type { WayContext } from '../ways/way-context.ts';
import type { PermissionChange } from './permission-change.ts';
import { withTag, type DecisiveTag } from './tag-conditions.ts';
import type { Way } from '../ways/way.ts';

const isRemoval = (action: string): boolean => action.startsWith('iam:Untag');

/** The keys of a request that sets or removes a tag. */
export const tagRequestKeys = ({ key, value }: DecisiveTag): ExtraKeys =>
  value === null
    ? (name) => (name === 'aws:tagkeys' ? [key] : null)
    : chosenKeys(new Map([[`aws:requesttag/${key}`, [value]]]));

const mayTag = (
  account: AccountAccess,
  caller: PrincipalNode,
  action: string,
  subject: PrincipalNode,
  tag: DecisiveTag,
): Verdict => mayDo(account, caller, action, subject.arn, resourceKeys(subject, tagRequestKeys(tag)));

/** The ways in which a tag is set or removed on which it depends what the subject may do. */
export function tagChanges({ path, action, caller, subject }: PermissionChange, context: WayContext): Way[] {
  const ways = context.tags.of(subject, 'principal').flatMap((tag): Way[] => {
    if ((tag.value === null) !== isRemoval(action)) return [];
    const { truth, grounds } = mayTag(context.account, caller, action, subject, tag);
    if (truth === false) return [];
    const by = `${caller === subject ? 'changing its own tag' : `changing a tag of the ${subject.type}`}: ${inWords(tag)}`;
    return [{ path, targets: [], ...tagged(subject, tag, context), keys: keysOf(truth), doubts: [], grounds, by }];
  });
  return bestOnly(ways);
}

/** `team=red`, or `no team`. */
export const inWords = ({ key, value }: DecisiveTag): string => (value === null ? `no ${key}` : `${key}=${value}`);

/** What a principal can do with a tag, of itself or of its session. */
function tagged(subject: PrincipalNode, tag: DecisiveTag, { power, changed }: WayContext) {
  const tags = { tags: withTag(subject, tag), mayHaveSessionTags: false };
  const { identity, boundary } = subject.policies;
  const own = subject.power ?? { everywhere: 0n, somewhere: 0n };
  const gain = tag.isOwn ? power.together(identity, boundary, { ...subject, ...tags }) : own;
  return { gain, after: changed.of(subject, `tag ${inWords(tag)}`, gain, tags) };
}

/** For each principal, at most this many pairs of a role and a session tag are tried. */
const MOST_PAIRS = 60;

/** The ways by a role whose permissions depend on a tag that the caller may give the session. */
export function sessionTagWays(path: EscalationPath, node: PrincipalNode, context: WayContext): Way[] {
  const roles = new Map<string, PrincipalNode>();
  for (const { targets } of context.assumable.of(node)) {
    for (const role of targets) {
      if (!role.mayHaveSessionTags || role === node || role.isAdministrator || roles.size >= MOST_PAIRS) continue;
      if (!roles.has(`${role.policyKey} ${role.trustKey}`)) roles.set(`${role.policyKey} ${role.trustKey}`, role);
    }
  }
  const pairs = [...roles.values()].flatMap((role) => context.tags.of(role, 'principal').map((tag) => ({ role, tag })));
  const ways = pairs
    .sort((a, b) => Number(b.tag.isOwn) - Number(a.tag.isOwn))
    .slice(0, MOST_PAIRS)
    .flatMap(({ role, tag }): Way[] => {
      if (tag.value === null) return [];
      const sent = new Map([[`aws:requesttag/${tag.key}`, [tag.value]]]);
      const { truth, grounds } = mayAssume(context.account, node, role, sent);
      if (truth === false) return [];
      const by = `assuming a role with the session tag ${inWords(tag)}`;
      return [{ path, targets: [role], ...tagged(role, tag, context), keys: keysOf(truth), doubts: [], grounds, by }];
    });
  return bestOnly(ways);
}

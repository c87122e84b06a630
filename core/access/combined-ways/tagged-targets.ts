import { allOf, keysOf, truthOfKeys } from '../../evaluation/truth.ts';
import type { PrincipalNode } from '../node.ts';
import { escalationPaths } from '../paths/escalation-paths.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { possibleTargets } from '../possible-targets.ts';
import { mayDo, resourceKeys, tagsOf } from '../requests.ts';
import { strengthOf } from '../tag-conditions.ts';
import { rulesOfAction, rulesOfTrust, type TagRules } from '../tag-rules.ts';
import { changesOf, tagsInWords, withTags, type TagValues } from '../tag-values.ts';
import type { Share } from '../search-work.ts';
import { TargetFinder, uniqueGrounds } from '../target-groups.ts';
import type { WayContext } from '../ways/way-context.ts';
import { otherPrincipalWays } from '../ways/other-principals.ts';
import { passedRoleWays } from '../ways/passed-roles.ts';
import type { SelfEscalation } from '../ways/permission-change.ts';
import { mayBeAllowed } from './prepared-ways.ts';
import { changingTags, tagRequestKeys } from '../ways/tag-changes.ts';
import type { Way } from '../ways/way.ts';

const ASSUME = 'sts:AssumeRole';
const PASS = 'iam:PassRole';
/** The resource of this action is a policy that the target has. */
const NEW_VERSION = 'iam:CreatePolicyVersion';

const tagPaths = escalationPaths.filter(
  (path): path is SelfEscalation => path.kind === 'self-escalation' && path.changes.endsWith('Tags'),
);

/** A path by which a principal acts as a user or role, and its actions on that user or role. */
interface Take {
  readonly path: EscalationPath;
  readonly target: PrincipalNode['type'];
  readonly actions: readonly string[];
}

const takes: readonly Take[] = escalationPaths.flatMap((path): Take[] => {
  if (path.kind === 'new-passrole') return [{ path, target: 'role', actions: [PASS] }];
  if (path.kind !== 'principal-access' || path.target === 'permissionSet' || path.gain === 'sessionTags') return [];
  return [{ path, target: path.target, actions: path.actions.filter((action) => action !== NEW_VERSION) }];
});

/** At most this many targets are taken by each path, the most powerful first. */
const MOST_TARGETS = 12;

/** The same change of the tags of some targets, by requests with the same answer. */
interface Tagged {
  readonly first: readonly Way[];
  /** The targets, by what they are afterwards. */
  readonly originals: Map<PrincipalNode, PrincipalNode>;
  readonly takes: Set<Take>;
}

/**
 * The ways to act as a user or role by actions that are allowed only on those with certain tags, after the principal sets
 * or removes these tags.
 * @param ways the other ways of the principal
 */
export function taggedTargetWays(node: PrincipalNode, ways: readonly Way[], context: WayContext, share: Share): Way[] {
  const possible = tagPaths.filter(({ actions }) => actions.every((action) => mayBeAllowed(node, action, context)));
  if (possible.length === 0) return [];
  const rules = new RulesOf(node, context);
  const dependent = takes.filter((take) => rules.decide(take));
  return [...new Set(dependent.map(({ target }) => target))].flatMap((type) => {
    const changing = possible.filter(({ changes }) => changes === `${type}Tags`);
    const ofType = dependent.filter(({ target }) => target === type);
    return changing.length === 0 ? [] : waysByTags(node, type, changing, ofType, { rules, ways, context, share });
  });
}

interface Known {
  readonly rules: RulesOf;
  readonly ways: readonly Way[];
  readonly context: WayContext;
  readonly share: Share;
}

function waysByTags(
  node: PrincipalNode,
  type: PrincipalNode['type'],
  changing: readonly SelfEscalation[],
  dependent: readonly Take[],
  { rules, ways, context, share }: Known,
): Way[] {
  const { account } = context;
  const groups = new Map<string, Tagged>();
  const counts = new Map<Take, number>();
  for (const target of taggable(node, type, changing, context)) {
    const open = dependent.filter((take) => (counts.get(take) ?? 0) < MOST_TARGETS);
    if (open.length === 0 || !share.goesOn()) break;
    const known = new Map<string, readonly Way[] | null>();
    const copies = new Map<string, PrincipalNode>();
    for (const take of open) {
      for (const changes of rules.changesFor(take, target)) {
        const name = tagsInWords(changes);
        const asked = known.get(name);
        const first = asked === undefined ? tagging(node, target, changes, changing, context) : asked;
        known.set(name, first);
        if (first === null) continue;
        const key = JSON.stringify([name, first.map(({ path, keys, grounds }) => [path.id, keys, grounds])]);
        const group: Tagged = groups.get(key) ?? { first, originals: new Map(), takes: new Set() };
        groups.set(key, group);
        const copy = copies.get(name) ?? { ...target, tags: withTags(target, changes) };
        copies.set(name, copy);
        group.originals.set(copy, target);
        group.takes.add(take);
        counts.set(take, (counts.get(take) ?? 0) + 1);
        break;
      }
    }
  }
  // The copies are asked about only here, so their answers are not kept.
  const finder = new TargetFinder(account);
  return [...groups].flatMap(([key, { first, originals, takes: taking }]) => {
    const copies = [...originals.keys()];
    const among = type === 'user' ? { users: copies, roles: [] } : { users: [], roles: copies };
    const limited = { ...context, finder, among: { ...among, name: `with ${key} by ${node.arn}` } };
    const prepared = [...taking].flatMap(({ path }): readonly Way[] =>
      share.goesOn() ? takeWays(path, node, limited) : [],
    );
    return prepared.flatMap((take): Way[] => {
      const keys = keysOf(allOf([take, ...first].map((one) => truthOfKeys(one.keys))));
      const targets = take.targets
        .flatMap((copy) => originals.get(copy) ?? [])
        .filter((target) => !isKnown(take, target, keys, ways));
      const grounds = uniqueGrounds([...first.flatMap((one) => one.grounds), ...take.grounds]);
      return targets.length === 0 ? [] : [{ ...take, targets, keys, grounds, first }];
    });
  });
}

function takeWays(path: EscalationPath, node: PrincipalNode, context: WayContext): readonly Way[] {
  if (path.kind === 'new-passrole') return passedRoleWays(path, node, context);
  return path.kind === 'principal-access' ? otherPrincipalWays(path, node, context) : [];
}

/** What the policies of a principal, and the trust policies of roles, say about the tags of its targets. */
class RulesOf {
  readonly #rules = new Map<string, TagRules | null>();
  /** Of the last target, because many paths need the same. */
  #last: { readonly target: PrincipalNode; readonly changes: Map<string, readonly TagValues[]> } | null = null;

  constructor(
    private readonly node: PrincipalNode,
    private readonly context: WayContext,
  ) {}

  /** Whether it may depend on tags if the principal may take a target so. */
  decide({ path, actions }: Take): boolean {
    const { account, tags } = this.context;
    if (path.actions.some((action) => account.isRefused(this.node, action) && action !== ASSUME)) return false;
    const needed = actions.filter((action) => action !== ASSUME);
    if (needed.some((action) => !mayBeAllowed(this.node, action, this.context))) return false;
    if (actions.some((action) => this.#ofAction(action)?.dependsOnTags === true)) return true;
    return actions.includes(ASSUME) && tags.taggedTrust.size > 0;
  }

  /** The changes of a target's tags that are needed to take it. */
  changesFor({ actions }: Take, target: PrincipalNode): readonly TagValues[] {
    if (this.#last?.target !== target) this.#last = { target, changes: new Map() };
    const { changes } = this.#last;
    // Actions with the same statements have the same rules.
    const key = actions
      .map((action) => `${this.#ofAction(action)?.key ?? ''}${action === ASSUME ? ' role' : ''}`)
      .join();
    const found = changes.get(key) ?? this.#find(actions, target);
    changes.set(key, found);
    return found;
  }

  #find(actions: readonly string[], target: PrincipalNode): readonly TagValues[] {
    this.context.account.work.count();
    let found: readonly TagValues[] = [new Map()];
    const add = (rules: TagRules | null, isNeeded: boolean): void => {
      if (rules === null) return;
      found = found.flatMap((changes) => {
        const tags = new Map([...tagsOf(target), ...changes]);
        const further = rules.changesFor(target.arn, tags).map((more) => new Map([...changes, ...more]));
        return further.length === 0 && !isNeeded ? [changes] : further;
      });
    };
    // A trust policy that names the principal needs no statement of the principal's policies.
    for (const action of actions) add(this.#ofAction(action), action !== ASSUME);
    if (actions.includes(ASSUME) && !changesTrust(actions)) add(this.#ofTrust(target), true);
    return found.map((changes) => changesOf(target, changes)).filter(({ size }) => size > 0);
  }

  #ofAction(action: string): TagRules | null {
    const known = this.#rules.get(action);
    if (known !== undefined) return known;
    const rules = rulesOfAction(this.context.account, this.node, action);
    this.#rules.set(action, rules);
    return rules;
  }

  #ofTrust(role: PrincipalNode): TagRules | null {
    const { account, tags } = this.context;
    return tags.taggedTrust.has(role) ? rulesOfTrust(account, this.node, role) : null;
  }
}

const changesTrust = (actions: readonly string[]): boolean => actions.includes('iam:UpdateAssumeRolePolicy');

/** The targets whose tags the principal may change: administrators first, then those that can change permissions. */
function taggable(
  node: PrincipalNode,
  type: PrincipalNode['type'],
  changing: readonly SelfEscalation[],
  { account }: WayContext,
): readonly PrincipalNode[] {
  const all = type === 'user' ? account.users : account.roles;
  const found = new Set<PrincipalNode>();
  for (const { actions } of changing) {
    for (const action of actions) for (const one of possibleTargets(account, node, { action }, all)) found.add(one);
  }
  found.delete(node);
  return [...found].sort((a, b) => strengthOf(b) - strengthOf(a));
}

/** The requests that set tags of a target and remove others; null: they are not allowed. */
function tagging(
  node: PrincipalNode,
  target: PrincipalNode,
  changes: TagValues,
  changing: readonly SelfEscalation[],
  { account }: WayContext,
): readonly Way[] | null {
  const set = new Map([...changes].filter(([, value]) => value !== null));
  const removed = new Map([...changes].filter(([, value]) => value === null));
  const ways: Way[] = [];
  let at = target;
  for (const tags of [set, removed]) {
    if (tags.size === 0) continue;
    const path = changing.find(({ actions }) => actions.some(isRemoval) === (tags === removed));
    const [action] = path?.actions ?? [];
    if (path === undefined || action === undefined) return null;
    const { truth, grounds } = mayDo(account, node, action, at.arn, resourceKeys(at, tagRequestKeys(tags)));
    if (truth === false) return null;
    const by = changingTags(tags, target.type);
    ways.push({ path, targets: [], gain: 'own', keys: keysOf(truth), doubts: [], grounds, by });
    at = { ...at, tags: withTags(at, tags) };
  }
  return ways;
}

const isRemoval = (action: string): boolean => action.startsWith('iam:Untag');

/** Whether the principal has the way without changing the tags. */
const isKnown = (take: Way, target: PrincipalNode, keys: readonly string[], ways: readonly Way[]): boolean =>
  ways.some((way) => way.path === take.path && way.keys.length <= keys.length && way.targets.includes(target));

import { allOf, keysOf, type Truth } from '../../evaluation/truth.ts';
import type { NamedPolicy } from '../../evaluation/policy-set.ts';
import type { AccountGroup } from '../account-access.ts';
import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { everyPolicy, type Verdict } from '../../evaluation/permissions.ts';
import { wildcardPattern } from '../../policies/wildcards.ts';
import { groupKeys, mayDo, policiesOf, type ExtraKeys } from '../requests.ts';
import { uniqueGrounds } from '../target-groups.ts';
import { inWordsOfWriting } from './own-policies.ts';
import { grantBy, type GrantedChange } from './attach-policy.ts';
import { bestOnly } from './best-ways.ts';
import { namesToTry } from './new-names.ts';
import { anyPolicy } from '../changed-principals.ts';
import { grantsAnything, type ActionBits } from '../abilities/abilities.ts';
import { requestTagOf, resourceTagOf, rulesOfAction } from '../tag-rules.ts';
import { keyValue, tagsInWords, type TagValues } from '../tag-values.ts';
import { tagRequestKeys } from './tag-changes.ts';
import type { WayContext } from './way-context.ts';
import type { Way } from './way.ts';

export type NewPrincipal = Extract<EscalationPath, { kind: 'new-principal' }>;

const ADD_TO_GROUP = 'iam:AddUserToGroup';
const GRANTS = new Set([
  'iam:AttachRolePolicy',
  'iam:PutRolePolicy',
  'iam:AttachUserPolicy',
  'iam:PutUserPolicy',
  ADD_TO_GROUP,
]);

/** The ways by a role or user that the principal creates with permissions of its choice, or with those of a group. */
export function newPrincipalWays(path: NewPrincipal, node: PrincipalNode, context: WayContext): Way[] {
  const { account } = context;
  if (account.facts.accountId !== node.accountId) return [];
  const groups = path.actions.includes(ADD_TO_GROUP) ? [...account.groups.values()] : [null];
  return bestOnly(groups.flatMap((group) => bestWays(path, node, group, context)));
}

/**
 * The most certain way with each boundary that the new principal may have.
 * @param group to which the new user is added; null: it gets its permissions by another action
 */
function bestWays(path: NewPrincipal, node: PrincipalNode, group: AccountGroup | null, context: WayContext): Way[] {
  // Whether the group may be changed does not depend on the new user, so other answers are not needed if not.
  if (
    group !== null &&
    mayDo(context.account, node, ADD_TO_GROUP, group.arn, groupKeys(node.accountId)).truth === false
  )
    return [];
  const names = namesToTry(path.creates, path.actions, node, context.account);
  const ways: Way[] = [];
  for (const boundary of boundariesToTry(path, node, context)) {
    let best: Way | null = null;
    const choices = names.flatMap((arn) =>
      withTagsToTry(path, node, { arn, boundary, group, isAssumed: true }, context),
    );
    for (const choice of choices) {
      const one = wayWith(path, node, choice, context);
      if (one !== null && (best === null || one.keys.length < best.keys.length)) best = one;
      if (best?.keys.length === 0) break;
    }
    if (best === null) continue;
    ways.push(best, ...choices.flatMap((choice) => withoutItsBoundary(path, node, choice, context)));
    // No boundary gives more than none.
    if (boundary === null && best.keys.length === 0) break;
  }
  return ways;
}

interface Choice {
  /** ARN of the new principal. */
  readonly arn: string;
  readonly boundary: NamedPolicy | null;
  readonly group: AccountGroup | null;
  /** Whether the principal assumes the role that it creates. */
  readonly isAssumed: boolean;
  /** With which it is created. */
  readonly tags: TagValues;
}

/** A role that is created for a service, not for its creator. */
export interface NewRole {
  readonly role: PrincipalNode;
  /** Names the creator as the principal that the role trusts. */
  readonly creation: Way;
}

/**
 * The roles that a principal may create with permissions of its choice, whether or not it may assume them: for each name
 * and each boundary.
 * @param uses what it does with the role afterwards; names that are allowed for this action are tried too
 */
export function newRoles(path: NewPrincipal, node: PrincipalNode, uses: string, context: WayContext): NewRole[] {
  const { account, changed } = context;
  if (account.facts.accountId !== node.accountId) return [];
  const names = namesToTry(path.creates, [...path.actions, uses], node, account).filter(
    (arn) => mayDo(account, node, uses, arn).truth !== false,
  );
  if (names.length === 0) return [];
  const isAssumed = false;
  const found = boundariesToTry(path, node, context).flatMap((boundary) =>
    names.flatMap((arn) => {
      const choices = withTagsToTry(path, node, { arn, boundary, group: null, isAssumed }, context);
      const creations = choices.flatMap((choice) => [
        wayWith(path, node, choice, context),
        ...withoutItsBoundary(path, node, choice, context),
      ]);
      return creations.flatMap((creation): NewRole[] => {
        if (creation === null || creation.gain === 'own') return [];
        const power = creation.gain;
        const role = creation.after?.[0] ?? {
          ...changed.created('role', arn, node.accountId),
          power,
          isAdministrator: grantsAnything(power),
          changes: ['created'],
        };
        return [{ role, creation }];
      });
    }),
  );
  const kept = new Map<ActionBits, number>();
  return [...found]
    .sort((a, b) => a.creation.keys.length - b.creation.keys.length)
    .filter(({ role }) => {
      const power = role.power?.everywhere ?? 0n;
      kept.set(power, (kept.get(power) ?? 0) + 1);
      return (kept.get(power) ?? 0) <= MOST_ALIKE;
    });
}

/** At most this many new roles with the same permissions are tried. Their names may differ in what may be passed. */
const MOST_ALIKE = 4;

/** The choice without tags, and with those that conditions on the creation or on the later requests need. */
function withTagsToTry(
  { actions, creates }: NewPrincipal,
  node: PrincipalNode,
  choice: Omit<Choice, 'tags'>,
  { account }: WayContext,
): readonly Choice[] {
  const none: TagValues = new Map();
  let found: readonly TagValues[] = [none];
  for (const action of creates === 'role' && choice.isAssumed ? [...actions, ASSUME] : actions) {
    const rules = rulesOfAction(account, node, action, CREATIONS.has(action) ? requestTagOf : resourceTagOf);
    if (rules === null || action === ADD_TO_GROUP) continue;
    found = found.flatMap((tags) => {
      const further = rules.changesFor(choice.arn, tags).map((more) => new Map([...tags, ...more]));
      return further.length === 0 ? [tags] : further;
    });
  }
  const set = found.map((tags) => new Map([...tags].filter(([, value]) => value !== null)));
  const different = new Map([none, ...set].map((tags) => [tagsInWords(tags), tags]));
  return [...different.values()].slice(0, MOST_TAGS).map((tags) => ({ ...choice, tags }));
}

/** At most this many sets of tags are tried for a new principal. */
const MOST_TAGS = 8;
const ASSUME = 'sts:AssumeRole';
const CREATIONS = new Set(['iam:CreateRole', 'iam:CreateUser']);

/** What takes the boundary of a new principal away: another action of the same caller. */
interface Lift {
  readonly verdict: Verdict;
  readonly action: string;
  readonly by: string;
}

/** The ways with a boundary that the caller may remove afterwards, or whose policy it may change. */
function withoutItsBoundary(path: NewPrincipal, node: PrincipalNode, choice: Choice, context: WayContext): Way[] {
  const { account, power } = context;
  const { arn, boundary } = choice;
  if (boundary === null) return [];
  const type = path.creates === 'user' ? 'User' : 'Role';
  const { extra } = keysOfNew(node, null, choice.tags);
  const onPrincipal = (action: string, policy: string, by: string): Lift => ({
    verdict: mayDo(account, node, action, arn, (key) => (key === 'iam:permissionsboundary' ? [policy] : extra(key))),
    action,
    by,
  });
  const lifts: Lift[] = [
    onPrincipal(
      `iam:Delete${type}PermissionsBoundary`,
      boundary.name,
      `deleting the permissions boundary of the ${path.creates}`,
    ),
    ...power.administratorPolicies.map((policy) =>
      onPrincipal(
        `iam:Put${type}PermissionsBoundary`,
        policy,
        `replacing the permissions boundary of the ${path.creates}`,
      ),
    ),
  ];
  if (account.policies.has(boundary.name)) {
    const action = 'iam:CreatePolicyVersion';
    const by = `creating a new version of the permissions boundary of the ${path.creates}`;
    lifts.push({ verdict: mayDo(account, node, action, boundary.name), action, by });
  }
  return lifts.flatMap((lift) =>
    lift.verdict.truth === false ? [] : (wayWith(path, node, choice, context, lift) ?? []),
  );
}

/** @param lift takes the boundary away afterwards; null: it stays */
function wayWith(
  path: NewPrincipal,
  node: PrincipalNode,
  { arn, boundary: required, group, isAssumed, tags }: Choice,
  context: WayContext,
  lift: Lift | null = null,
): Way | null {
  const boundary = lift === null ? required : null;
  const { account, power, changed } = context;
  // A role that trusts the principal by name needs no identity policy for sts:AssumeRole.
  const needed = path.actions.filter((action) => !GRANTS.has(action));
  const { ofCreation, extra } = keysOfNew(node, required, tags);
  const verdicts = needed.map((action) =>
    mayDo(account, node, action, arn, CREATIONS.has(action) ? ofCreation : extra),
  );
  if (tags.size > 0) {
    // Creating it with tags needs this permission too.
    verdicts.push(mayDo(account, node, path.creates === 'user' ? 'iam:TagUser' : 'iam:TagRole', arn, ofCreation));
  }
  const grants = path.actions
    .filter((action) => GRANTS.has(action))
    .map((action): GrantedChange | null =>
      group === null
        ? grantBy(action, node, arn, { boundary, node: null }, context, extra)
        : {
            verdict: mayDo(account, node, action, group.arn, groupKeys(node.accountId)),
            power: power.ofDocuments(group.policies, boundary, null),
            policies: group.policies,
          },
    );
  const granted = grants.filter((grant): grant is GrantedChange => grant !== null);
  const [first] = granted;
  if (first === undefined || granted.length < grants.length) return null;
  const truths: Truth[] = [
    ...verdicts.map(({ truth }) => truth),
    ...granted.map(({ verdict }) => verdict.truth),
    lift?.verdict.truth ?? true,
  ];
  if (path.creates === 'role' && isAssumed) {
    const parts = { needsIdentity: false, needsBoundary: node.type === 'role' };
    truths.push(mayDo(account, node, ASSUME, arn, extra, parts).truth);
  }
  const truth = allOf(truths);
  if (truth === false) return null;
  const all = [...verdicts, ...granted.map(({ verdict }) => verdict), ...(lift === null ? [] : [lift.verdict])];
  const grounds = uniqueGrounds(all.flatMap((one) => one.grounds));
  const { written } = first;
  const also = [...(written === undefined ? [] : [written]), ...(lift === null ? [] : [lift.action])];
  const withPolicy = written === undefined ? path.by : `${path.by}, ${inWordsOfWriting[written]}`;
  const by = also.length === 0 ? {} : { by: lift === null ? withPolicy : `${withPolicy}, and ${lift.by}`, also };
  const tagged = tags.size === 0 ? '' : ` and ${tagsInWords(tags)}`;
  const name = `created with ${group === null ? '' : `group ${group.name} and `}boundary ${boundary?.name ?? 'none'}${tagged}`;
  const identity = (first.policies ?? [anyPolicy]).map((policy) => ({ ...anyPolicy, ...policy }));
  const after = changed.of(changed.created(path.creates, arn, node.accountId), name, first.power, {
    policies: { identity, boundary },
    boundaryArn: boundary?.name ?? null,
    tags: Object.fromEntries([...tags].flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]))),
  });
  return { path, targets: [], gain: first.power, after, keys: keysOf(truth), doubts: [], grounds, ...by };
}

/** The keys of the request that creates a principal, and of later ones about it. */
function keysOfNew(node: PrincipalNode, boundary: NamedPolicy | null, tags: TagValues) {
  const common: ExtraKeys = (key) => {
    if (key === 'iam:permissionsboundary') return boundary === null ? 'absent' : [boundary.name];
    return key === 'aws:resourceaccount' ? [node.accountId] : null;
  };
  const requested = tags.size === 0 ? withoutTags : tagRequestKeys(tags);
  const ofCreation: ExtraKeys = (key) => common(key) ?? requested(key);
  const extra: ExtraKeys = (key) => {
    const tag = resourceTagOf(key);
    return tag === null ? common(key) : keyValue(tags, tag);
  };
  return { ofCreation, extra };
}

const withoutTags: ExtraKeys = (key) => (key === 'aws:tagkeys' || requestTagOf(key) !== null ? 'absent' : null);

/** No boundary, and policies that conditions name as the boundary. A boundary limits the new principal. */
function boundariesToTry(
  { actions }: NewPrincipal,
  node: PrincipalNode,
  { account, power }: WayContext,
): (NamedPolicy | null)[] {
  const policies = everyPolicy(policiesOf(account, node));
  const named = actions.flatMap((action) =>
    account.evaluator.namedValues(policies, action.toLowerCase(), 'iam:permissionsboundary'),
  );
  if (named.length === 0) return [null];
  const exact = named.filter((name) => !/[*?]/.test(name));
  const arns = [...power.administratorPolicies, ...exact, ...matching(named, [...account.policies.keys()])];
  return [null, ...[...new Set(arns)].map((arn) => power.policy(arn))].slice(0, MOST_BOUNDARIES);
}

const MOST_BOUNDARIES = 20;

const matching = (patterns: readonly string[], arns: readonly string[]): string[] => {
  const matchers = patterns.filter((pattern) => /[*?]/.test(pattern)).map(wildcardPattern);
  return matchers.length === 0 ? [] : arns.filter((arn) => matchers.some((matches) => matches(arn)));
};

import { allOf, keysOf } from '../../evaluation/truth.ts';
import type { NamedPolicy } from '../../evaluation/policy-set.ts';
import type { Power } from '../abilities/abilities.ts';
import type { AccountGroup } from '../account-access.ts';
import type { HeldPolicy, PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { groupKeys, mayDo, resourceKeys, type ExtraKeys } from '../requests.ts';
import { grantBy, type GrantedChange } from './attach-policy.ts';
import { bestOnly } from './best-ways.ts';
import { namesToTry } from './new-names.ts';
import type { WayContext } from './way-context.ts';
import { inWordsOfWriting, ownPolicies } from './own-policies.ts';
import { denialWays } from './own-denials.ts';
import type { PermissionChange, SelfEscalation } from './permission-change.ts';
import { onPolicy, tagChanges } from './tag-changes.ts';
import { tagsInWords } from '../tag-values.ts';
import { uniqueGrounds } from '../target-groups.ts';
import type { Way } from './way.ts';

/** The ways in which a principal changes its own permissions. */
export const ownPermissionWays = (path: SelfEscalation, node: PrincipalNode, context: WayContext): Way[] =>
  changesBy(path, node, node, context);

/** IAM refuses to change such a role itself ("only modifiable by AWS"), but not customer managed policies that it has. */
const isKeptByAws = ({ managedBy }: PrincipalNode): boolean =>
  managedBy === 'identityCenter' || managedBy === 'service';

/**
 * The ways in which a principal changes what a principal can do: `caller` changes `subject`, which may be itself. What
 * they give is what the subject can do afterwards.
 */
export function changesBy(
  path: SelfEscalation,
  caller: PrincipalNode,
  subject: PrincipalNode,
  context: WayContext,
): Way[] {
  if (path.changes.startsWith('role') && isKeptByAws(subject)) return [];
  const [action = ''] = path.actions;
  const change = { path, action, caller, subject };
  switch (path.changes) {
    case 'user':
    case 'role':
      return subject.type === path.changes
        ? wayOf(
            change,
            grantBy(action, caller, subject.arn, receiver(subject), context, resourceKeys(subject)),
            context,
          )
        : [];
    case 'group':
      return subject.type === 'user' ? groupWays(change, context) : [];
    case 'newGroup':
      return subject.type === 'user' ? newGroupWays(change, context) : [];
    case 'policy':
      return policyWays(change, context);
    case 'userBoundary':
    case 'roleBoundary':
      return `${subject.type}Boundary` === path.changes ? boundaryWays(change, context) : [];
    case 'userDenials':
    case 'roleDenials':
      return `${subject.type}Denials` === path.changes ? denialWays(change, context) : [];
    case 'groupDenials':
      return subject.type === 'user' ? denialWays(change, context) : [];
    case 'userTags':
    case 'roleTags':
      return `${subject.type}Tags` === path.changes ? tagChanges(change, context) : [];
  }
}

const receiver = (node: PrincipalNode) => ({ boundary: node.policies.boundary, node });

function wayOf({ path, subject }: PermissionChange, change: GrantedChange | null, { changed }: WayContext): Way[] {
  if (change === null) return [];
  const { power, policies, verdict, written } = change;
  const after =
    policies === null
      ? changed.withAnything(subject, power)
      : changed.of(subject, ...withPolicies(subject, policies, power));
  const by = written === undefined ? {} : { by: `${path.by}, ${inWordsOfWriting[written]}`, also: [written] };
  return [{ ...way(path, power, verdict, after), ...by }];
}

/** The change by which a principal gets more managed policies. */
function withPolicies(subject: PrincipalNode, policies: readonly NamedPolicy[], power: Power) {
  const held = policies.map((policy): HeldPolicy => ({
    ...policy,
    kind: 'managed',
    group: null,
    ownName: policy.name,
  }));
  const attached = [...subject.attached, ...held.map(({ ownName }) => ownName)];
  const name = `policies ${policies.map((policy) => policy.name).join(' ')}`;
  return [name, power, { attached, policies: { identity: [...subject.policies.identity, ...held] } }] as const;
}

const way = (
  path: EscalationPath,
  gain: Way['gain'],
  { truth, grounds }: GrantedChange['verdict'],
  after: readonly PrincipalNode[],
): Way => ({ path, targets: [], gain, after, keys: keysOf(truth), doubts: [], grounds });

/** Only the groups that the user is in, or for iam:AddUserToGroup those that it is not in. */
function groupWays(change: PermissionChange, context: WayContext): Way[] {
  const { path, action, caller, subject } = change;
  const { account, power, changed } = context;
  const { boundary } = subject.policies;
  const ways = [...account.groups.values()].flatMap((group): Way[] => {
    const isMember = subject.groups.includes(group.name);
    if (action !== 'iam:AddUserToGroup') {
      const keys = groupKeys(subject.accountId);
      return isMember
        ? wayOf(change, grantBy(action, caller, group.arn, receiver(subject), context, keys), context)
        : [];
    }
    if (isMember) return [];
    const verdict = mayDo(account, caller, action, group.arn, groupKeys(subject.accountId));
    if (verdict.truth === false) return [];
    const name = `group ${group.name}`;
    const gain = changed.gainOf(subject, name, () =>
      power.together([...subject.policies.identity, ...group.policies], boundary, subject),
    );
    return [way(path, gain, verdict, changed.of(subject, name, gain, asMember(subject, group)))];
  });
  return bestOnly(ways);
}

/** The actions by which a group gets policies. */
const GRANTS = new Set(['iam:AttachGroupPolicy', 'iam:PutGroupPolicy']);

/** All actions are about one group, whose name is free. */
function newGroupWays(change: PermissionChange, context: WayContext): Way[] {
  const { path, caller, subject } = change;
  const { account } = context;
  if (subject.accountId !== account.facts.accountId) return [];
  const keys = groupKeys(subject.accountId);
  const ways: Way[] = [];
  for (const arn of namesToTry('group', path.actions, caller, account)) {
    const others = path.actions
      .filter((action) => !GRANTS.has(action))
      .map((action) => mayDo(account, caller, action, arn, keys));
    if (others.some(({ truth }) => truth === false)) continue;
    const grants = path.actions
      .filter((action) => GRANTS.has(action))
      .flatMap((action) => grantBy(action, caller, arn, receiver(subject), context, keys) ?? []);
    for (const grant of grants) {
      const verdicts = [...others, grant.verdict];
      const truth = allOf(verdicts.map((one) => one.truth));
      const grounds = uniqueGrounds(verdicts.flatMap((one) => one.grounds));
      if (truth !== false) ways.push(...wayOf(change, { ...grant, verdict: { truth, grounds } }, context));
    }
    if (ways.some((one) => one.keys.length === 0)) break;
  }
  return bestOnly(ways);
}

/** What changes if a user becomes a member of a group. */
export const asMember = ({ groups, attached, policies }: PrincipalNode, group: AccountGroup) => ({
  groups: [...groups, group.name],
  attached: [...attached, ...group.attached],
  policies: { identity: [...policies.identity, ...heldBy(group)] },
});

const heldBy = ({ name: group, attached, policies }: AccountGroup): HeldPolicy[] =>
  policies.map((policy) => ({
    ...policy,
    kind: attached.includes(policy.name) ? 'managed' : 'inline',
    group,
    ownName: policy.name,
  }));

/** Only customer managed policies that the subject has itself, by a group, or as its boundary. */
function policyWays({ path, action, caller, subject }: PermissionChange, context: WayContext): Way[] {
  const { account, power, changed } = context;
  const { boundary } = subject.policies;
  const isAttached = new Set(subject.attached);
  const arns = new Set([...isAttached, ...(subject.boundaryArn === null ? [] : [subject.boundaryArn])]);
  const ways = [...arns].flatMap((arn): Way[] => {
    const policy = account.policies.get(arn);
    if (policy === undefined) return [];
    const verdict = onPolicy(action, caller, arn, context);
    if (verdict.truth === false) return [];
    const tagged =
      verdict.tags === undefined ? {} : { by: `${path.by}, after setting its tag ${tagsInWords(verdict.tags)}` };
    const isBoundary = subject.boundaryArn === arn;
    if (action === 'iam:CreatePolicyVersion') {
      // If the policy is also the boundary, the new version lifts the boundary too.
      const after = isBoundary ? withoutBoundary(subject, context) : [];
      if (!isAttached.has(arn)) return [{ ...way(path, power.unbound(subject), verdict, after), ...tagged }];
      const gain = power.everything(isBoundary ? null : boundary, subject);
      const most = isBoundary ? after : changed.withAnything(subject, gain);
      return [{ ...way(path, gain, verdict, most), ...tagged }];
    }
    return policy.otherVersions.map(({ id, document }) => {
      const version: HeldPolicy = { name: `${arn} ${id}`, document, kind: 'managed', group: null, ownName: arn };
      const identity = isAttached.has(arn) ? [version, ...othersThan(arn, subject)] : subject.policies.identity;
      const limit = isBoundary ? version : boundary;
      const gain = changed.gainOf(subject, version.name, () => power.together(identity, limit, subject));
      const after = changed.of(subject, version.name, gain, { policies: { identity, boundary: limit } });
      return { ...way(path, gain, verdict, after), ...tagged };
    });
  });
  return bestOnly(ways);
}

const othersThan = (arn: string, { policies }: PrincipalNode): readonly HeldPolicy[] =>
  policies.identity.filter(({ kind, ownName }) => kind !== 'managed' || ownName !== arn);

/** The same principal after its boundary is removed. */
export const withoutBoundary = (node: PrincipalNode, { power, changed }: WayContext): readonly PrincipalNode[] =>
  changed.of(node, 'no boundary', power.unbound(node), { boundaryArn: null, policies: { boundary: null } });

/** Without an own boundary condition, any policy can be the new boundary. */
function boundaryWays({ path, action, caller, subject }: PermissionChange, context: WayContext): Way[] {
  const { account, power } = context;
  if (subject.policies.boundary === null) return [];
  const gain = power.unbound(subject);
  const current = subject.boundaryArn ?? '';
  const choices = action.startsWith('iam:Delete') ? [current] : power.administratorPolicies;
  const ways = choices.flatMap((arn): Way[] => {
    const key: ExtraKeys = (name) => (name === 'iam:permissionsboundary' ? [arn] : null);
    const verdict = mayDo(account, caller, action, subject.arn, resourceKeys(subject, key));
    return verdict.truth === false ? [] : [way(path, gain, verdict, withoutBoundary(subject, context))];
  });
  const own = action.startsWith('iam:Delete') ? [] : ownPolicies(caller, action, 'iam:permissionsboundary', account);
  for (const { arn, written, verdict: writing } of own) {
    const key: ExtraKeys = (name) => (name === 'iam:permissionsboundary' ? [arn] : null);
    const verdict = mayDo(account, caller, action, subject.arn, resourceKeys(subject, key));
    const truth = allOf([writing.truth, verdict.truth]);
    if (truth === false) continue;
    const both = { truth, grounds: uniqueGrounds([...writing.grounds, ...verdict.grounds]) };
    const by = { by: `${path.by}, ${inWordsOfWriting[written]}`, also: [written] };
    ways.push({ ...way(path, gain, both, withoutBoundary(subject, context)), ...by });
  }
  return bestOnly(ways);
}

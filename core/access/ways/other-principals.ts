import type { Ground } from '../../contract/answers/permission.ts';
import { allOf, keysOf, truthOfKeys } from '../../evaluation/truth.ts';
import type { Power } from '../abilities/abilities.ts';
import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { everyPolicy, type Verdict } from '../../evaluation/permissions.ts';
import { decisivePart } from '../possible-targets.ts';
import { mayDo, policiesOf, resourceKeys } from '../requests.ts';
import { mayDoTogether } from '../together.ts';
import {
  TargetGroups,
  uniqueGrounds,
  type TargetAnswer,
  type TargetGroup,
  type TargetRequest,
} from '../target-groups.ts';
import type { MfaFacts } from '../changed-principals.ts';
import { asksForMfa } from '../account-access.ts';
import { inWordsOfWriting, ownPolicies } from './own-policies.ts';
import { targetsIn, type WayContext } from './way-context.ts';
import { withoutBoundary } from './own-permissions.ts';
import { sessionTagWays, untaggedWays } from './tag-changes.ts';
import type { Doubt, Way } from './way.ts';

type PrincipalAccess = Extract<EscalationPath, { kind: 'principal-access' }>;

const ASSUME = 'sts:AssumeRole';
const CHANGE_TRUST = 'iam:UpdateAssumeRolePolicy';
/** The resource of this action is a policy that the target has. */
const NEW_VERSION = 'iam:CreatePolicyVersion';
const ATTACHES = ['iam:AttachUserPolicy', 'iam:AttachRolePolicy'];
const NEW_BOUNDARIES = ['iam:PutUserPermissionsBoundary', 'iam:PutRolePermissionsBoundary'];
const REMOVE_MFA = 'iam:DeactivateMFADevice';
/** IAM quota: access keys per user. */
const MOST_KEYS = 2;

/** The ways in which a principal acts as another user or role. */
export function otherPrincipalWays(path: PrincipalAccess, node: PrincipalNode, context: WayContext): Way[] {
  if (path.target === 'permissionSet') return permissionSetWays(path, node, context);
  if (path.gain === 'sessionTags') return sessionTagWays(path, node, context);
  const ways = path.target === 'role' ? roleGroups(path, node, context) : userGroups(path, node, context);
  return ways.flatMap(({ targets, keys, grounds, doubts, removesMfa, written }): Way[] => {
    const others = path.target === node.type ? targets.filter((target) => target !== node) : targets;
    if (others.length === 0) return [];
    const way = {
      ...{ path, keys, grounds, doubts },
      ...(written === undefined ? {} : { by: `${path.by}, ${inWordsOfWriting[written]}`, also: [written] }),
      ...(removesMfa ? { by: `${path.by}, whose MFA device it deactivates`, also: [REMOVE_MFA] } : {}),
    };
    if (path.gain === 'own') {
      if (path.target === 'user' && (removesMfa || !signsIn(path.actions)))
        return withoutTheirMfa(way, others, context);
      const own: Way = { ...way, targets: others, gain: 'own' };
      return path.actions.includes(ASSUME) ? untaggedWays(own, context) : [own];
    }
    if (path.gain === 'boundary') {
      return byPolicies(others).map((members) => ({
        ...way,
        targets: members,
        gain: context.power.unbound(members[0]),
        after: withoutBoundary(members[0], context),
      }));
    }
    return byPower(others, context).map(({ gain, members }) => ({
      ...way,
      targets: members,
      gain,
      after: context.changed.withAnything(members[0], gain),
    }));
  });
}

const signsIn = (actions: readonly string[]): boolean =>
  actions.some((action) => action === 'iam:CreateLoginProfile' || action === 'iam:UpdateLoginProfile');

/** Who gets an access key of a user, or its password without its MFA device, has no permissions that need MFA. */
function withoutTheirMfa(
  way: Omit<Way, 'targets' | 'gain'>,
  users: readonly PrincipalNode[],
  { account, assumable, changed, power }: WayContext,
): Way[] {
  const facts: MfaFacts = {
    granted: power,
    mayEnable: (user) => mayDo(account, user, 'iam:EnableMFADevice', user.arn, resourceKeys(user)).truth !== false,
    mayAssumeWithMfa: (user) =>
      account.hasTrustWithMfa && assumable.of(user).some(({ targets }) => targets.some(asksForMfa)),
  };
  const unlimited: PrincipalNode[] = [];
  const ways: Way[] = [];
  for (const user of users) {
    const weaker = changed.withoutMfa(user, facts);
    if (weaker === user) unlimited.push(user);
    else if (weaker.power !== null) ways.push({ ...way, targets: [user], gain: weaker.power, after: [weaker] });
  }
  return unlimited.length === 0 ? ways : [{ ...way, targets: unlimited, gain: 'own' }, ...ways];
}

interface DoubtfulGroup extends TargetGroup {
  readonly doubts: readonly Doubt[];
  /** Whether the MFA devices of the users must be deactivated first. */
  readonly removesMfa: boolean;
}

/** The targets that have a boundary, in lists with the same policies. */
function byPolicies(targets: readonly PrincipalNode[]): readonly (readonly [PrincipalNode, ...PrincipalNode[]])[] {
  const groups = new Map<string, [PrincipalNode, ...PrincipalNode[]]>();
  for (const target of targets) {
    if (target.policies.boundary === null) continue;
    const group = groups.get(target.policyKey);
    if (group === undefined) groups.set(target.policyKey, [target]);
    else group.push(target);
  }
  return [...groups.values()];
}

/** Targets by what policies can give them: their boundary limits it, and so may an SCP. */
function byPower(targets: readonly PrincipalNode[], { power }: WayContext) {
  const groups = new Map<bigint, { gain: Power; members: [PrincipalNode, ...PrincipalNode[]] }>();
  for (const target of targets) {
    const gain = power.withAnyPolicy(target);
    const group = groups.get(gain.everywhere);
    if (group === undefined) groups.set(gain.everywhere, { gain, members: [target] });
    else group.members.push(target);
  }
  return [...groups.values()];
}

function roleGroups(path: PrincipalAccess, node: PrincipalNode, context: WayContext): DoubtfulGroup[] {
  const { assumable } = context;
  const { roles } = targetsIn(context);
  const onTarget = path.actions.filter((action) => action !== ASSUME && action !== NEW_VERSION);
  const among = context.among === undefined ? null : roles;
  const assumed = path.actions.includes(ASSUME)
    ? among === null
      ? assumable.of(node)
      : assumable.among(node, among)
    : null;
  if (assumed?.length === 0) return [];
  const groups: readonly TargetGroup[] =
    onTarget.length > 0
      ? targetsFor(onTarget, node, roles, context)
      : (assumed ?? [{ targets: roles, keys: [], grounds: [] }]);
  const both = onTarget.length > 0 && assumed !== null ? crossed(groups, assumed) : groups;
  const withVersions = path.actions.includes(NEW_VERSION)
    ? both.flatMap((group) => withNewVersion(group, node, context))
    : both;
  // A trust policy that names the principal is enough, unless the principal is denied the call.
  const reachable = onTarget.includes(CHANGE_TRUST)
    ? withVersions.flatMap((group) => notDeniedToAssume(group, node, context))
    : withVersions;
  return reachable.map((group) => ({ ...group, doubts: [], removesMfa: false }));
}

/**
 * The targets on which all actions are allowed. A condition may limit which policy is attached, or is the new boundary:
 * each policy that gives administrator permissions is tried.
 */
function targetsFor(
  actions: readonly string[],
  node: PrincipalNode,
  candidates: readonly PrincipalNode[],
  { account, finder, power, among }: WayContext,
): readonly TargetGroup[] {
  const [administrator = '', ...others] = power.administratorPolicies;
  const policies = everyPolicy(policiesOf(account, node));
  const isLimited = actions.some((action) => {
    const key = policyKeyOf(action);
    return key !== null && account.evaluator.namedValues(policies, action.toLowerCase(), key).length > 0;
  });
  const found = (isLimited ? [administrator, ...others] : [administrator]).map((arn) => {
    const requests = actions.map((action): TargetRequest => {
      const limited = policyKeyOf(action);
      return limited === null
        ? { action }
        : { action, extra: (key) => (key === limited ? [arn] : null), keys: [limited] };
    });
    return finder.find(node, requests, candidates, `${actions.join(' ')} ${arn} ${among?.name ?? ''}`);
  });
  if (isLimited) found.push(...byOwnPolicies(actions, node, candidates, { account, finder, among }));
  return found.length === 1 ? found.flat() : mostCertain(found.flat());
}

/** The targets to which a policy may be given that the principal writes itself. */
function byOwnPolicies(
  actions: readonly string[],
  node: PrincipalNode,
  candidates: readonly PrincipalNode[],
  { account, finder, among }: Pick<WayContext, 'account' | 'finder' | 'among'>,
): TargetGroup[][] {
  const limited = actions.find((action) => policyKeyOf(action) !== null);
  const key = limited === undefined ? null : policyKeyOf(limited);
  if (limited === undefined || key === null) return [];
  return ownPolicies(node, limited, key, account).map(({ arn, written, verdict }) => {
    const requests = actions.map((action): TargetRequest =>
      policyKeyOf(action) === null
        ? { action }
        : { action, extra: (name) => (name === key ? [arn] : null), keys: [key] },
    );
    const name = `${actions.join(' ')} ${written} ${arn} by ${node.arn} ${among?.name ?? ''}`;
    return finder.find(node, requests, candidates, name).map((group) => ({
      targets: group.targets,
      keys: keysOf(allOf([truthOfKeys(group.keys), verdict.truth])),
      grounds: uniqueGrounds([...verdict.grounds, ...group.grounds]),
      written,
    }));
  });
}

/** The condition key of the policy that an action gives; null if it gives none. */
function policyKeyOf(action: string): string | null {
  if (ATTACHES.includes(action)) return 'iam:policyarn';
  return NEW_BOUNDARIES.includes(action) ? 'iam:permissionsboundary' : null;
}

/** Each target once, in the group that depends on the fewest keys. */
function mostCertain(groups: readonly TargetGroup[]): readonly TargetGroup[] {
  const seen = new Set<PrincipalNode>();
  return [...groups]
    .sort((a, b) => a.keys.length - b.keys.length)
    .flatMap((group) => {
      const targets = group.targets.filter((target) => !seen.has(target));
      for (const target of targets) seen.add(target);
      return targets.length === 0 ? [] : [{ ...group, targets }];
    });
}

/** Targets in a group of both lists. */
function crossed(first: readonly TargetGroup[], second: readonly TargetGroup[]): TargetGroup[] {
  return first.flatMap((one) => {
    const members = membersOf(one.targets);
    return second.flatMap((other) => {
      const targets = other.targets.filter((target) => members.has(target));
      if (targets.length === 0) return [];
      const keys = keysOf(allOf([truthOfKeys(one.keys), truthOfKeys(other.keys)]));
      const written = one.written === undefined ? {} : { written: one.written };
      return [{ targets, keys, grounds: uniqueGrounds([...one.grounds, ...other.grounds]), ...written }];
    });
  });
}

/** Many principals share the same lists of targets. */
const memberSets = new WeakMap<readonly PrincipalNode[], ReadonlySet<PrincipalNode>>();

function membersOf(targets: readonly PrincipalNode[]): ReadonlySet<PrincipalNode> {
  const known = memberSets.get(targets);
  if (known !== undefined) return known;
  const members = new Set(targets);
  memberSets.set(targets, members);
  return members;
}

/** Many groups of targets have the same policies. */
const newVersionVerdicts = new WeakMap<PrincipalNode, Map<string, Verdict>>();

/** Only targets that have a customer managed policy of which the principal may create a new version. */
function withNewVersion(group: TargetGroup, node: PrincipalNode, { account }: WayContext): readonly TargetGroup[] {
  const verdicts = newVersionVerdicts.get(node) ?? new Map<string, Verdict>();
  newVersionVerdicts.set(node, verdicts);
  const groups = new TargetGroups();
  for (const target of group.targets) {
    for (const arn of new Set(target.attached)) {
      if (!account.policies.has(arn)) continue;
      const verdict = verdicts.get(arn) ?? mayDo(account, node, NEW_VERSION, arn);
      verdicts.set(arn, verdict);
      if (verdict.truth === false) continue;
      const grounds = uniqueGrounds([...group.grounds, ...verdict.grounds]);
      groups.add(target, allOf([truthOfKeys(group.keys), verdict.truth]), grounds);
      if (verdict.truth === true) break;
    }
  }
  return groups.list();
}

function notDeniedToAssume(group: TargetGroup, node: PrincipalNode, { account }: WayContext): readonly TargetGroup[] {
  const { identity, boundary } = node.policies;
  const isLimited = boundary !== null || account.facts.serviceControl !== null;
  if (!isLimited && !account.evaluator.deniesSometimes(identity, ASSUME.toLowerCase())) return [group];
  const parts = { needsIdentity: false, needsBoundary: node.type === 'role' };
  const ask = (role: PrincipalNode): TargetAnswer => {
    const { truth } = mayDo(account, node, ASSUME, role.arn, resourceKeys(role), parts);
    return { truth: allOf([truthOfKeys(group.keys), truth]), grounds: group.grounds };
  };
  // Without the identity policies' Allow, only what denies, and what the boundary and SCPs allow, can change the answer.
  const own = new Set(
    [...account.evaluator.statementsAbout(identity, ASSUME.toLowerCase())].map((one) => one.statement),
  );
  const decisive = decisivePart(account, node, { action: ASSUME }, (one) => !one.allows || !own.has(one));
  const answers = new Map<string, TargetAnswer>();
  const groups = new TargetGroups();
  for (const target of group.targets) {
    const part = decisive(target);
    const answer = answers.get(part) ?? ask(target);
    answers.set(part, answer);
    groups.addAs(target, answer);
  }
  return groups.list();
}

function userGroups(path: PrincipalAccess, node: PrincipalNode, context: WayContext): DoubtfulGroup[] {
  const { actions } = path;
  const onTarget = actions.filter((action) => action !== NEW_VERSION);
  const found = targetsFor(onTarget, node, targetsIn(context).users, context);
  const withVersions = actions.includes(NEW_VERSION)
    ? found.flatMap((group) => withNewVersion(group, node, context))
    : found;
  return withVersions.flatMap((group) => {
    const byAnswer = new Map<string, CredentialAnswer & { readonly targets: PrincipalNode[] }>();
    for (const target of group.targets) {
      const answer = credentialAnswer(actions, target, signsIn(actions) ? node : null, context);
      if (answer === null) continue;
      const key = JSON.stringify(answer);
      const known = byAnswer.get(key);
      if (known === undefined) byAnswer.set(key, { ...answer, targets: [target] });
      else known.targets.push(target);
    }
    return [...byAnswer.values()].map(({ targets, doubts, removal }) => ({
      ...group,
      targets,
      doubts,
      removesMfa: removal !== null,
      grounds: uniqueGrounds([...group.grounds, ...(removal ?? [])]),
    }));
  });
}

interface CredentialAnswer {
  readonly doubts: readonly Doubt[];
  /** The statements that allow the user's MFA device to be deactivated, which is needed. Null: it is not needed. */
  readonly removal: readonly Ground[] | null;
}

/**
 * What is not known of the user's credentials; null if they make the way impossible.
 * @param signer the principal that would sign in with the user's password; null: it needs no password
 */
function credentialAnswer(
  actions: readonly string[],
  target: PrincipalNode,
  signer: PrincipalNode | null,
  { account }: WayContext,
): CredentialAnswer | null {
  const { credentials } = target;
  const createsKey = actions.includes('iam:CreateAccessKey') && !actions.includes('iam:DeleteAccessKey');
  if (createsKey && credentials !== null && credentials.accessKeys >= MOST_KEYS) return null;
  if (signer === null) {
    return { doubts: createsKey && credentials === null ? ['accessKeys'] : [], removal: null };
  }
  const hasPassword = credentials?.hasPassword ?? null;
  const needsPassword = actions.includes('iam:UpdateLoginProfile') || actions.includes('iam:DeleteLoginProfile');
  if (hasPassword !== null && hasPassword !== needsPassword) return null;
  const doubts: Doubt[] = hasPassword === null ? ['password'] : [];
  if (credentials?.hasMfa !== true) return { doubts, removal: null };
  const removal = mayDo(account, signer, REMOVE_MFA, target.arn, resourceKeys(target));
  return removal.truth === true ? { doubts, removal: removal.grounds } : { doubts: [...doubts, 'mfa'], removal: null };
}

/** Permission sets are visible only as the roles that Identity Center created. */
function permissionSetWays(path: PrincipalAccess, node: PrincipalNode, { account, power }: WayContext): Way[] {
  if (!account.hasIdentityCenter) return [];
  const { truth, grounds } = mayDoTogether(account, node, path.actions);
  if (truth === false) return [];
  const doubts: Doubt[] =
    account.facts.isManagementAccount === true ? [] : ['running', 'identityCenter', 'identityCenter'];
  return [{ path, targets: [], gain: power.everything(null, null), keys: keysOf(truth), doubts, grounds }];
}

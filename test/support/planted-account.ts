import { escalationPaths } from '../../core/access/paths/escalation-paths.ts';
import type { EscalationPath } from '../../core/access/paths/escalation-path.ts';
import { allow, document, inline, trustOf } from './policy-documents.ts';

/** A way in which a copy of a planted principal is made harmless. */
export type Twin = 'denied' | 'elsewhere' | 'impossible';

type Json = Readonly<Record<string, unknown>>;

const ID = '111122223399';
const iam = `arn:aws:iam::${ID}:`;
const everything = inline(allow('*'));
const account = trustOf({ AWS: `${iam}root` });
const key = { access_key_1_active: 'true', access_key_1_last_rotated: 20, access_key_1_last_used_date: 1 };

export interface Planted {
  readonly users: Json[];
  readonly roles: Json[];
  readonly groups: Json[];
  readonly policies: Json[];
}

type Change = Extract<EscalationPath, { kind: 'self-escalation' }>['changes'];
const createsGroup = (path: EscalationPath): boolean => path.kind === 'self-escalation' && path.changes === 'newGroup';
const isDenial = (changes: Change): boolean => changes.endsWith('Denials');

/** A new user for a group is planted in a role, because a user that may add others could also add itself. */
const isInRole = (path: EscalationPath): boolean =>
  (path.kind === 'self-escalation' && path.changes.startsWith('role')) || usesGroup(path);

const usesGroup = (path: EscalationPath): boolean =>
  path.kind === 'new-principal' && path.actions.includes('iam:AddUserToGroup');

/** The resource on which the planted principal needs an action. */
function resourceOf(path: EscalationPath, action: string, own: string, where: string): string {
  const target = `t-${path.id}${where}`;
  if (action === 'iam:CreatePolicyVersion' || action === 'iam:SetDefaultPolicyVersion')
    return `${iam}policy/m-${path.id}${where}`;
  // Each action is allowed on another group that may be created.
  if (createsGroup(path) && where !== '') return `${iam}group/${action.slice('iam:'.length)}-${path.id}`;
  if (/^iam:.*Group/.test(action)) return `${iam}group/g-${path.id}${where}`;
  if (/^iam:.*InstanceProfile$/.test(action)) return `${iam}instance-profile/i-${path.id}${where}`;
  if (path.kind === 'federation')
    return `${iam}${path.provider === 'saml' ? 'saml' : 'oidc'}-provider/x-${path.id}${where}`;
  if (path.kind === 'new-principal') return `${iam}${path.creates}/n-${path.id}${where}`;
  if (path.kind === 'self-escalation') return where === '' ? own : `${own}${where}`;
  if (path.kind === 'principal-access' && path.target === 'user' && action.startsWith('iam:'))
    return `${iam}user/${target}`;
  if (action.startsWith('iam:') || action === 'sts:AssumeRole') return `${iam}role/${target}`;
  return '*';
}

/** The paths whose actions are all among this path's, itself included. */
const partsOf = (path: EscalationPath): readonly EscalationPath[] =>
  escalationPaths.filter((one) => one.actions.every((action) => path.actions.includes(action)));

/** An action without which neither the path nor a part of it is left; all actions if there is no such action. */
function decisiveActions(path: EscalationPath): readonly string[] {
  const needed = path.actions.find((action) => partsOf(path).every(({ actions }) => actions.includes(action)));
  return needed === undefined ? path.actions : [needed];
}

/** The principal of a path, or a harmless twin of it. */
function principalOf(
  path: EscalationPath,
  twin: Twin | null,
): { readonly type: 'users' | 'roles'; readonly principal: Json } {
  const name = twin === null ? `p-${path.id}` : `${twin}-${path.id}`;
  const type = isInRole(path) ? 'roles' : 'users';
  const own = `${iam}${type === 'roles' ? 'role' : 'user'}/${name}`;
  const where = twin === 'elsewhere' ? '-gone' : '';
  const when: Json = twin === 'impossible' ? { Condition: { StringEquals: { 'aws:PrincipalTag/never': 'set' } } } : {};
  const statements = path.actions.map((action) => allow(action, resourceOf(path, action, own, where), when));
  if (alsoPassed(path).length > 0) statements.push(allow('iam:PassRole', `${iam}role/s-${path.id}${where}`, when));
  const denied = twin === 'denied' ? [{ Effect: 'Deny', Action: decisiveActions(path), Resource: '*' }] : [];
  const isBoundary = path.kind === 'self-escalation' && /Boundary$/.test(path.changes);
  const denial = path.kind === 'self-escalation' && isDenial(path.changes) ? denialOf(path) : null;
  const changesPolicy = path.kind === 'self-escalation' && (path.changes === 'policy' || denial === 'managed');
  const isMember =
    path.kind === 'self-escalation' && path.changes.startsWith('group') && !path.actions.includes('iam:AddUserToGroup');
  const principal = {
    name,
    inline: [
      ...inline(...statements, ...denied, ...(isBoundary || denial !== null ? [allow('iam:CreateAccessKey')] : [])),
      ...(denial === 'inline' ? [{ name: 'd', doc: document(denyKeys) }] : []),
    ],
    ...(type === 'users'
      ? { cred: key }
      : { trust: trustOf({ Service: 'ec2.amazonaws.com' }), lastUsed: 2, instanceProfiles: [] }),
    ...(isBoundary ? { boundary: `${iam}policy/b-${path.id}` } : {}),
    ...(changesPolicy ? { managed: [`${iam}policy/m-${path.id}`] } : {}),
    ...(isMember ? { groups: [`g-${path.id}`] } : {}),
    ...(removesTag(path) ? { tags: { [`x-${path.id}`]: 'set' } } : {}),
    la: {},
  };
  return { type, principal };
}

const changesTag = (path: EscalationPath): boolean => path.kind === 'self-escalation' && path.changes.endsWith('Tags');
const removesTag = (path: EscalationPath): boolean => path.actions.some((action) => action.startsWith('iam:Untag'));

/** The services that get a second role. */
const alsoPassed = (path: EscalationPath): readonly string[] => ('alsoPassed' in path ? (path.alsoPassed ?? []) : []);

/** A condition that the principal's tag, or the lack of it, is needed. */
const needsTag = (path: EscalationPath): Json =>
  removesTag(path)
    ? { Null: { [`aws:PrincipalTag/x-${path.id}`]: 'true' } }
    : { StringEquals: { [`aws:PrincipalTag/x-${path.id}`]: 'set' } };

const denyKeys: Json = { Effect: 'Deny', Action: 'iam:CreateAccessKey', Resource: '*' };

/** Where the Deny is that a path removes. */
function denialOf({ actions: [action = ''] }: EscalationPath): 'managed' | 'inline' | 'group' {
  if (/^iam:.*Group/.test(action)) return 'group';
  return action.startsWith('iam:Detach') ? 'managed' : 'inline';
}

/** The targets, groups and policies that a path needs. */
function surroundingsOf(path: EscalationPath): Partial<Planted> {
  const target = `t-${path.id}`;
  const common = { name: target, lastUsed: 2, la: {} };
  const policy = { name: `m-${path.id}`, doc: document(allow('sqs:ReceiveMessage')) };
  switch (path.kind) {
    case 'new-passrole':
    case 'existing-passrole': {
      const isPool = path.passedTo.includes('cognito-identity.amazonaws.com');
      const trust = isPool
        ? trustOf({ Federated: 'cognito-identity.amazonaws.com' }, 'sts:AssumeRoleWithWebIdentity')
        : trustOf({ Service: path.passedTo });
      const isInProfile = !path.actions.includes('iam:AddRoleToInstanceProfile');
      const isStackSet = path.usedIn === 'stack set';
      const execution = `e-${path.id}`;
      const power = isStackSet ? inline(allow('sts:AssumeRole', `${iam}role/${execution}`)) : everything;
      const roles: Json[] = [{ ...common, trust, inline: power, instanceProfiles: isInProfile ? [target] : [] }];
      if (isStackSet)
        roles.push({ ...common, name: execution, trust: trustOf({ AWS: `${iam}role/${target}` }), inline: everything });
      if (alsoPassed(path).length > 0)
        roles.push({ name: `s-${path.id}`, lastUsed: 2, la: {}, trust: trustOf({ Service: alsoPassed(path) }) });
      return { roles };
    }
    case 'self-escalation':
      if (isDenial(path.changes)) {
        const denies = { name: `m-${path.id}`, doc: document(denyKeys) };
        const isDetach = path.actions.includes('iam:DetachGroupPolicy');
        const group = {
          name: `g-${path.id}`,
          ...(isDetach ? { managed: [`${iam}policy/m-${path.id}`] } : { inline: inline(denyKeys) }),
        };
        return { policies: [denies], groups: [group] };
      }
      if (path.changes === 'group') {
        const gives = path.actions.includes('iam:AddUserToGroup') ? everything : inline(allow('sqs:ReceiveMessage'));
        return { groups: [{ name: `g-${path.id}`, inline: gives }] };
      }
      if (path.changes === 'policy') return { policies: [{ ...policy, versions: [document(allow('*'))] }] };
      if (changesTag(path)) return { roles: [taggedRole(path, common)] };
      if (!/Boundary$/.test(path.changes)) return {};
      return { policies: [{ name: `b-${path.id}`, doc: document(allow(['sqs:*', ...path.actions])) }] };
    case 'principal-access':
      if (path.target === 'permissionSet') {
        return {
          roles: [
            {
              ...common,
              path: '/aws-reserved/sso.amazonaws.com/',
              trust: trustOf({ Federated: `${iam}saml-provider/AWSSSO` }),
              inline: inline(allow('sqs:ReceiveMessage')),
            },
          ],
        };
      }
      return targetOf(path, common, policy);
    case 'new-principal':
      return usesGroup(path) ? { groups: [{ name: `g-${path.id}`, inline: everything }] } : {};
    case 'federation': {
      const provider = `${iam}${path.provider === 'saml' ? 'saml' : 'oidc'}-provider/x-${path.id}`;
      const action = path.provider === 'saml' ? 'sts:AssumeRoleWithSAML' : 'sts:AssumeRoleWithWebIdentity';
      return { roles: [{ ...common, trust: trustOf({ Federated: provider }, action), inline: everything }] };
    }
  }
}

/** A role that trusts the path's principal and its twins, if they have the tag. */
function taggedRole(path: EscalationPath, common: Json): Json {
  const type = isInRole(path) ? 'role' : 'user';
  const names = ['p', 'denied', 'elsewhere', 'impossible'].map((twin) => `${iam}${type}/${twin}-${path.id}`);
  const trust = trustOf({ AWS: names }, 'sts:AssumeRole', { Condition: needsTag(path) });
  return { ...common, trust, inline: everything, instanceProfiles: [] };
}

function targetOf(
  path: Extract<EscalationPath, { kind: 'principal-access' }>,
  common: Json,
  policy: Json,
): Partial<Planted> {
  const rewritten = path.gain === 'everything';
  const holds = path.actions.includes('iam:CreatePolicyVersion') ? { managed: [`${iam}policy/m-${path.id}`] } : {};
  const byTag = path.gain === 'sessionTags' ? inline(allow('*', '*', { Condition: needsTag(path) })) : everything;
  const permissions = rewritten ? inline(allow('sqs:ReceiveMessage')) : byTag;
  const bounded = path.gain === 'boundary' ? { boundary: `${iam}policy/b-${path.id}` } : {};
  const limits = path.gain === 'boundary' ? [{ name: `b-${path.id}`, doc: document(allow('sqs:*')) }] : [];
  const policies = [...('managed' in holds ? [policy] : []), ...limits];
  if (path.target === 'user') {
    const isUpdate = path.actions.includes('iam:UpdateLoginProfile');
    const needsFullKeys = path.actions.includes('iam:DeleteAccessKey');
    const second = needsFullKeys ? { access_key_2_active: 'true', access_key_2_last_rotated: 20 } : {};
    const cred = { ...key, ...second, password_enabled: String(isUpdate) };
    return { users: [{ ...common, cred, inline: permissions, ...holds, ...bounded }], policies };
  }
  const byService = path.actions.includes('iam:UpdateAssumeRolePolicy');
  const assumes = path.gain === 'sessionTags' ? trustOf({ AWS: `${iam}root` }, path.actions) : account;
  const trust = byService ? trustOf({ Service: 'ec2.amazonaws.com' }) : assumes;
  return {
    roles: [{ ...common, trust, inline: permissions, instanceProfiles: [], ...holds, ...bounded }],
    policies,
  };
}

/** An account in which every path of the catalogue is planted once, with its harmless twins. */
export function plantedAccount(twins: readonly Twin[]): Json {
  const all: Planted = { users: [], roles: [], groups: [], policies: [] };
  for (const path of escalationPaths) {
    const { users = [], roles = [], groups = [], policies = [] } = surroundingsOf(path);
    all.users.push(...users);
    all.roles.push(...roles);
    all.groups.push(...groups);
    all.policies.push(...policies);
    for (const twin of [null, ...twins]) {
      if (twin === 'elsewhere' && !canBeElsewhere(path)) continue;
      const { type, principal } = principalOf(path, twin);
      all[type].push(principal);
    }
  }
  return { id: ID, ...all };
}

/** What an existing resource runs with is not known, so a twin elsewhere is no twin. */
export const canBeElsewhere = (path: EscalationPath): boolean =>
  partsOf(path).every(
    (part) =>
      part.kind !== 'existing-passrole' &&
      (part.kind !== 'new-principal' || usesGroup(part)) &&
      !(part.kind === 'principal-access' && part.target === 'permissionSet'),
  );

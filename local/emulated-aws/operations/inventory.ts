import type {
  EmulatedGroup,
  EmulatedPolicy,
  EmulatedRole,
  EmulatedUser,
  InlinePolicy,
  PolicyDocument,
} from '../account.ts';
import type { XmlValue } from '../xml.ts';
import { iso, members, notInEnum, page, TRACKED_MS, type Operation } from './operation.ts';

/** Encodes a policy document as IAM does (RFC 3986). */
const encoded = (document: PolicyDocument): string =>
  encodeURIComponent(JSON.stringify(document)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const inline = (policies: readonly InlinePolicy[]): XmlValue =>
  policies.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: encoded(document) }));

const attached = (arns: readonly string[]): XmlValue =>
  arns.map((arn) => ({ PolicyName: arn.split('/').at(-1), PolicyArn: arn }));

const tags = (map: Readonly<Record<string, string>>): XmlValue =>
  Object.entries(map).map(([key, value]) => ({ Key: key, Value: value }));

const boundary = (arn: string | null): XmlValue =>
  arn === null ? null : { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn };

const userDetail = (user: EmulatedUser): XmlValue => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: user.arn,
  CreateDate: iso(user.createdAt),
  UserPolicyList: inline(user.inlinePolicies),
  GroupList: user.groupNames,
  AttachedManagedPolicies: attached(user.attachedPolicyArns),
  PermissionsBoundary: boundary(user.permissionsBoundaryArn),
  Tags: tags(user.tags),
});

/** The console creates an instance profile with the name of each role that trusts EC2. */
const instanceProfilesOf = ({ instanceProfiles, trustPolicy, name }: EmulatedRole): readonly string[] =>
  instanceProfiles ?? (JSON.stringify(trustPolicy).includes('"ec2.amazonaws.com') ? [name] : []);

/** @param trackedSince AWS reports no earlier use; milliseconds since the epoch */
const roleDetail = (role: EmulatedRole, trackedSince: number): XmlValue => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: iso(role.createdAt),
  AssumeRolePolicyDocument: encoded(role.trustPolicy),
  InstanceProfileList: instanceProfilesOf(role).map((name) => ({
    InstanceProfileName: name,
    InstanceProfileId: `AIPA${role.id.slice(4)}`,
    Arn: role.arn.replace(/:role\/.*/, `:instance-profile/${name}`),
    Path: '/',
    CreateDate: iso(role.createdAt),
    Roles: [],
  })),
  RolePolicyList: inline(role.inlinePolicies),
  AttachedManagedPolicies: attached(role.attachedPolicyArns),
  PermissionsBoundary: boundary(role.permissionsBoundaryArn),
  Tags: tags(role.tags),
  RoleLastUsed:
    role.lastUsed === null || role.lastUsed.at <= trackedSince
      ? {}
      : { LastUsedDate: iso(role.lastUsed.at), Region: role.lastUsed.region },
});

const groupDetail = (group: EmulatedGroup): XmlValue => ({
  Path: group.path,
  GroupName: group.name,
  GroupId: group.id,
  Arn: group.arn,
  CreateDate: iso(group.createdAt),
  GroupPolicyList: inline(group.inlinePolicies),
  AttachedManagedPolicies: attached(group.attachedPolicyArns),
});

const policyDetail = (policy: EmulatedPolicy): XmlValue => ({
  PolicyName: policy.name,
  PolicyId: policy.policyId,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.versions.find(({ isDefault }) => isDefault)?.id,
  CreateDate: iso(policy.createdAt),
  PolicyVersionList: policy.versions.map((version) => ({
    Document: encoded(version.document),
    VersionId: version.id,
    IsDefaultVersion: version.isDefault,
    CreateDate: iso(version.createdAt),
  })),
});

const isAwsManaged = ({ arn }: EmulatedPolicy): boolean => arn.includes('::aws:policy/');

const KINDS: readonly string[] = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'];

export const getAccountAuthorizationDetails: Operation = (context) => {
  const filter = members(context, 'Filter');
  const unknown = filter.find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined) throw notInEnum('Filter', unknown, KINDS);
  const wants = (kind: string): boolean => filter.length === 0 || filter.includes(kind);
  const { account, clock } = context;
  const policies = [...account.policies.values()];
  const entries = [
    ...(wants('User')
      ? [...account.users.values()].map((user) => ({ list: 'UserDetailList', show: () => userDetail(user) }))
      : []),
    ...(wants('Group')
      ? [...account.groups.values()].map((group) => ({ list: 'GroupDetailList', show: () => groupDetail(group) }))
      : []),
    ...(wants('Role')
      ? [...account.roles.values()].map((role) => ({
          list: 'RoleDetailList',
          show: () => roleDetail(role, clock.now() - TRACKED_MS),
        }))
      : []),
    ...policies
      .filter((policy) => wants(isAwsManaged(policy) ? 'AWSManagedPolicy' : 'LocalManagedPolicy'))
      .map((policy) => ({ list: 'Policies', show: () => policyDetail(policy) })),
  ];
  const { items, rest } = page(context, entries);
  const listed = (list: string): XmlValue => items.filter((item) => item.list === list).map((item) => item.show());
  return {
    UserDetailList: listed('UserDetailList'),
    GroupDetailList: listed('GroupDetailList'),
    RoleDetailList: listed('RoleDetailList'),
    Policies: listed('Policies'),
    ...rest,
  };
};

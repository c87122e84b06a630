import * as v from 'valibot';
import type { NamedDocument } from '../ports/iam.ts';
import { Document, textOf } from './document.ts';
import type { AccountPart } from './account-parts.ts';

/**
 * Reads the JSON of `aws iam get-account-authorization-details` (IAM API Reference, GetAccountAuthorizationDetails): the
 * whole answer, or one page of it. Elements that the audit does not use are ignored.
 */

const Text = v.pipe(v.string(), v.nonEmpty('must not be empty'));
const Arn = v.pipe(v.string(), v.regex(/^arn:[^:]+:iam::(\d{12}|aws):.+$/, 'must be an ARN of IAM'));
/** The CLI prints ISO 8601; other tools print seconds since the epoch. */
const Time = v.pipe(
  v.union([v.string(), v.number()]),
  v.check((time) => !Number.isNaN(timeOf(time).getTime()), 'must be a time such as 2026-11-26T22:00:00Z'),
  v.transform((time) => timeOf(time).toISOString()),
);
const timeOf = (time: string | number): Date => new Date(typeof time === 'number' ? time * 1000 : time);

/** Nothing is missing if AWS or the CLI leaves out an empty list of an element. */
const list = <T extends v.GenericSchema>(one: T) => v.nullish(v.array(one), []);
const Inline = list(v.object({ PolicyName: Text, PolicyDocument: Document }));
const Attached = list(v.object({ PolicyArn: Text }));
const Boundary = v.nullish(v.object({ PermissionsBoundaryArn: v.nullish(Text) }));
const Tags = list(v.object({ Key: v.string(), Value: v.optional(v.string(), '') }));
const entity = { Arn, Path: Text, CreateDate: Time, AttachedManagedPolicies: Attached };

const User = v.object({
  ...entity,
  UserName: Text,
  UserId: Text,
  UserPolicyList: Inline,
  GroupList: list(Text),
  PermissionsBoundary: Boundary,
  Tags,
});
const Role = v.object({
  ...entity,
  RoleName: Text,
  RoleId: Text,
  RolePolicyList: Inline,
  AssumeRolePolicyDocument: Document,
  InstanceProfileList: v.nullish(v.array(v.object({ InstanceProfileName: Text }))),
  PermissionsBoundary: Boundary,
  RoleLastUsed: v.nullish(v.object({ LastUsedDate: v.nullish(Time) })),
  Tags,
});
const Group = v.object({ ...entity, GroupName: Text, GroupId: Text, GroupPolicyList: Inline });
const Policy = v.object({
  Arn,
  PolicyVersionList: v.pipe(
    list(v.object({ VersionId: Text, IsDefaultVersion: v.nullish(v.boolean()), Document: v.nullish(Document) })),
    v.check(
      (versions) => versions.filter(({ IsDefaultVersion }) => IsDefaultVersion === true).length <= 1,
      'must have one version with IsDefaultVersion true',
    ),
  ),
});

export const AuthorizationDetails = v.object({
  UserDetailList: v.nullish(v.array(User)),
  RoleDetailList: v.nullish(v.array(Role)),
  GroupDetailList: v.nullish(v.array(Group)),
  Policies: v.nullish(v.array(Policy)),
  IsTruncated: v.nullish(v.boolean()),
});
export type AuthorizationDetails = v.InferOutput<typeof AuthorizationDetails>;

/** The elements by which such a file is recognised. */
export const detailElements = ['UserDetailList', 'RoleDetailList', 'GroupDetailList', 'Policies'] as const;

const inlineOf = (policies: v.InferOutput<typeof Inline>): NamedDocument[] =>
  policies.map(({ PolicyName, PolicyDocument }) => ({ name: PolicyName, document: textOf(PolicyDocument) }));

const commonOf = (one: v.InferOutput<typeof User> | v.InferOutput<typeof Role> | v.InferOutput<typeof Group>) => ({
  arn: one.Arn,
  path: one.Path,
  createdAt: one.CreateDate,
  attachedPolicyArns: one.AttachedManagedPolicies.map(({ PolicyArn }) => PolicyArn),
});

const ofPrincipal = ({ PermissionsBoundary, Tags: tags }: v.InferOutput<typeof User> | v.InferOutput<typeof Role>) => ({
  permissionsBoundaryArn: PermissionsBoundary?.PermissionsBoundaryArn ?? null,
  // Object.fromEntries also stores a key such as __proto__. An assignment would not store it.
  tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
});

/** The users, roles, groups and policies of one page. */
export function partOf(page: AuthorizationDetails): AccountPart {
  return {
    users: (page.UserDetailList ?? []).map((one) => ({
      ...commonOf(one),
      ...ofPrincipal(one),
      name: one.UserName,
      id: one.UserId,
      inlinePolicies: inlineOf(one.UserPolicyList),
      groupNames: one.GroupList,
    })),
    roles: (page.RoleDetailList ?? []).map((one) => ({
      ...commonOf(one),
      ...ofPrincipal(one),
      name: one.RoleName,
      id: one.RoleId,
      inlinePolicies: inlineOf(one.RolePolicyList),
      trustPolicy: textOf(one.AssumeRolePolicyDocument),
      instanceProfiles: (one.InstanceProfileList ?? []).map(({ InstanceProfileName }) => InstanceProfileName),
      lastUsedAt: one.RoleLastUsed?.LastUsedDate ?? null,
    })),
    groups: (page.GroupDetailList ?? []).map((one) => ({
      ...commonOf(one),
      name: one.GroupName,
      id: one.GroupId,
      inlinePolicies: inlineOf(one.GroupPolicyList),
    })),
    policies: (page.Policies ?? []).map(({ Arn: arn, PolicyVersionList: versions }) => {
      const standard = versions.find(({ IsDefaultVersion }) => IsDefaultVersion === true)?.Document ?? null;
      return {
        arn,
        defaultDocument: standard === null ? null : textOf(standard),
        otherVersions: versions.flatMap(({ VersionId, IsDefaultVersion, Document: document = null }) =>
          IsDefaultVersion === true || document === null ? [] : [{ id: VersionId, document: textOf(document) }],
        ),
      };
    }),
    knowsInstanceProfiles: (page.RoleDetailList ?? []).every(({ InstanceProfileList: profiles }) =>
      Array.isArray(profiles),
    ),
    isTruncated: page.IsTruncated === true,
    missing: detailElements.filter((name) => (page[name] ?? null) === null),
  };
}

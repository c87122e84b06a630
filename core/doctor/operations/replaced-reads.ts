/**
 * Reads whose answers are in that of GetAccountAuthorizationDetails: users, groups, roles and policies with their policy documents,
 * attachments, memberships and tags. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
const replaced: ReadonlySet<string> = new Set([
  'GetRole',
  'GetRolePolicy',
  'ListRoles',
  'ListRolePolicies',
  'ListAttachedRolePolicies',
  'ListRoleTags',
  'ListInstanceProfilesForRole',
  'GetUser',
  'GetUserPolicy',
  'ListUsers',
  'ListUserPolicies',
  'ListAttachedUserPolicies',
  'ListUserTags',
  'ListGroupsForUser',
  'GetGroup',
  'GetGroupPolicy',
  'ListGroups',
  'ListGroupPolicies',
  'ListAttachedGroupPolicies',
  'GetPolicy',
  'GetPolicyVersion',
  'ListPolicies',
  'ListPolicyVersions',
  'ListEntitiesForPolicy',
]);

/** @param operation such as `iam:GetRole` */
export const isReplaced = (operation: string): boolean =>
  operation.startsWith('iam:') && replaced.has(operation.slice('iam:'.length));

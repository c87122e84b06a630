import { trustOf } from './policy-documents.ts';

/** Answers of `aws iam get-account-authorization-details`, as the AWS CLI prints them. */

export const ACCOUNT = '111122223333';
const CREATED = '2024-01-01T00:00:00+00:00';

const entity = (type: string, name: string) => ({
  Path: '/',
  Arn: `arn:aws:iam::${ACCOUNT}:${type}/${name}`,
  CreateDate: CREATED,
  AttachedManagedPolicies: [] as object[],
});

export const user = (name: string, more: object = {}) => ({
  ...entity('user', name),
  UserName: name,
  UserId: `AIDA${name.toUpperCase()}`,
  GroupList: [],
  Tags: [],
  ...more,
});

export const role = (name: string, more: object = {}) => ({
  ...entity('role', name),
  RoleName: name,
  RoleId: `AROA${name.toUpperCase()}`,
  AssumeRolePolicyDocument: trustOf({ Service: 'lambda.amazonaws.com' }),
  InstanceProfileList: [],
  RolePolicyList: [],
  RoleLastUsed: {},
  Tags: [],
  ...more,
});

export const group = (name: string, more: object = {}) => ({
  ...entity('group', name),
  GroupName: name,
  GroupId: `AGPA${name.toUpperCase()}`,
  GroupPolicyList: [],
  ...more,
});

export const policy = (Arn: string, Document: unknown) => ({
  PolicyName: Arn.split('/').at(-1),
  Arn,
  PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, CreateDate: CREATED, Document }],
});

export const details = (more: object = {}) => ({
  UserDetailList: [],
  RoleDetailList: [],
  GroupDetailList: [],
  Policies: [],
  IsTruncated: false,
  ...more,
});

/** A credential report of one user with an active key and no password. */
export const credentialReport = (name: string): string =>
  [
    'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated',
    `<root_account>,arn:aws:iam::${ACCOUNT}:root,2020-01-01T00:00:00+00:00,not_supported,no_information,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A`,
    `${name},arn:aws:iam::${ACCOUNT}:user/${name},2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,true,2024-01-01T00:00:00+00:00,2024-02-01T00:00:00+00:00,us-east-1,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A`,
  ].join('\n');

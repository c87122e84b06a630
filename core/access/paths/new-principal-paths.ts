import type { EscalationPath } from './escalation-path.ts';

/** A principal creates a role or user with permissions of its choice, and acts as it. */
export const newPrincipalPaths: readonly EscalationPath[] = [
  {
    id: 'create-role-attach-policy',
    kind: 'new-principal',
    actions: ['iam:AttachRolePolicy', 'iam:CreateRole'],
    creates: 'role',
    by: 'creating a role that trusts it and attaching a policy to the role',
    reference: 'IAM API Reference, CreateRole and AttachRolePolicy',
  },
  {
    id: 'create-role-put-policy',
    kind: 'new-principal',
    actions: ['iam:CreateRole', 'iam:PutRolePolicy'],
    creates: 'role',
    by: 'creating a role that trusts it and adding an inline policy to the role',
    reference: 'IAM API Reference, CreateRole and PutRolePolicy',
  },
  {
    id: 'create-user-attach-policy-create-access-key',
    kind: 'new-principal',
    actions: ['iam:AttachUserPolicy', 'iam:CreateAccessKey', 'iam:CreateUser'],
    creates: 'user',
    by: 'creating a user with an access key and attaching a policy to the user',
    reference: 'IAM API Reference, CreateUser, AttachUserPolicy and CreateAccessKey',
  },
  {
    id: 'create-user-put-policy-create-access-key',
    kind: 'new-principal',
    actions: ['iam:CreateAccessKey', 'iam:CreateUser', 'iam:PutUserPolicy'],
    creates: 'user',
    by: 'creating a user with an access key and adding an inline policy to the user',
    reference: 'IAM API Reference, CreateUser, PutUserPolicy and CreateAccessKey',
  },
  {
    id: 'create-user-attach-policy-create-login-profile',
    kind: 'new-principal',
    actions: ['iam:AttachUserPolicy', 'iam:CreateLoginProfile', 'iam:CreateUser'],
    creates: 'user',
    by: 'creating a user with a password and attaching a policy to the user',
    reference: 'IAM API Reference, CreateUser, AttachUserPolicy and CreateLoginProfile',
  },
  {
    id: 'create-user-put-policy-create-login-profile',
    kind: 'new-principal',
    actions: ['iam:CreateLoginProfile', 'iam:CreateUser', 'iam:PutUserPolicy'],
    creates: 'user',
    by: 'creating a user with a password and adding an inline policy to the user',
    reference: 'IAM API Reference, CreateUser, PutUserPolicy and CreateLoginProfile',
  },
  {
    id: 'create-user-add-to-group-create-access-key',
    kind: 'new-principal',
    actions: ['iam:AddUserToGroup', 'iam:CreateAccessKey', 'iam:CreateUser'],
    creates: 'user',
    by: 'creating a user with an access key and adding the user to a group',
    reference: 'IAM API Reference, CreateUser, AddUserToGroup and CreateAccessKey',
  },
  {
    id: 'create-user-add-to-group-create-login-profile',
    kind: 'new-principal',
    actions: ['iam:AddUserToGroup', 'iam:CreateLoginProfile', 'iam:CreateUser'],
    creates: 'user',
    by: 'creating a user with a password and adding the user to a group',
    reference: 'IAM API Reference, CreateUser, AddUserToGroup and CreateLoginProfile',
  },
];

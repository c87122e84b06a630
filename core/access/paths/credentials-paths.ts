import type { EscalationPath } from './escalation-path.ts';

/** Services that give the credentials of a role to users, devices or workers. */
export const credentialsPaths: readonly EscalationPath[] = [
  {
    id: 'pass-role-cognito-set-identity-pool-roles',
    kind: 'new-passrole',
    actions: ['cognito-identity:SetIdentityPoolRoles', 'iam:PassRole'],
    passedTo: ['cognito-identity.amazonaws.com'],
    needsResource: true,
    by: 'setting the roles of a Cognito identity pool',
    reference: 'prowler PassRole+CognitoSetIdentityPoolRoles',
  },
  {
    id: 'roles-anywhere-create-trust-anchor-create-profile',
    kind: 'new-passrole',
    actions: ['iam:PassRole', 'rolesanywhere:CreateProfile', 'rolesanywhere:CreateTrustAnchor'],
    passedTo: ['rolesanywhere.amazonaws.com'],
    by: 'creating an IAM Roles Anywhere trust anchor for its own certificates, and a profile',
    reference: 'IAM Roles Anywhere User Guide, trust model',
  },
  {
    id: 'roles-anywhere-create-trust-anchor',
    kind: 'existing-passrole',
    actions: ['rolesanywhere:CreateTrustAnchor'],
    passedTo: ['rolesanywhere.amazonaws.com'],
    by: 'creating an IAM Roles Anywhere trust anchor for its own certificates',
    reference: 'IAM Roles Anywhere User Guide, trust model',
  },
];

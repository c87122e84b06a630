/**
 * What an action gives: `more`: permissions that the caller may lack, in AWS or in any database of the account;
 * `application`: a key of an application or a device; `same`: no more than the caller has.
 */
export type Extent = 'more' | 'application' | 'same';

export interface SensitiveAction {
  readonly action: string;
  readonly categories: readonly ('credentialExposure' | 'privilegeEscalation')[];
  /** Whose permissions it changes, or whose credentials it returns. */
  readonly gives: string;
  readonly extent: Extent;
  /** What the caller needs besides the permission. Null: the action works alone. */
  readonly needs: string | null;
}

const action = (
  name: string,
  categories: SensitiveAction['categories'],
  gives: string,
  extent: Extent,
  needs: string | null = null,
): SensitiveAction => ({ action: name, categories, gives, extent, needs });

/**
 * Actions that are sensitive by themselves, sorted by name. Source: primeharbor/sensitive_iam_actions (CC0), judged one by
 * one. The ones of the source that are left out, with reasons: `test/fixtures/facts/left-out-actions.json`.
 */
export const sensitiveActions: readonly SensitiveAction[] = [
  action('appsync:ListApiKeys', ['credentialExposure'], 'API keys of GraphQL APIs', 'application'),
  action(
    'codeartifact:GetAuthorizationToken',
    ['credentialExposure'],
    'a token for package repositories, with the caller’s own permissions',
    'same',
  ),
  action(
    'codepipeline:PollForJobs',
    ['credentialExposure'],
    'temporary credentials for the artifacts of a job',
    'more',
    'a custom action of a pipeline with a waiting job',
  ),
  action(
    'cognito-identity:GetCredentialsForIdentity',
    ['credentialExposure'],
    'credentials of a role of an identity pool',
    'more',
    'an identity and its sign-in token; the call needs no IAM permission',
  ),
  action(
    'cognito-identity:GetOpenIdToken',
    ['credentialExposure'],
    'a token of an identity of an identity pool',
    'more',
    'an identity and its sign-in token; the call needs no IAM permission',
  ),
  action(
    'cognito-identity:GetOpenIdTokenForDeveloperIdentity',
    ['credentialExposure'],
    'a token of any user of an identity pool',
    'more',
    'an identity pool with a developer provider',
  ),
  action(
    'cognito-idp:DescribeUserPoolClient',
    ['credentialExposure'],
    'the client secret of an application',
    'application',
  ),
  action(
    'connect:GetFederationToken',
    ['credentialExposure'],
    'a session in an Amazon Connect instance',
    'application',
  ),
  action(
    'ec2-instance-connect:SendSSHPublicKey',
    ['credentialExposure'],
    'a login on an instance, and with it the credentials of the instance’s role',
    'more',
    'a network path to an instance',
  ),
  action(
    'ec2:GetPasswordData',
    ['credentialExposure'],
    'the encrypted administrator password of a Windows instance',
    'application',
    'the private key of the instance’s key pair',
  ),
  action(
    'ecr-public:GetAuthorizationToken',
    ['credentialExposure'],
    'a registry token with the caller’s own permissions',
    'same',
  ),
  action(
    'ecr:GetAuthorizationToken',
    ['credentialExposure'],
    'a registry token with the caller’s own permissions',
    'same',
  ),
  action(
    'gamelift:GetComputeAuthToken',
    ['credentialExposure'],
    'a token with which a game server reports to GameLift',
    'application',
  ),
  action(
    'gamelift:GetInstanceAccess',
    ['credentialExposure'],
    'a login on an instance of a fleet',
    'application',
    'a network path to the instance',
  ),
  action(
    'gamelift:RequestUploadCredentials',
    ['credentialExposure'],
    'credentials to upload one game build to a bucket of GameLift',
    'application',
  ),
  action(
    'glue:UpdateDevEndpoint',
    ['credentialExposure'],
    'a login on a development endpoint, and with it the credentials of its role',
    'more',
    'an existing development endpoint',
  ),
  action('iam:AddUserToGroup', ['privilegeEscalation'], 'permissions of the user', 'more'),
  action('iam:AttachGroupPolicy', ['privilegeEscalation'], 'permissions of the group’s members', 'more'),
  action('iam:AttachRolePolicy', ['privilegeEscalation'], 'permissions of the role', 'more'),
  action('iam:AttachUserPolicy', ['privilegeEscalation'], 'permissions of the user', 'more'),
  action('iam:CreateAccessKey', ['credentialExposure', 'privilegeEscalation'], 'an access key of the user', 'more'),
  action(
    'iam:CreateLoginProfile',
    ['credentialExposure', 'privilegeEscalation'],
    'a console password of the user',
    'more',
  ),
  action('iam:CreatePolicyVersion', ['privilegeEscalation'], 'permissions of all principals with the policy', 'more'),
  action(
    'iam:CreateServiceLinkedRole',
    ['privilegeEscalation'],
    'a role with fixed permissions that only an AWS service can assume',
    'same',
  ),
  action(
    'iam:CreateServiceSpecificCredential',
    ['credentialExposure'],
    'credentials of the user for CodeCommit, Amazon Keyspaces or an API',
    'more',
  ),
  action('iam:CreateVirtualMFADevice', ['privilegeEscalation'], 'an MFA device that no user has yet', 'same'),
  action(
    'iam:DeleteRolePermissionsBoundary',
    ['privilegeEscalation'],
    'permissions of the role, up to its policies',
    'more',
  ),
  action(
    'iam:DeleteUserPermissionsBoundary',
    ['privilegeEscalation'],
    'permissions of the user, up to its policies',
    'more',
  ),
  action(
    'iam:EnableMFADevice',
    ['privilegeEscalation'],
    'an MFA device of the user',
    'more',
    'the user’s password or access key',
  ),
  action(
    'iam:PassRole',
    ['privilegeEscalation'],
    'a role for a service',
    'more',
    'an action that makes the service run the caller’s code',
  ),
  action('iam:PutGroupPolicy', ['privilegeEscalation'], 'permissions of the group’s members', 'more'),
  action(
    'iam:PutRolePermissionsBoundary',
    ['privilegeEscalation'],
    'permissions of the role, up to its policies',
    'more',
  ),
  action('iam:PutRolePolicy', ['privilegeEscalation'], 'permissions of the role', 'more'),
  action(
    'iam:PutUserPermissionsBoundary',
    ['privilegeEscalation'],
    'permissions of the user, up to its policies',
    'more',
  ),
  action('iam:PutUserPolicy', ['privilegeEscalation'], 'permissions of the user', 'more'),
  action(
    'iam:ResetServiceSpecificCredential',
    ['credentialExposure'],
    'a new password of a service-specific credential of the user',
    'more',
    'a user that has such a credential',
  ),
  action('iam:ResyncMFADevice', ['privilegeEscalation'], 'nothing but a working MFA device', 'same'),
  action(
    'iam:SetDefaultPolicyVersion',
    ['privilegeEscalation'],
    'permissions of all principals with the policy',
    'more',
  ),
  action(
    'iam:UpdateAccessKey',
    ['credentialExposure'],
    'an access key that works again',
    'more',
    'the secret of the key',
  ),
  action('iam:UpdateAssumeRolePolicy', ['privilegeEscalation'], 'the credentials of the role', 'more'),
  action('iam:UpdateLoginProfile', ['privilegeEscalation'], 'a new console password of the user', 'more'),
  action(
    'iam:UpdateSAMLProvider',
    ['privilegeEscalation'],
    'the credentials of the roles that trust the provider',
    'more',
  ),
  action('kms:CreateGrant', ['privilegeEscalation'], 'the use of KMS keys for any principal', 'more'),
  action(
    'lightsail:DownloadDefaultKeyPair',
    ['credentialExposure'],
    'the private key of Lightsail instances',
    'application',
    'a network path to the instances',
  ),
  action(
    'lightsail:GetRelationalDatabaseMasterUserPassword',
    ['credentialExposure'],
    'the master password of a Lightsail database',
    'application',
  ),
  action(
    'mediapackage:RotateChannelCredentials',
    ['credentialExposure'],
    'credentials to send video to a channel',
    'application',
  ),
  action(
    'mediapackage:RotateIngestEndpointCredentials',
    ['credentialExposure'],
    'credentials to send video to a channel',
    'application',
  ),
  action('rds-db:connect', ['credentialExposure'], 'a session as any user of a database', 'more'),
  action(
    'redshift:GetClusterCredentials',
    ['credentialExposure'],
    'a password of any user of a Redshift cluster',
    'more',
  ),
  action(
    's3:GetDataAccess',
    ['credentialExposure'],
    'temporary credentials for S3 objects',
    'more',
    'an S3 Access Grants instance with a grant for the caller',
  ),
  action(
    'snowball:GetJobUnlockCode',
    ['credentialExposure'],
    'the unlock code of a Snow device',
    'application',
    'the device and its manifest',
  ),
  action('storagegateway:DescribeChapCredentials', ['credentialExposure'], 'secrets of iSCSI targets', 'application'),
  action(
    'sts:AssumeRole',
    ['credentialExposure'],
    'the credentials of the roles whose trust policy lets the caller in',
    'more',
  ),
  action(
    'sts:AssumeRoleWithSAML',
    ['credentialExposure'],
    'the credentials of a role',
    'more',
    'an assertion of an identity provider that the role trusts; the call needs no IAM permission',
  ),
  action(
    'sts:AssumeRoleWithWebIdentity',
    ['credentialExposure'],
    'the credentials of a role',
    'more',
    'a token of an identity provider that the role trusts; the call needs no IAM permission',
  ),
  action(
    'sts:GetFederationToken',
    ['credentialExposure'],
    'temporary credentials with the user’s own permissions',
    'same',
  ),
  action(
    'sts:GetSessionToken',
    ['credentialExposure'],
    'temporary credentials with the caller’s own permissions',
    'same',
  ),
];

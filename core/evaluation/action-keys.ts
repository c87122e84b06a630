import { actionsWithoutTags } from '../catalogue/actions-without-tags.ts';
import { isOfProgram } from './session-keys.ts';

/** Actions of IAM that take tags of what they create or change (Service Authorization Reference; compared with it by a test). */
const TAKES_TAGS = new Set(
  [
    ...['CreateInstanceProfile', 'CreateOpenIDConnectProvider', 'CreatePolicy', 'CreateRole', 'CreateSAMLProvider'],
    ...['CreateUser', 'CreateVirtualMFADevice', 'TagInstanceProfile', 'TagMFADevice', 'TagOpenIDConnectProvider'],
    ...['TagPolicy', 'TagRole', 'TagSAMLProvider', 'TagServerCertificate', 'TagUser', 'UploadServerCertificate'],
  ].map((name) => `iam:${name.toLowerCase()}`),
);

const WITHOUT_TAGS = new Set(actionsWithoutTags.map((action) => action.toLowerCase()));

/** Actions that get or take away a managed policy. */
const NAMES_POLICY = /^iam:(?:attach|detach)(?:user|role|group)policy$/;

/** Actions whose caller chooses the permissions boundary. */
const GIVES_BOUNDARY = /^iam:(?:create|put)(?:user|role)(?:permissionsboundary)?$/;

/** Actions in whose requests `iam:PermissionsBoundary` is the boundary that the user or role has. */
const HAS_BOUNDARY = new Set(
  [
    ...['AttachRolePolicy', 'AttachUserPolicy', 'DeleteRolePolicy', 'DeleteUserPolicy', 'DetachRolePolicy'],
    ...['DetachUserPolicy', 'PutRolePolicy', 'PutUserPolicy', 'DeleteRolePermissionsBoundary'],
    ...['DeleteUserPermissionsBoundary', 'DeleteRole', 'GetRole', 'UpdateAssumeRolePolicy', 'UpdateRole'],
    'UpdateRoleDescription',
  ].map((name) => `iam:${name.toLowerCase()}`),
);

const BOUNDARY = 'iam:permissionsboundary';

/**
 * Whether a key of an action's requests is the permissions boundary that the user or role has now.
 * @param action in lower case
 */
export const isPresentBoundary = (key: string, action: string): boolean => key === BOUNDARY && HAS_BOUNDARY.has(action);

/** By key: which actions have it. */
const ONLY_IN: ReadonlyMap<string, (action: string) => boolean> = new Map([
  [BOUNDARY, (action: string): boolean => GIVES_BOUNDARY.test(action) || HAS_BOUNDARY.has(action)],
  ['iam:policyarn', (action: string): boolean => NAMES_POLICY.test(action)],
  ['iam:passedtoservice', (action: string): boolean => action === 'iam:passrole'],
  ['iam:associatedresourcearn', (action: string): boolean => action === 'iam:passrole'],
  ['iam:awsservicename', (action: string): boolean => /^iam:(?:create|delete)servicelinkedrole$/.test(action)],
]);

/** A key of another service, such as `s3:prefix`, is in no request to IAM or STS. */
const isOfOtherService = (key: string, action: string): boolean =>
  /^(?:iam|sts):/.test(action) &&
  /^[a-z][a-z0-9-]*:/.test(key) &&
  !/^(?:aws|iam|sts|saml):/.test(key) &&
  !isOfProgram(key);

/** Whether a key is in the requests of some actions only. */
export const isOfSomeActions = (key: string): boolean =>
  isOfOtherService(key, 'iam:') ||
  ONLY_IN.has(key) ||
  key === 'aws:tagkeys' ||
  key.startsWith('aws:requesttag/') ||
  /^sts:/.test(key);

/**
 * Whether a request may have a key. The keys of tags are known for the actions of IAM and of the escalation paths.
 * @param key in lower case
 * @param action `service:action`, in lower case
 */
export function mayHaveKey(key: string, action: string): boolean {
  const has = ONLY_IN.get(key);
  if (has !== undefined) return has(action);
  if (isOfOtherService(key, action)) return false;
  // AWS checks sts:TagSession and sts:SetSourceIdentity in the request of sts:AssumeRole.
  if (key.startsWith('sts:')) return action.startsWith('sts:');
  const isTagKeys = key === 'aws:tagkeys';
  if (!isTagKeys && !key.startsWith('aws:requesttag/')) return true;
  if (!action.startsWith('iam:')) return !WITHOUT_TAGS.has(action);
  return TAKES_TAGS.has(action) || (isTagKeys && action.startsWith('iam:untag'));
}

const LAUNCHES = /^ec2:(?:runinstances|requestspotinstances)$/;

/** Keys of the requests that launch instances, with the types of resources that have them (Service Authorization Reference). */
const OF_LAUNCHED: readonly (readonly [RegExp, RegExp])[] = [
  [/^aws:(?:requesttag\/|tagkeys$)/, /^(?:instance|volume|network-interface|spot-instances-request|elastic-gpu)$/],
  [
    /^ec2:(?:instance(?:type|profile|markettype|metadatatags|autorecovery)|tenancy|ebsoptimized|metadatahttp\w+)$/,
    /^instance$/,
  ],
  [/^ec2:volume(?:size|type|iops|throughput)$/, /^volume$/],
  [/^ec2:(?:imagetype|public)$/, /^image$/],
  [/^ec2:owner$/, /^(?:image|snapshot)$/],
  [/^ec2:associatepublicipaddress$/, /^network-interface$/],
];

/**
 * Whether a request has a key where it is compared with the statements about one of its resources. Only launching instances has
 * many resources with keys of their own.
 */
export function isKeyOfResource(key: string, action: string, resource: string): boolean {
  if (resource === '*' || !LAUNCHES.test(action)) return true;
  const type = (resource.split(':')[5] ?? '').split('/')[0] ?? '';
  return OF_LAUNCHED.every(([keys, types]) => !keys.test(key) || types.test(type));
}

import { plainText, substitute, type ConditionContext, type KeyValue } from './condition-context.ts';

/** Keys that requests signed with a user's access key don't have. */
const NOT_OF_ACCESS_KEYS = ['aws:multifactorauthpresent', 'aws:multifactorauthage', 'aws:tokenissuetime'];

const EXTERNAL_ID = 'sts:externalid';

/** Keys whose values the caller chooses with each request, so a value that is allowed can be sent. */
const CHOSEN = new Set([
  'aws:requestedregion',
  'aws:useragent',
  'aws:referer',
  'aws:tagkeys',
  'iam:policyarn',
  'iam:permissionsboundary',
  'iam:associatedresourcearn',
  'sts:rolesessionname',
  'sts:sourceidentity',
  'sts:durationseconds',
  'sts:externalid',
  'sts:transitivetagkeys',
  ...NOT_OF_ACCESS_KEYS,
]);

/** Keys of what a request creates, such as the size of an instance, with the actions that create it. */
const OF_CREATED: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^ec2:(?:instancetype|tenancy|ebsoptimized|metadatahttp\w+|instancemarkettype|instancemetadatatags|instanceautorecovery|volume(?:size|type|iops|throughput)|encrypted|rootdevicetype|availabilityzone(?:id)?|islaunchtemplateresource|associatepublicipaddress|owner|image(?:id|type)|public)$/,
    /^ec2:(?:runinstances|requestspotinstances)$/,
  ],
  [
    /^autoscaling:(?:instancetypes?|m(?:ax|in)size|metadatahttp\w+|spotprice|launchconfigurationname)$/,
    /^autoscaling:(?:create|update)/,
  ],
  [
    /^sagemaker:(?:instancetypes|acceleratortypes|rootaccess|maxruntimeinseconds|keepaliveperiod|intercontainertrafficencryption|minimuminstancemetadataserviceversion)$/,
    /^sagemaker:create/,
  ],
  [
    /^ecs:(?:task-cpu|task-memory|compute-compatibility|propagate-tags|enable-ecs-managed-tags)$/,
    /^ecs:(?:register|run|start|create)/,
  ],
  [/^batch:(?:loglevel|logdriver|awslogs\w+|shareidentifier)$/, /^batch:/],
  [
    /^codebuild:(?:environment\.computetype|environment\.type|concurrentbuildlimit|autoretrylimit|logsconfig.*)$/,
    /^codebuild:/,
  ],
];

/** Keys of what a request may name or leave out, such as a network, with the actions that create it. What they may name is not known. */
const LEFT_OUT: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^lambda:(?:layer|vpcids|subnetids|securitygroupids|codesigningconfigarn)$/,
    /^lambda:(?:createfunction|updatefunctionconfiguration)$/,
  ],
  [/^glue:(?:vpcids|subnetids|securitygroupids)$/, /^glue:(?:create|update)(?:job|devendpoint)$/],
  [
    /^sagemaker:(?:vpcsubnets|vpcsecuritygroupids|volumekmskey|outputkmskey|fsx\w+|filesystem\w+)$/,
    /^sagemaker:create/,
  ],
  [/^codebuild:vpcconfig(?:\.\w+)?$/, /^codebuild:(?:create|update)project$/],
];

const ofActions = [...OF_CREATED, ...LEFT_OUT];
const isOfCreated = (key: string): boolean => ofActions.some(([keys]) => keys.test(key));
const isLeftOut = (key: string): boolean => key === EXTERNAL_ID || LEFT_OUT.some(([keys]) => keys.test(key));

export const isChosen = (key: string): boolean =>
  CHOSEN.has(key) || key.startsWith('aws:requesttag/') || isOfCreated(key);

/** Whether the caller chooses a chosen key in the requests of an action. @param action in lower case */
export const isChosenIn = (key: string, action: string): boolean =>
  !isOfCreated(key) || ofActions.some(([keys, actions]) => keys.test(key) && actions.test(action));

/** Whether the caller can send any value of a key, which is not so for the keys of a session. */
export const isFreelyChosen = (key: string): boolean =>
  isChosen(key) && !isLeftOut(key) && !NOT_OF_ACCESS_KEYS.includes(key);

/** Regions that are enabled in every account of their partition, and some others. */
const REGIONS: Readonly<Record<string, readonly string[]>> = {
  aws: [
    ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1'],
    ...['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1', 'eu-north-1'],
    ...['ap-south-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-southeast-1', 'ap-southeast-2'],
  ],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-us-gov': ['us-gov-west-1', 'us-gov-east-1'],
};

/** At most this many values are tried for a key. */
const MOST_VALUES = 30;

/**
 * Values to try for a key that the caller chooses: those that the policies name, one that they don't name, and none.
 * @param named the values in the policies' conditions, which may have wildcards and policy variables
 * @param context the other keys of the request, which replace the variables
 */
export function valuesToTry(
  key: string,
  named: readonly string[],
  partition: string,
  context: ConditionContext,
): KeyValue[] {
  if (key === 'aws:requestedregion') return regionsToTry(named, partition).map((region) => [region]);
  // An external ID may be a secret, but nobody has to send one.
  if (isLeftOut(key)) return ['unknown', 'absent'];
  if (key.startsWith('aws:multifactorauth') && context(HAS_MFA) !== 'unknown') {
    return [[key === 'aws:multifactorauthage' ? '0' : 'true'], 'absent'];
  }
  // Who signs in with a password has the key, and may do it without a device.
  if (key === 'aws:multifactorauthpresent' && context(HAS_ACCESS_KEY) === 'absent') return ['unknown', ['false']];
  if (NOT_OF_ACCESS_KEYS.includes(key)) return mayUseAccessKey(context) ? ['unknown', 'absent'] : [];
  const known = named.flatMap((pattern) => sample(pattern, context));
  const near = key === 'sts:durationseconds' ? known.flatMap(neighbours) : [];
  const samples = [...new Set([...known, ...near, 'any'])].slice(0, MOST_VALUES);
  return ['absent', ...samples.map((value) => [value])];
}

/** Asks the keys of a principal whether it has an access key, which they say only of users without. No condition can name it. */
export const HAS_ACCESS_KEY = 'has an access key';

/** Asks the keys of a principal whether it may have MFA, and may leave it out. No condition can name it. */
export const HAS_MFA = 'has an MFA device and an access key';

function mayUseAccessKey(context: ConditionContext): boolean {
  const type = context('aws:principaltype');
  return Array.isArray(type) && type[0] === 'User' && context(HAS_ACCESS_KEY) !== 'absent';
}

/** Regions that conditions name, then others. */
export function regionsToTry(named: readonly string[], partition: string): string[] {
  const plain = named.filter((value) => /^[a-z0-9-]+$/.test(value));
  return [...new Set([...plain, ...(REGIONS[partition] ?? REGIONS.aws ?? [])])].slice(0, MOST_VALUES);
}

/** A text that a pattern matches. Empty if the value of one of its policy variables is not known. */
function sample(pattern: string, context: ConditionContext): string[] {
  if (!pattern.includes('${')) return [filledIn(pattern)];
  const substituted = substitute(pattern, context);
  return substituted.kind === 'text' ? [plainText(filledIn(substituted.text))] : [];
}

const filledIn = (pattern: string): string => pattern.replaceAll('*', 'x').replaceAll('?', 'x');

/** The numbers next to a limit: a condition may need a lower or higher one. */
const neighbours = (text: string): string[] =>
  /^\d{1,9}$/.test(text) ? [String(Number(text) - 1), String(Number(text) + 1)] : [];

/** Where IAM and other global services are: `aws:RequestedRegion` is this Region for all of their requests. */
export const globalRegion = (partition: string): string =>
  partition === 'aws-cn' ? 'cn-north-1' : partition === 'aws-us-gov' ? 'us-gov-west-1' : 'us-east-1';

/** Services with one global endpoint (AWS General Reference, "Service endpoints and quotas"). */
const GLOBAL_SERVICES = new Set(['iam', 'organizations', 'cloudfront', 'route53', 'waf', 'shield', 'health']);

export const isGlobalService = (namespace: string): boolean => GLOBAL_SERVICES.has(namespace);

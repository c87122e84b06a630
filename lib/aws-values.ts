import * as v from 'valibot';
import { text } from './setting.ts';

/** Schemas for AWS names and ARNs. A wrong value is reported before anything is deployed. */

export const Region = text(
  /^[a-z]{2,4}(-[a-z]+)+-\d+$/,
  'must be the name of a Region such as "us-east-1" (not the global endpoint)',
);

export const KmsKeyArn = text(
  /^arn:[^:]+:kms:[^:]+:\d{12}:key\/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/,
  'must be the ARN of a KMS key (not of an alias)',
);

export const ManagedPolicyArn = text(
  /^arn:[^:*]+:iam::(\d{12}|aws):policy\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,128}$/,
  'must be the ARN of a managed policy such as "arn:aws:iam::111122223333:policy/boundary"',
);

/** Trust policies of member accounts contain this path and a wildcard after it. The path itself must have no wildcard. */
export const RolePath = v.pipe(
  text(/^\/([\w+=,.@-]+\/)*$/, 'must begin and end with a slash, such as "/iam-audit/"'),
  v.maxLength(512, 'must have at most 512 characters'),
);

/** The characters that a role name may have (IAM API Reference, CreateRole). */
export const RoleNamePrefix = text(
  /^[\w+=,.@-]{1,30}$/,
  'must have 1 to 30 letters, digits and any of _+=,.@-, such as "corp-"',
);

const BUCKET_RULES =
  'must be the name of a bucket: 3 to 63 lowercase letters, digits, dots and hyphens, a letter or digit at both ends';

/** Amazon S3 User Guide, "General purpose bucket naming rules". */
export const BucketName = v.pipe(
  text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, BUCKET_RULES),
  v.check((name) => !name.includes('..'), 'must not have two adjacent dots'),
  v.check((name) => !/^\d+\.\d+\.\d+\.\d+$/.test(name), 'must not look like an IP address'),
  v.check(
    (name) => !/^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name),
    'must not begin or end with text that S3 reserves (xn--, sthree-, amzn-s3-demo-, -s3alias, --ol-s3, .mrap, --x-s3, --table-s3)',
  ),
);

const idOf = (prefix: string) =>
  text(new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`), `must be an ID such as "${prefix}-0123456789abcdef0"`);
export const VpcId = idOf('vpc');

const idList = (prefix: string, most: number) => {
  const requirement = `must be a list of 1 to ${most} IDs`;
  return v.pipe(
    v.array(idOf(prefix), requirement),
    v.minLength(1, requirement),
    v.maxLength(most, requirement),
    v.check((ids) => new Set(ids).size === ids.length, 'must not contain an ID twice'),
  );
};
/** Lambda accepts 16 subnets and 5 security groups (API Reference, VpcConfig). */
export const SubnetIds = idList('subnet', 16);
export const SecurityGroupIds = idList('sg', 5);
export const RouteTableIds = idList('rtb', 16);

/** The part of a key before `AWSLogs/` (CloudTrail API Reference, CreateTrail: at most 200 characters). */
export const TrailPrefix = text(
  /^(?!.*\/\/)[\w!.*'()-][\w!.*'()/-]{0,198}[\w!.*'()-]$|^[\w!.*'()-]$/,
  'must be the prefix of the trail without slashes at both ends, such as "logs/trail"',
);

/** Organizations API Reference, Organization. */
export const OrganizationId = text(/^o-[a-z0-9]{10,32}$/, 'must be the ID of an organization such as "o-exampleorg"');

const TAG_CHARACTERS = 'letters, digits, spaces and any of _.:/=+-@';
const tagText = (most: number) => text(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u, `must have 1 to ${most} ${TAG_CHARACTERS}`);

/** Keys that are the same key for IAM, in quotes. */
function duplicateKeys(keys: readonly string[]): string[] {
  const second = keys.find(
    (key, place) => keys.findIndex((other) => other.toLowerCase() === key.toLowerCase()) < place,
  );
  return keys.filter((key) => key.toLowerCase() === second?.toLowerCase()).map((key) => JSON.stringify(key));
}

const TAGS_REQUIREMENT = 'must be an object of tags such as { "CostCenter": "1234" }';

/** The tags that every service and CloudFormation accept. For IAM, keys that differ only in case are the same key. */
export const Tags = v.pipe(
  v.unknown(),
  v.check((tags) => typeof tags === 'object' && tags !== null && !Array.isArray(tags), TAGS_REQUIREMENT),
  v.record(
    v.pipe(
      tagText(128),
      v.maxLength(128, `must have 1 to 128 ${TAG_CHARACTERS}`),
      v.check((key) => !/^aws:/i.test(key), 'must not begin with "aws:", which AWS reserves'),
    ),
    v.pipe(tagText(256), v.maxLength(256, `must have 1 to 256 ${TAG_CHARACTERS}`)),
  ),
  v.check((tags) => Object.keys(tags).length <= 50, 'must have at most 50 tags'),
  v.check(
    (tags) => duplicateKeys(Object.keys(tags)).length === 0,
    ({ input }) =>
      `must not have both ${duplicateKeys(Object.keys(input)).join(' and ')}: for IAM, keys that differ only in case are the same key`,
  ),
);

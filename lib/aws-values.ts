import * as v from 'valibot';
import { text } from './setting.ts';

/** Names and ARNs as AWS takes them: what is wrong is told before anything is deployed. */

export const Region = text(
  /^[a-z]{2,4}(-[a-z]+)+-\d+$/,
  'must be the name of a Region such as "us-east-1" (never the global endpoint)',
);

export const KmsKeyArn = text(
  /^arn:[^:]+:kms:[^:]+:\d{12}:key\/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/,
  'must be the ARN of a KMS key (not of an alias)',
);

export const ManagedPolicyArn = text(
  /^arn:[^:*]+:iam::(\d{12}|aws):policy\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,128}$/,
  'must be the ARN of a managed policy such as "arn:aws:iam::111122223333:policy/boundary"',
);

/** Trust policies of member accounts name it with a wildcard behind: it holds none itself. */
export const RolePath = v.pipe(
  text(/^\/([\w+=,.@-]+\/)*$/, 'must begin and end with a slash, such as "/iam-audit/"'),
  v.maxLength(512, 'must have at most 512 characters'),
);

/** What a role name may hold (IAM API Reference, CreateRole). */
export const RoleNamePrefix = text(
  /^[\w+=,.@-]{1,30}$/,
  'must have 1 to 30 letters, digits and any of _+=,.@-, such as "corp-"',
);

const BUCKET_RULES =
  'must be the name of a bucket: 3 to 63 lowercase letters, digits, dots and hyphens, a letter or digit at both ends';

/** Amazon S3 User Guide, "General purpose bucket naming rules". */
export const BucketName = v.pipe(
  text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, BUCKET_RULES),
  v.check((name) => !name.includes('..'), 'must not have two dots side by side'),
  v.check((name) => !/^\d+\.\d+\.\d+\.\d+$/.test(name), 'must not look like an IP address'),
  v.check(
    (name) => !/^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name),
    'must not begin or end with what S3 keeps for itself (xn--, sthree-, amzn-s3-demo-, -s3alias, --ol-s3, .mrap, --x-s3, --table-s3)',
  ),
);

const idOf = (prefix: string) =>
  text(new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`), `must be an ID such as "${prefix}-0123456789abcdef0"`);
export const VpcId = idOf('vpc');

const someOf = (prefix: string, most: number) => {
  const right = `must name 1 to ${most}`;
  return v.pipe(
    v.array(idOf(prefix), right),
    v.minLength(1, right),
    v.maxLength(most, right),
    v.check((ids) => new Set(ids).size === ids.length, 'must name each once'),
  );
};
/** Lambda takes 16 subnets and 5 security groups (API Reference, VpcConfig). */
export const SubnetIds = someOf('subnet', 16);
export const SecurityGroupIds = someOf('sg', 5);
export const RouteTableIds = someOf('rtb', 16);

const TAG_CHARACTERS = 'letters, digits, spaces and any of _.:/=+-@';
const tagText = (most: number) => text(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u, `must have 1 to ${most} ${TAG_CHARACTERS}`);

/** Two keys that are one to IAM, in quotes. */
function twins(keys: readonly string[]): string[] {
  const second = keys.find(
    (key, place) => keys.findIndex((other) => other.toLowerCase() === key.toLowerCase()) < place,
  );
  return keys.filter((key) => key.toLowerCase() === second?.toLowerCase()).map((key) => JSON.stringify(key));
}

const RIGHT_TAGS = 'must be an object of tags such as { "CostCenter": "1234" }';

/** What every service and CloudFormation itself take; IAM tells keys apart whatever their case. */
export const Tags = v.pipe(
  v.unknown(),
  v.check((tags) => typeof tags === 'object' && tags !== null && !Array.isArray(tags), RIGHT_TAGS),
  v.record(
    v.pipe(
      tagText(128),
      v.maxLength(128, `must have 1 to 128 ${TAG_CHARACTERS}`),
      v.check((key) => !/^aws:/i.test(key), 'must not begin with "aws:", which AWS keeps for itself'),
    ),
    v.pipe(tagText(256), v.maxLength(256, `must have 1 to 256 ${TAG_CHARACTERS}`)),
  ),
  v.check((tags) => Object.keys(tags).length <= 50, 'must have at most 50 tags'),
  v.check(
    (tags) => twins(Object.keys(tags)).length === 0,
    ({ input }) =>
      `must not have both ${twins(Object.keys(input)).join(' and ')}: IAM takes keys that differ in case only for one`,
  ),
);

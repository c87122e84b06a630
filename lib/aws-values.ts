import * as v from 'valibot';
import { valueForms, type ValueForm } from '../core/member-role/iam-values.ts';
import { text } from './setting.ts';

const inForm = ({ pattern, requirement }: ValueForm) => text(pattern, requirement);

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
export const RolePath = v.pipe(inForm(valueForms.rolePath), v.maxLength(512, 'must have at most 512 characters'));

export const RoleNamePrefix = inForm(valueForms.roleNamePrefix);
export const MemberRoleName = inForm(valueForms.memberRoleName);
export const ExternalId = inForm(valueForms.externalId);
export const SourceIdentity = inForm(valueForms.sourceIdentity);
export const BoundaryName = inForm(valueForms.boundaryName);
export const PrincipalPattern = inForm(valueForms.principalPattern);
export const OrganizationId = inForm(valueForms.organizationId);

/** Organizations API Reference, Root and OrganizationalUnit. */
export const TargetId = text(
  /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/,
  'must be the ID of a root or of an organizational unit, such as "r-exam" or "ou-exam-12345678"',
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

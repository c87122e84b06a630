import * as v from 'valibot';
import { AccountId, isTimeZone } from '../core/contract/execution-input.ts';
import {
  BoundaryName,
  BucketName,
  KmsKeyArn,
  OrganizationId,
  PrincipalPattern,
  Region,
  RouteTableIds,
  SecurityGroupIds,
  SubnetIds,
  TargetId,
  TrailPrefix,
  VpcId,
} from './aws-values.ts';
import { scheduleExpressionProblem, timeZoneProblem } from './schedule-expression.ts';
import { numberBetween, setting, textWithoutProblem, trueOrFalse, wholeNumber } from './setting.ts';

/** The retention periods of CloudWatch Logs, in days (API Reference, PutRetentionPolicy). */
const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const TIME_ZONE_REQUIREMENT = 'must be a time zone of the IANA database such as "Europe/Berlin"';

const Schedule = v.strictObject({
  enabled: setting('', 'Whether runs start on schedule.', v.optional(trueOrFalse, true)),
  expression: setting(
    '',
    'When a run starts. At most one run starts per day, even if the expression is more frequent.',
    v.optional(
      textWithoutProblem(scheduleExpressionProblem, 'must be an expression of EventBridge Scheduler in quotes'),
      'cron(0 4 * * ? *)',
    ),
  ),
  timeZone: setting(
    '',
    'Time zone of the expression.',
    v.optional(
      v.pipe(textWithoutProblem(timeZoneProblem, TIME_ZONE_REQUIREMENT), v.check(isTimeZone, TIME_ZONE_REQUIREMENT)),
      'UTC',
    ),
  ),
  flexibleWindowMinutes: setting(
    'minutes',
    'The run starts at any time within this window after the scheduled time. 0: exactly at the scheduled time.',
    v.optional(wholeNumber(0, 1_440), 15),
  ),
  spreadOverMinutes: setting(
    'minutes',
    'A scheduled run with all its accounts is spread over this time. 0: as fast as possible.',
    v.optional(wholeNumber(0, 1_200), 60),
  ),
  missedAfterHours: setting(
    'hours',
    'The alarm "run missed" is raised after this time without a successful run of all accounts and principals. 0: no such alarm, for schedules with more than a week between runs.',
    v.optional(wholeNumber(0, 168), 26),
  ),
});

const Retention = v.strictObject({
  runDays: setting(
    'days',
    'Retention of the objects of a run: evidence, findings and reports.',
    v.optional(wholeNumber(1, 36_500), 400),
  ),
  tableDays: setting(
    'days',
    'Retention of the tables. They contain a longer history than AWS keeps.',
    v.optional(wholeNumber(1, 36_500), 1_100),
  ),
  oldVersionDays: setting(
    'days',
    'Retention of overwritten and deleted versions of objects.',
    v.optional(wholeNumber(1, 36_500), 30),
  ),
  logDays: setting(
    'days',
    'Retention of the logs of the functions and the workflow.',
    v.optional(v.picklist(LOG_DAYS, `must be one of ${LOG_DAYS.join(', ')}`), 90),
  ),
});

const Alarms = v.strictObject({
  accountsAuditedPercent: setting(
    'percent',
    'The alarm "accounts not audited" is raised if a run of all accounts and principals audited a smaller share of its accounts. 0: no such alarm.',
    v.optional(numberBetween(0, 100), 100),
  ),
  principalsAuditedPercent: setting(
    'percent',
    'The alarm "principals not audited" is raised if, in the accounts that a run of all accounts and principals audited, a smaller share of the users and roles has complete evidence. 0: no such alarm.',
    v.optional(numberBetween(0, 100), 95),
  ),
  throttledPercent: setting(
    'percent',
    'The alarm "many calls throttled" is raised if AWS throttled this share of the calls of a run of all accounts and principals, or more. The audit itself causes up to 1 %, because it tests the limit. 0: no such alarm.',
    v.optional(numberBetween(0, 100), 5),
  ),
});

const Vpc = v.strictObject({
  vpcId: setting(
    '',
    'Existing VPC for the functions. Required with `vpc`, like `subnetIds` and `securityGroupIds`.',
    VpcId,
  ),
  subnetIds: setting('', 'Subnets for the functions: private, each in a different Availability Zone.', SubnetIds),
  securityGroupIds: setting('', 'Security groups of the functions. They must allow outbound HTTPS.', SecurityGroupIds),
  endpoints: setting(
    '',
    'Whether the stack creates the VPC endpoints that the functions need and the Region offers (docs/deploy.md).',
    v.optional(trueOrFalse, false),
  ),
  routeTableIds: setting(
    '',
    'Route tables of the subnets, for the gateway endpoint of S3. Used only if `vpc.endpoints` is true.',
    v.optional(RouteTableIds),
  ),
});

const listOf = <Item extends v.GenericSchema<unknown, string>>(item: Item, most: number, things: string) => {
  const requirement = `must be a list of 1 to ${most} ${things}`;
  return v.pipe(
    v.array(item, requirement),
    v.minLength(1, requirement),
    v.maxLength(most, requirement),
    v.check((values) => new Set(values).size === values.length, 'must name each once'),
  );
};

const Doctor = v.strictObject({
  trailBucket: setting(
    '',
    'Bucket of the CloudTrail trail, for `doctor --athena` and for runs with more than 1 % throttled calls. Required with `doctor`. Athena reads it in the stack’s Region.',
    BucketName,
  ),
  trailPrefix: setting('', 'Prefix of the trail’s keys, before `AWSLogs/`. Default: none.', v.optional(TrailPrefix)),
  organizationId: setting(
    '',
    'ID of the organization, if the trail is an organization trail: its keys have the ID after `AWSLogs/`.',
    v.optional(OrganizationId),
  ),
  accounts: setting(
    '',
    'Accounts whose logs are read. Default: the accounts that `accounts` lists, or the stack’s own account.',
    v.optional(listOf(AccountId, 10_000, 'account IDs')),
  ),
  regions: setting(
    '',
    'Regions whose logs are read. Default: us-east-1, which has the calls to IAM and to the global STS endpoint, and the stack’s Region. In other partitions than aws, name the Region of IAM.',
    v.optional(listOf(Region, 100, 'Regions')),
  ),
  trailKeyArn: setting('', 'KMS key that encrypts the trail’s files. Default: none.', v.optional(KmsKeyArn)),
  scanLimitGigabytes: setting(
    'GB',
    'Athena stops a query that reads more. The first query of an analysis reads the logs of the period, compressed.',
    v.optional(wholeNumber(1, 100_000), 100),
  ),
});

const Tables = v.strictObject({
  athena: setting(
    '',
    'Whether the stack creates the tables, a workgroup and named queries in Athena (docs/tables.md). Runs write the files of the tables in any case. Without queries, Athena and AWS Glue cost nothing.',
    v.optional(trueOrFalse, true),
  ),
  scanLimitGigabytes: setting(
    'GB',
    'Athena stops a query of the tables that reads more.',
    v.optional(wholeNumber(1, 100_000), 10),
  ),
});

/** CreateStackInstances accepts at most 50 (CloudFormation API Reference). */
const MAX_TARGETS = 50;

const MemberRole = v.strictObject({
  deploy: setting(
    '',
    'Whether the stack deploys the role `memberRoleName` to the organization with a StackSet, and to the stack’s own account (docs/organization.md). Required with `memberRole`.',
    v.optional(trueOrFalse),
  ),
  organizationId: setting(
    '',
    'ID of the organization. The trust policies of the roles require it. Required with `memberRole.deploy`.',
    v.optional(OrganizationId),
  ),
  targets: setting(
    '',
    'Roots and organizational units whose accounts get the role, including accounts that join later. Required with `memberRole.deploy`.',
    v.optional(listOf(TargetId, MAX_TARGETS, 'IDs of roots and organizational units')),
  ),
  callAs: setting(
    '',
    '"SELF" if the stack’s account is the management account, "DELEGATED_ADMIN" if it is a delegated administrator for StackSets.',
    v.optional(v.picklist(['SELF', 'DELEGATED_ADMIN'], 'must be "SELF" or "DELEGATED_ADMIN"'), 'SELF'),
  ),
  excludedAccounts: setting(
    '',
    'Accounts of the targets that do not get the role. An account that joins a target later gets the role even if it is named here.',
    v.optional(listOf(AccountId, 1_000, 'account IDs')),
  ),
  permissionsBoundaryName: setting(
    '',
    'Name of a managed policy that is the permissions boundary of the role. Each account must have this policy.',
    v.optional(BoundaryName),
  ),
  trustedPrincipals: setting(
    '',
    'Other roles and users of the stack’s account that may assume the role, such as "role/Auditor".',
    v.optional(listOf(PrincipalPattern, 10, 'roles and users')),
  ),
});

/** Settings that are grouped under one name. */
export const settingGroups = {
  memberRole: MemberRole,
  schedule: Schedule,
  retention: Retention,
  alarms: Alarms,
  vpc: Vpc,
  doctor: Doctor,
  tables: Tables,
} as const;

import * as v from 'valibot';
import { defaultSettings } from '../core/contract/environment.ts';
import { AccountId, isTimeZone } from '../core/contract/execution-input.ts';
import {
  BucketName,
  KmsKeyArn,
  ManagedPolicyArn,
  Region,
  RoleNamePrefix,
  RolePath,
  RouteTableIds,
  SecurityGroupIds,
  SubnetIds,
  Tags,
  VpcId,
} from './aws-values.ts';
import { scheduleExpressionProblem, timeZoneProblem } from './schedule-expression.ts';
import {
  aboutOf,
  numberBetween,
  setting,
  text,
  trueOrFalse,
  wholeNumber,
  withoutProblem,
  type About,
} from './setting.ts';

/** Lambda takes 4,096 bytes of environment, of which an account takes 13. */
const MAX_ACCOUNTS = 250;

/** Retention periods that CloudWatch Logs takes, in days (API reference, PutRetentionPolicy). */
const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const RIGHT_ZONE = 'must be a time zone of the IANA database such as "Europe/Berlin"';

const Schedule = v.strictObject({
  enabled: setting('', 'Whether runs start by themselves.', v.optional(trueOrFalse, true)),
  expression: setting(
    '',
    'When a run starts. A day is run once at most, whatever the expression says.',
    v.optional(
      withoutProblem(scheduleExpressionProblem, 'must be an expression of EventBridge Scheduler in quotes'),
      'cron(0 4 * * ? *)',
    ),
  ),
  timeZone: setting(
    '',
    'Time zone of the expression.',
    v.optional(v.pipe(withoutProblem(timeZoneProblem, RIGHT_ZONE), v.check(isTimeZone, RIGHT_ZONE)), 'UTC'),
  ),
  flexibleWindowMinutes: setting(
    'minutes',
    'The run starts at any moment within so long after its time; 0: at its time.',
    v.optional(wholeNumber(0, 1_440), 15),
  ),
  spreadOverMinutes: setting(
    'minutes',
    'A scheduled run, all of its accounts, is spread over so long; 0: as fast as the accounts allow.',
    v.optional(wholeNumber(0, 1_200), 60),
  ),
  missedAfterHours: setting(
    'hours',
    'Without a successful run for so long the alarm "run missed" goes off; 0: there is none, for schedules rarer than a week.',
    v.optional(wholeNumber(0, 168), 30),
  ),
});

const Retention = v.strictObject({
  runDays: setting(
    'days',
    'How long the objects of a run are kept: evidence, findings, reports.',
    v.optional(wholeNumber(1, 36_500), 400),
  ),
  tableDays: setting(
    'days',
    'How long the tables are kept: the history that is longer than AWS keeps it.',
    v.optional(wholeNumber(1, 36_500), 1_100),
  ),
  oldVersionDays: setting(
    'days',
    'How long overwritten and deleted versions of objects are kept.',
    v.optional(wholeNumber(1, 36_500), 30),
  ),
  logDays: setting(
    'days',
    'How long the logs of functions and workflow are kept.',
    v.optional(v.picklist(LOG_DAYS, `must be one of ${LOG_DAYS.join(', ')}`), 90),
  ),
});

const Alarms = v.strictObject({
  accountsAuditedPercent: setting(
    'percent',
    'The alarm "accounts not audited" goes off when a run of everything audited a smaller share of its accounts; 0: there is no such alarm.',
    v.optional(numberBetween(0, 100), 100),
  ),
  principalsAuditedPercent: setting(
    'percent',
    'The alarm "principals not audited" goes off when a run of everything has complete evidence of a smaller share of the users and roles in the accounts that it audited; 0: there is no such alarm.',
    v.optional(numberBetween(0, 100), 95),
  ),
});

const Vpc = v.strictObject({
  vpcId: setting(
    '',
    'Existing VPC that the functions are attached to. Needed with `vpc`, like its subnets and security groups.',
    VpcId,
  ),
  subnetIds: setting('', 'Its subnets for the functions: private ones, each in another Availability Zone.', SubnetIds),
  securityGroupIds: setting('', 'Security groups of the functions; they must let HTTPS out.', SecurityGroupIds),
  endpoints: setting(
    '',
    'Whether the stack makes the VPC endpoints that the functions need, as far as the Region has them (docs/deploy.md).',
    v.optional(trueOrFalse, false),
  ),
  routeTableIds: setting(
    '',
    'Route tables of the subnets, for the gateway endpoint of S3. Only with `vpc.endpoints`.',
    v.optional(RouteTableIds),
  ),
});

export const Settings = v.strictObject({
  stackName: setting(
    '',
    'Name of the stack, and of the state machine in it.',
    v.optional(
      text(
        /^[A-Za-z][A-Za-z0-9-]{0,79}$/,
        'must start with a letter and have at most 80 letters, digits and hyphens, such as "IamAudit"',
      ),
      'IamAudit',
    ),
  ),
  accountIds: setting(
    '',
    'Accounts that are audited. Without it the stack’s own. Others need `memberRoleName`.',
    v.optional(
      v.pipe(
        v.array(AccountId),
        v.minLength(1, 'must name at least one account, or be left out'),
        v.maxLength(
          MAX_ACCOUNTS,
          `must name at most ${MAX_ACCOUNTS} accounts: more don't fit a function's environment`,
        ),
        v.check((ids) => new Set(ids).size === ids.length, 'must name each account once'),
      ),
    ),
  ),
  memberRoleName: setting(
    '',
    'Role to assume in each account, the own one included. Without it the functions read the own account.',
    v.optional(
      text(
        /^(?=.{1,575}$)([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/,
        'must be the name of a role (at most 64 characters), behind its path (at most 510) if it has one, such as "iam-audit-member" or "audit/member"',
      ),
    ),
  ),
  externalId: setting(
    '',
    'What the member roles’ trust policies want as `sts:ExternalId`.',
    v.optional(text(/^[\w+=,.@:/-]{2,1224}$/, 'must have 2 to 1,224 letters, digits and any of +=,.@:/-')),
  ),
  accountsAtOnce: setting(
    'accounts',
    'Accounts that are audited side by side; each has rate limits of its own.',
    v.optional(wholeNumber(1, 1_000), defaultSettings.accountsAtOnce),
  ),
  principalsPerBatch: setting(
    'principals',
    'Users and roles that one batch covers at most; every batch ends with a tail.',
    v.optional(wholeNumber(10, 2_000), defaultSettings.principalsPerBatch),
  ),
  rateShare: setting(
    'share',
    'Share of the rate that IAM leaves over which is taken between two looks at the limit; 0.9 is polite.',
    v.optional(numberBetween(0.05, 1), defaultSettings.rateShare),
  ),
  refreshEveryDays: setting(
    'days',
    'Every principal is asked again in full at least so often, evenly over the days; 1: nothing is carried from day to day.',
    v.optional(wholeNumber(1, 30), defaultSettings.refreshEveryDays),
  ),
  graceDays: setting(
    'days',
    'Principals that are younger are in no finding of something unused or to be removed.',
    v.optional(wholeNumber(0, 3_650), defaultSettings.graceDays),
  ),
  unusedAfterDays: setting(
    'days',
    'Principals, keys and permissions that were not used for so long are findings. AWS tracks 400 days.',
    v.optional(wholeNumber(1, 400), defaultSettings.unusedAfterDays),
  ),
  schedule: v.optional(Schedule, {}),
  retention: v.optional(Retention, {}),
  subscribers: setting(
    '',
    'Who is told when an alarm goes off: e-mail addresses, which must confirm, and https URLs.',
    v.optional(
      v.pipe(
        v.array(text(/^([^@\s]+@[^@\s]+\.[^@\s]+|https:\/\/\S+)$/, 'must be an e-mail address or an https URL')),
        v.check((endpoints) => new Set(endpoints).size === endpoints.length, 'must name each subscriber once'),
      ),
      [],
    ),
  ),
  notify: setting(
    '',
    'About which runs subscribers get a message at the end: "always", "problems" (runs that are not COMPLETE) or "never". Alarms tell them in any case.',
    v.optional(
      v.picklist(['always', 'problems', 'never'], 'must be "always", "problems" or "never"'),
      defaultSettings.notify,
    ),
  ),
  alarms: v.optional(Alarms, {}),
  kmsKeyArn: setting(
    '',
    'Key that encrypts what holds data: results, logs, function environments, the alarm topic, the workflow and the queue. Without it AWS’s own keys do. It must be in the stack’s Region; docs/deploy.md has the statements of its policy.',
    v.optional(KmsKeyArn),
  ),
  resultsBucketName: setting(
    '',
    'Existing bucket that takes the results, in the stack’s account and Region. Without it the stack makes one. `retention` of runs, tables and old versions is then the bucket’s own (docs/deploy.md).',
    v.optional(BucketName),
  ),
  stsRegion: setting(
    '',
    'Region whose STS is called. Without it the stack’s own. Every audited account must have activated it.',
    v.optional(Region),
  ),
  permissionsBoundaryArn: setting(
    '',
    'Managed policy that is the permissions boundary of every role.',
    v.optional(ManagedPolicyArn),
  ),
  roleNamePrefix: setting(
    '',
    'Every role’s name begins with it: prefix, stack name, role, Region. Without it CloudFormation names the roles. Prefix and stack name have at most 30 characters together.',
    v.optional(RoleNamePrefix),
  ),
  rolePath: setting(
    '',
    'IAM path of every role. Trust policies of member accounts and SCPs name it. To change it beside a `roleNamePrefix`, change both.',
    v.optional(RolePath, '/iam-audit/'),
  ),
  tags: setting('', 'Tags of the stack and of every resource in it that takes tags: at most 50.', v.optional(Tags, {})),
  architecture: setting(
    '',
    'Processor of the functions: "x86_64" where a Region has no arm64.',
    v.optional(v.picklist(['arm64', 'x86_64'], 'must be "arm64" or "x86_64"'), 'arm64'),
  ),
  vpc: v.optional(Vpc),
  runbookUrl: setting(
    '',
    'Where the runbook can be read, as a URL: each alarm names it with its own section behind.',
    v.optional(
      v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(500, 'must have at most 500 characters')),
      'docs/runbook.md',
    ),
  ),
});
export type Settings = v.InferOutput<typeof Settings>;

/** Settings that stand together under one name. */
export const settingGroups = { schedule: Schedule, retention: Retention, alarms: Alarms, vpc: Vpc } as const;

export interface SettingDescription extends About {
  readonly path: string;
  readonly fallback: unknown;
}

/** Every setting with its default, unit and meaning, in the schema's order. */
export function describeSettings(): SettingDescription[] {
  const described = (entries: Readonly<Record<string, v.GenericSchema>>, prefix: string): SettingDescription[] =>
    Object.entries(entries).flatMap(([name, schema]) => {
      const about = aboutOf(schema);
      if (about === undefined) return [];
      return [{ path: `${prefix}${name}`, ...about, fallback: 'default' in schema ? schema.default : undefined }];
    });
  return [
    ...described(Settings.entries, ''),
    ...Object.entries(settingGroups).flatMap(([name, group]) => described(group.entries, `${name}.`)),
  ];
}

import * as v from 'valibot';
import { defaultSettings, Notify, rateBounds, shareBounds } from '../core/contract/environment.ts';
import { AccountIds, Accounts, AccountsOrUnits } from '../core/contract/execution-input.ts';
import { SessionTags, Tags } from '../core/member-role/iam-values.ts';
import {
  BucketName,
  ExternalId,
  KmsKeyArn,
  ManagedPolicyArn,
  MemberRoleName,
  Region,
  RoleNamePrefix,
  RolePath,
  SourceIdentity,
} from './aws-values.ts';
import { numberBetween, setting, text, trueOrFalse, wholeNumber } from './setting.ts';
import { settingGroups } from './setting-groups.ts';

/** An input of an execution may name an account twice, for example if a program made the list. A setting may not. */
const eachAccountOnce = <Listed extends Accounts>() =>
  v.check<Listed, string>(
    (accounts) => !Array.isArray(accounts) || new Set(accounts).size === accounts.length,
    'must name each account once',
  );

export const Settings = v.strictObject({
  stackName: setting(
    '',
    'Name of the stack and of its state machine.',
    v.optional(
      text(
        /^[A-Za-z][A-Za-z0-9-]{0,79}$/,
        'must start with a letter and have at most 80 letters, digits and hyphens, such as "IamAudit"',
      ),
      'IamAudit',
    ),
  ),
  accounts: setting(
    '',
    'Accounts to audit: "this" (the stack’s account), "organization" (the active accounts of its organization), or a list of at most 10,000 account IDs. The last two require `memberRoleName`. docs/organization.md',
    v.optional(v.pipe(Accounts, eachAccountOnce())),
  ),
  accountIds: setting('', 'Another name of `accounts`, for a list.', v.optional(v.pipe(AccountIds, eachAccountOnce()))),
  include: setting(
    '',
    'With `accounts` "organization": audit only these accounts, and the accounts below these organizational units (IDs).',
    v.optional(AccountsOrUnits),
  ),
  exclude: setting(
    '',
    'With `accounts` "organization": do not audit these accounts, nor the accounts below these organizational units (IDs).',
    v.optional(AccountsOrUnits),
  ),
  memberRoleName: setting(
    '',
    'Role to assume in each account, including the stack’s own. Default: the functions read the stack’s account with their own roles; with `memberRole.deploy` it is "iam-audit-member".',
    v.optional(MemberRoleName),
  ),
  externalId: setting(
    '',
    'External ID (`sts:ExternalId`) that the trust policies of the member roles require.',
    v.optional(ExternalId),
  ),
  sourceIdentity: setting(
    '',
    'Source identity of the sessions in the member roles. CloudTrail records it with every call of a session. The trust policies of the member roles must allow `sts:SetSourceIdentity` (docs/organization.md).',
    v.optional(SourceIdentity),
  ),
  sessionTags: setting(
    '',
    'Tags of the sessions in the member roles: at most 50. The trust policies of the member roles must allow `sts:TagSession` (docs/organization.md).',
    v.optional(
      v.pipe(
        SessionTags,
        v.check((tags) => Object.keys(tags).length > 0, 'must have at least one tag, or be left out'),
      ),
    ),
  ),
  memberRole: v.optional(settingGroups.memberRole),
  accountsAtOnce: setting(
    'accounts',
    'Maximum number of accounts that are audited at the same time. Accounts that share a rate limit are audited four at a time, and their batches take turns.',
    v.optional(wholeNumber(1, 1_000), defaultSettings.accountsAtOnce),
  ),
  principalsPerBatch: setting(
    'principals',
    'Maximum number of users and roles in one batch. Each batch ends with a wait for its last reports, so small batches take longer in total.',
    v.optional(wholeNumber(10, 2_000), defaultSettings.principalsPerBatch),
  ),
  rateShare: setting(
    'share',
    'Share of the measured IAM rate that the audit uses. A lower value, such as 0.9, leaves more to other applications.',
    v.optional(numberBetween(shareBounds.least, shareBounds.most), defaultSettings.rateShare),
  ),
  maxRate: setting(
    'calls per second',
    'Maximum number of calls per second to each IAM operation, in each account. Default: no maximum. The audit then finds the rate that IAM allows. With a maximum, a run takes longer.',
    v.optional(numberBetween(rateBounds.least, rateBounds.most)),
  ),
  refreshEveryDays: setting(
    'days',
    'Every principal is read again in full within this time, spread evenly over the days. Last-accessed data of idle principals is the exception: `refreshIdleEveryDays`.',
    v.optional(wholeNumber(1, 30), defaultSettings.refreshEveryDays),
  ),
  refreshIdleEveryDays: setting(
    'days',
    'Last-accessed data is read again within this time if the inventory proves that the principal is idle (docs/decisions.md). At least `refreshEveryDays`. 1 for both: no evidence is carried forward.',
    v.optional(wholeNumber(1, 90), defaultSettings.refreshIdleEveryDays),
  ),
  graceDays: setting(
    'days',
    'Principals younger than this are not reported as unused or removable.',
    v.optional(wholeNumber(0, 3_650), defaultSettings.graceDays),
  ),
  unusedAfterDays: setting(
    'days',
    'Principals, keys and permissions that were not used for this time are reported as findings. AWS tracks 400 days.',
    v.optional(wholeNumber(1, 400), defaultSettings.unusedAfterDays),
  ),
  schedule: v.optional(settingGroups.schedule, {}),
  retention: v.optional(settingGroups.retention, {}),
  subscribers: setting(
    '',
    'Subscribers of alarms and messages: e-mail addresses, which must be confirmed, and https URLs.',
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
    'Which runs send a message at their end: "always" (all), "news" (runs with new or resolved critical or high findings, or with other accounts that could not be audited than in the run before), "weekly" (the same, and the runs of Mondays), "problems" (runs that are not COMPLETE) or "never" (none). This setting does not affect alarms. docs/notifications.md',
    v.optional(
      v.picklist(Notify.options, 'must be "always", "news", "weekly", "problems" or "never"'),
      defaultSettings.notify,
    ),
  ),
  alarms: v.optional(settingGroups.alarms, {}),
  kmsKeyArn: setting(
    '',
    'Customer managed key that encrypts data: results, logs, function environments, the alarm topic, the workflow and the queue. Default: the AWS services encrypt with their own keys. The key must be in the stack’s Region. docs/deploy.md has the statements for its key policy.',
    v.optional(KmsKeyArn),
  ),
  resultsBucketName: setting(
    '',
    'Existing bucket for the results, in the stack’s account and Region. Default: the stack creates a bucket. The stack sets no lifecycle rules on an existing bucket: `retention.runDays`, `tableDays` and `oldVersionDays` do not apply (docs/deploy.md).',
    v.optional(BucketName),
  ),
  stsRegion: setting(
    '',
    'Region of the STS endpoint. Default: the stack’s Region. Every audited account must have activated it.',
    v.optional(Region),
  ),
  permissionsBoundaryArn: setting(
    '',
    'Managed policy that is set as the permissions boundary of every role.',
    v.optional(ManagedPolicyArn),
  ),
  roleNamePrefix: setting(
    '',
    'Prefix of every role name. The name is prefix, stack name, role, Region. Default: CloudFormation generates the role names. Prefix and stack name have at most 30 characters together.',
    v.optional(RoleNamePrefix),
  ),
  rolePath: setting(
    '',
    'IAM path of every role. Trust policies of member accounts and SCPs refer to it. If `roleNamePrefix` is set, change the path and the prefix together.',
    v.optional(RolePath, '/iam-audit/'),
  ),
  tags: setting(
    '',
    'Tags of the stack and of every resource in it that supports tags: at most 50.',
    v.optional(Tags, {}),
  ),
  architecture: setting(
    '',
    'Processor architecture of the functions. Use "x86_64" in Regions without arm64.',
    v.optional(v.picklist(['arm64', 'x86_64'], 'must be "arm64" or "x86_64"'), 'arm64'),
  ),
  vpc: v.optional(settingGroups.vpc),
  securityHub: setting(
    '',
    'Whether the findings of each run about the stack’s account are imported into AWS Security Hub in the stack’s Region. Security Hub must be enabled there, and charges for imported findings. Findings of other accounts are left out. docs/deploy.md',
    v.optional(trueOrFalse, false),
  ),
  doctor: v.optional(settingGroups.doctor),
  tables: v.optional(settingGroups.tables, {}),
  dashboard: setting(
    '',
    'Whether the stack creates a CloudWatch dashboard. An account has three dashboards without charge.',
    v.optional(trueOrFalse, true),
  ),
  runbookUrl: setting(
    '',
    'URL where your team can read docs/runbook.md. The text of each alarm links to its section. Default: the texts name the section.',
    v.optional(
      text(/^https:\/\/[^\s#]{1,480}$/, 'must be an https URL of at most 488 characters, without spaces and without #'),
    ),
  ),
});
export type Settings = v.InferOutput<typeof Settings>;

/** The accounts to audit, by either name of the setting. */
export const accountsOf = ({ accounts, accountIds }: Settings): Accounts => accounts ?? accountIds ?? 'this';

/** The accounts that the settings list; null if they list none. */
export function listedAccounts(settings: Settings): readonly string[] | null {
  const accounts = accountsOf(settings);
  return Array.isArray(accounts) ? accounts : null;
}

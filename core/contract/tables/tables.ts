import { count, flag, number, text, time, type RowOf, type Table } from './columns.ts';

/** Columns at the start of every table. */
const common = {
  run_id: text('Run that wrote the row.'),
  account_id: text('Account ID.'),
} as const;

const ofPrincipal = {
  ...common,
  principal_arn: text('ARN of the user or role.'),
  principal_type: text('`user` or `role`.'),
} as const;

/**
 * The tables that each run adds to. Columns are only ever added, at the end: older files lack them. Every table also has the
 * partition column `date`.
 */
export const tables = {
  principals: {
    rows: 'a user or role of an account, on one day',
    columns: {
      ...ofPrincipal,
      name: text('Name without path.'),
      path: text('IAM path.'),
      principal_id: text('Unique ID, such as `AROA…`. It changes if a principal is deleted and created again.'),
      created_at: time('When it was created.'),
      managed_by: text(
        'What manages the role: `service`, `identityCenter`, `controlTower`, `stackSets`. Null: the account.',
      ),
      tags: text('Tags as a JSON object.'),
      status: text('COMPLETE, PARTIAL or FAILED: whether its evidence could be read.'),
      problems: text('Why evidence is missing: step and code, separated by commas. Null: nothing is missing.'),
      last_accessed_status: text('Status of the last-accessed data.'),
      permissions_status: text('Status of the permissions.'),
      used: text('`yes`, `never` (not in the period that AWS tracks) or `unknown`.'),
      last_used: time(
        'Last use that AWS reports: of a service, of the role, of the password or of an access key. Null unless `used` is `yes`.',
      ),
      services_allowed: count('Services that its policies allow. Null: not known.'),
      services_used: count('Those of them with a use in the period that AWS tracks. Null: not known.'),
      sensitive_actions: count('Actions of the catalogue that it can do, also under conditions. Null: not known.'),
      administrator: flag('Whether it has administrator permissions. Null: not known.'),
      password_enabled: flag('Whether it has a console password. Null for roles, and if not known.'),
      password_last_used: time('Last use of the password.'),
      mfa_active: flag('Whether the user has an MFA device. Null for roles, and if not known.'),
      active_access_keys: count('Active access keys. Null for roles, and if not known.'),
      oldest_access_key: time('When its oldest active access key was created or rotated.'),
      access_key_last_used: time('Last use of an active access key.'),
    },
  },
  service_access: {
    rows: 'a service that the policies of a principal allow, on one day',
    columns: {
      ...ofPrincipal,
      service: text('Namespace of the service, such as `s3`.'),
      service_name: text('Name of the service, such as `Amazon S3`.'),
      last_used: time('Last attempt to use it. Null: none in the period that AWS tracks.'),
      region: text('Region of the last use.'),
      tracked_actions: count('Actions that AWS tracks. Null: AWS does not track this service by action.'),
      used_actions: count('Those of them that were used. Null: AWS does not track this service by action.'),
      as_of: time('When AWS made the report.'),
    },
  },
  permissions: {
    rows: 'a sensitive action, on one resource, that was simulated for a principal, on one day',
    columns: {
      ...ofPrincipal,
      action: text('Action, such as `iam:PassRole`.'),
      categories: text('Categories of the action in the catalogue, separated by commas.'),
      resource: text('ARN that was simulated; `*`: any resource.'),
      decision: text('`allowed`, `explicitDeny` or `implicitDeny`.'),
      conditions: text(
        'Condition keys whose values the simulation lacked, separated by commas: the action may be allowed for some values. Null: none.',
      ),
      allowed_by_organizations: flag(
        'Whether the service control policies allow it. Null: none applies, or not known.',
      ),
      allowed_by_boundary: flag(
        'Whether the permissions boundary allows it. Null if the principal has no boundary, or if this is not known.',
      ),
      used: text('`yes`, `never` (not in the period that AWS tracks) or `unknown` (AWS does not track the action).'),
      last_used: time(
        'Last use of the action, or of its service if AWS does not track the service by action. Null unless `used` is `yes`.',
      ),
      as_of: time('When the decision was made.'),
    },
  },
  access_paths: {
    rows: 'a step of a path on which a principal gets permissions that it lacks, on one day',
    columns: {
      ...ofPrincipal,
      path: count(
        'Number of the path among those of the principal, from 1, the shortest first. At most 10 are stored.',
      ),
      steps: count('Steps of the path.'),
      step: count('Number of this step, from 1.'),
      from_arn: text('Principal that makes the step.'),
      by_action: text('Action that the step depends on; `trust`: a trust policy alone.'),
      to_arn: text('Principal that it acts as after the step.'),
      technique: text('Technique of the step in pathfinding.cloud, such as `iam-001`.'),
      end_arn: text('Principal at the end of the path.'),
      gain: text('What the path gives: `administrator`, or a lower gain.'),
      certainty: text('`certain`, `conditional` or `possible`.'),
      missing: text('What is not known: condition keys and facts, separated by commas. Null: nothing.'),
      finding_id: text('Finding that reports the path.'),
    },
  },
  findings: {
    rows: 'a finding, on one day',
    columns: {
      ...common,
      finding_id: text('ID, the same from day to day.'),
      rule: text('ID of the rule.'),
      severity: text('`critical`, `high`, `medium` or `low`.'),
      state: text('`new`, `open`, `suppressed` or `resolved`.'),
      principal_arn: text('Principal of the finding. For a finding on the account, the root user.'),
      title: text('One sentence.'),
      detail: text('What was found, and what to do.'),
      controls: text('Controls of CIS and AWS that the rule covers, separated by commas. Null: none.'),
      first_seen: time('When a run first reported it.'),
      exception_owner: text('Who accepted it. Null: not suppressed.'),
      exception_expires: text('Last day of the acceptance.'),
      evidence: text('The data that the rule used, as a JSON object, without `paths`.'),
    },
  },
  runs: {
    rows: 'an account that a run audited',
    columns: {
      ...common,
      account_name: text('Name of the account in its organization. Null: not known.'),
      account_path: text('Units above the account, from the root down. Null: not known.'),
      status: text('COMPLETE, PARTIAL or FAILED: of the account.'),
      error_code: text('Why the account is not COMPLETE.'),
      error_message: text('The reason in words.'),
      tables_written: flag(
        'Whether the other tables have the rows of this account on this day from this run. False for a run of some principals only, and if the account could not be read.',
      ),
      principals: count('Users and roles in scope.'),
      principals_complete: count('Those of them with complete evidence.'),
      principals_partial: count('Those of them with some evidence.'),
      principals_failed: count('Those of them without evidence.'),
      principals_carried: count('Those of them whose evidence is that of an earlier run.'),
      calls: count('Requests to AWS for this account.'),
      calls_throttled: count('Those of them that were throttled.'),
      duration_seconds: number('Time from the start of the account’s inventory until it was summarised.'),
      run_status: text('Status of the run.'),
      run_started_at: time('When the run started.'),
      run_finished_at: time('When the run was summarised.'),
      run_accounts: count('Accounts of the run.'),
      run_cost: number('Cost of the whole run in US dollars at list prices.'),
    },
  },
} as const satisfies Readonly<Record<string, Table>>;

export type TableName = keyof typeof tables;
export type TableRow<Name extends TableName> = RowOf<(typeof tables)[Name]>;

export const tableNames: readonly TableName[] = [
  'principals',
  'service_access',
  'permissions',
  'access_paths',
  'findings',
  'runs',
];

/** The column that is the name of a folder: YYYY-MM-DD, the day in UTC on which the run started. */
export const DATE_COLUMN = 'date';

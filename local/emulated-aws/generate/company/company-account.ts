import { DAY_MS } from '../../../../core/ports/clock.ts';
import type { Exception } from '../../../../core/contract/exceptions.ts';
import type { EmulatedAccount, EmulatedGroup, EmulatedPolicy, EmulatedUser } from '../../account.ts';
import { allow, awsManaged, policy } from '../policies.ts';
import { CompanyDay } from './company-day.ts';
import { users } from './people.ts';
import { plantedRoles, plantedUsers } from './planted-ways.ts';
import { serviceRoles } from './service-roles.ts';
import { strongPasswordPolicy } from '../../operations/password-policy.ts';

export const COMPANY_NAME = 'Paperlark';
export const COMPANY_ACCOUNT = '210987654321';
/** The user whose access keys the audit has. */
export const AUDIT_USER = 'iam-audit';

const STRICT_PASSWORDS_DAYS_AGO = 9;
const ACCEPTED_DAYS_AGO = 20;
const ACCEPTED_FOR_DAYS = 180;

/**
 * The account of an invented bookshop on one day. Its users, roles and policies change from day to day as those of a
 * small company do.
 * @param lastDay start of the company's last day, in milliseconds since the epoch
 * @param daysAgo days between the day and the last one
 */
export function companyAccount(lastDay: number, daysAgo: number): EmulatedAccount {
  const day = new CompanyDay(COMPANY_ACCOUNT, lastDay, daysAgo);
  const start = day.at(daysAgo, 0);
  return {
    accountId: COMPANY_ACCOUNT,
    policies: new Map(policies(day).map((one) => [one.arn, one])),
    users: byName([...users(day), ...plantedUsers(day), auditUser(day)].filter(({ createdAt }) => createdAt < start)),
    roles: byName([...serviceRoles(day), ...plantedRoles(day)].filter(({ createdAt }) => createdAt < start)),
    groups: byName(groups(day)),
    serviceControlPolicies: null,
    root: { createdAt: day.at(900), passwordLastUsed: day.at(260), mfaActive: true, accessKeyActive: false },
    passwordPolicy: {
      ...strongPasswordPolicy,
      MinimumPasswordLength: day.isSince(STRICT_PASSWORDS_DAYS_AGO) ? 16 : 10,
    },
  };
}

/** The exceptions that are in force on the day: the emergency user and one vendor were accepted during the history. */
export function companyExceptions(lastDay: number, daysAgo: number): Exception[] {
  const day = new CompanyDay(COMPANY_ACCOUNT, lastDay, daysAgo);
  if (!day.isSince(ACCEPTED_DAYS_AGO)) return [];
  const expires = new Date(lastDay + ACCEPTED_FOR_DAYS * DAY_MS).toISOString().slice(0, 10);
  const emergency = {
    arn: day.arn('user/break-glass'),
    owner: 'ines.moreau@paperlark.example',
    reason: 'Emergency access. Its password is in the safe, and its use raises an alarm.',
    expires,
  };
  return [
    { rule: 'administrator', ...emergency },
    { rule: 'unused-user', ...emergency },
    {
      rule: 'assumable-from-outside',
      arn: day.arn('role/vendor-backup'),
      owner: 'aiko.tanaka@paperlark.example',
      reason: 'The backup vendor reads the backups every night. The contract runs until next year.',
      expires,
    },
  ];
}

const byName = <T extends { readonly name: string }>(all: readonly T[]): Map<string, T> =>
  new Map(all.map((one) => [one.name, one]));

const policies = (day: CompanyDay): EmulatedPolicy[] => [
  ...Object.entries(awsManaged).map(([name, document]) => day.policy(name, document, day.managed(name))),
  day.policy(
    'developer-access',
    policy(
      allow(
        ['s3:GetObject', 's3:PutObject', 's3:ListBucket'],
        ['arn:aws:s3:::paperlark-*', 'arn:aws:s3:::paperlark-*/*'],
      ),
      allow(['lambda:GetFunction', 'lambda:ListFunctions', 'lambda:InvokeFunction']),
      allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:DescribeTable']),
      allow(['logs:GetLogEvents', 'logs:FilterLogEvents', 'logs:DescribeLogGroups']),
    ),
  ),
  day.policy('delivery-boundary', policy(allow(['lambda:*', 's3:*', 'logs:*', 'cloudformation:*', 'ecr:*']))),
  day.policy('release-tools', policy(allow(['codebuild:StartBuild', 'codebuild:BatchGetBuilds']))),
];

const groups = (day: CompanyDay): EmulatedGroup[] => [
  day.group('administrators', [day.managed('AdministratorAccess')]),
  day.group('developers', [day.arn('policy/developer-access'), day.managed('ViewOnlyAccess')]),
  day.group(
    'analysts',
    [],
    [
      allow(['athena:StartQueryExecution', 'athena:GetQueryResults', 'glue:GetTable', 'glue:GetTables']),
      allow(['s3:GetObject', 's3:ListBucket'], ['arn:aws:s3:::paperlark-data', 'arn:aws:s3:::paperlark-data/*']),
    ],
  ),
  day.group('billing', [], [allow(['ce:Get*', 'budgets:ViewBudget'])]),
  day.group('support', [], [allow(['cognito-idp:ListUsers', 'cognito-idp:AdminGetUser', 'logs:FilterLogEvents'])]),
  day.group('view-only', [day.managed('ViewOnlyAccess')]),
];

const auditUser = (day: CompanyDay): EmulatedUser =>
  day.user(AUDIT_USER, {
    createdDaysAgo: 300,
    attached: [day.managed('IAMReadOnlyAccess')],
    keys: [{ createdDaysAgo: 62, service: 'iam' }],
    tags: { team: 'platform', owner: 'ines.moreau@paperlark.example' },
    uses: { iam: ['ListRoles'] },
  });

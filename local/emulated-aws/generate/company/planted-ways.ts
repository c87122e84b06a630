import type { EmulatedRole, EmulatedUser } from '../../account.ts';
import { allow, deny, type StatementSource } from '../policies.ts';
import { trust } from '../role-origins.ts';
import type { CompanyDay } from './company-day.ts';

/** A principal that certainly can become an administrator, and one that looks like it and cannot. */
export interface PlantedWay {
  readonly principal: string;
  /** IDs of the escalation paths of its steps. */
  readonly techniques: readonly string[];
  /** Cannot: a condition, boundary, Deny or trust policy prevents it, or what it may change does not exist. */
  readonly twin: string;
}

export const plantedWays: readonly PlantedWay[] = [
  { principal: 'user/hanna.virtanen', techniques: ['iam-008'], twin: 'user/ravi.menon' },
  { principal: 'user/felix.brandt', techniques: ['iam-013'], twin: 'user/sofia.rossi' },
  { principal: 'user/marek.novak', techniques: ['iam-001'], twin: 'user/julia.keller' },
  { principal: 'role/release-bot', techniques: ['lambda-001'], twin: 'role/release-bot-staging' },
  { principal: 'role/on-call', techniques: ['sts-001'], twin: 'role/on-call-eu' },
  { principal: 'role/support-desk', techniques: ['sts-001', 'sts-001'], twin: 'role/support-desk-eu' },
  { principal: 'role/iam-housekeeping', techniques: ['iam-012'], twin: 'role/trust-reviewer' },
  { principal: 'role/config-sync', techniques: ['iam-005'], twin: 'role/config-sync-replica' },
];

/** `config-sync` got its dangerous permission so many days before the company's last day. */
const TOO_POWERFUL_DAYS_AGO = 14;

const person = (name: string, team: string) => ({
  hasPassword: true,
  mfaActive: true,
  rhythm: { weekdays: true, everyDays: 4 },
  tags: { team, owner: `${name}@paperlark.example` },
});

export function plantedUsers(day: CompanyDay): EmulatedUser[] {
  const viewOnly = day.managed('ViewOnlyAccess');
  const attachToOneself = (name: string, condition: Partial<StatementSource> = {}): StatementSource => ({
    ...allow('iam:AttachUserPolicy', day.arn(`user/${name}`)),
    ...condition,
  });
  return [
    day.user('hanna.virtanen', {
      ...person('hanna.virtanen', 'platform'),
      createdDaysAgo: 640,
      groups: ['developers'],
      statements: [attachToOneself('hanna.virtanen')],
      uses: { ec2: ['DescribeInstances'], s3: [], logs: [], iam: ['ListRoles'] },
    }),
    day.user('ravi.menon', {
      ...person('ravi.menon', 'platform'),
      createdDaysAgo: 590,
      groups: ['developers'],
      statements: [attachToOneself('ravi.menon', { Condition: { ArnEquals: { 'iam:PolicyARN': viewOnly } } })],
      uses: { logs: [], s3: [], lambda: ['ListFunctions'], iam: ['ListRoles'] },
    }),
    day.user('felix.brandt', {
      ...person('felix.brandt', 'support'),
      createdDaysAgo: 410,
      groups: ['support'],
      statements: [allow('iam:AddUserToGroup', day.arn('group/*'))],
      uses: { 'cognito-idp': [], logs: [] },
    }),
    day.user('sofia.rossi', {
      ...person('sofia.rossi', 'support'),
      createdDaysAgo: 380,
      groups: ['support'],
      statements: [allow('iam:AddUserToGroup', day.arn('group/view-only'))],
      attached: [viewOnly],
      uses: { logs: [], 'cognito-idp': [], iam: ['ListUsers'] },
    }),
    day.user('marek.novak', {
      ...person('marek.novak', 'shop'),
      createdDaysAgo: 720,
      groups: ['developers'],
      statements: [allow('iam:CreatePolicyVersion', day.arn('policy/release-*'))],
      attached: [day.arn('policy/release-tools')],
      uses: { codebuild: [], s3: [], logs: [] },
    }),
    day.user('julia.keller', {
      ...person('julia.keller', 'shop'),
      createdDaysAgo: 300,
      groups: ['developers'],
      statements: [allow('iam:CreatePolicyVersion', day.arn('policy/report-*'))],
      uses: { s3: [], logs: [], dynamodb: ['DescribeTable'] },
    }),
  ];
}

export function plantedRoles(day: CompanyDay): EmulatedRole[] {
  const service = (name: string) => trust({ Service: `${name}.amazonaws.com` });
  const assumedBy = (role: string) => trust({ AWS: day.arn(`role/${role}`) });
  const corporate = trust(
    { Federated: day.arn('saml-provider/paperlark-idp') },
    { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
    'sts:AssumeRoleWithSAML',
  );
  const toAdmin = [allow('sts:AssumeRole', day.arn('role/account-admin'))];
  const deploysFunctions = [
    allow(['lambda:CreateFunction', 'lambda:InvokeFunction']),
    allow('iam:PassRole', day.arn('role/ops-automation')),
  ];
  const changesTrust = allow('iam:UpdateAssumeRolePolicy', day.arn('role/account-admin'));
  const support = { team: 'support', owner: 'omar.haddad@paperlark.example' };
  const platform = { team: 'platform', owner: 'ines.moreau@paperlark.example' };
  return [
    day.role('release-bot', {
      createdDaysAgo: 510,
      trust: service('codebuild'),
      statements: deploysFunctions,
      tags: { ...platform, owner: 'marek.novak@paperlark.example' },
      uses: { lambda: ['UpdateFunctionCode'] },
      rhythm: { weekdays: true, everyDays: 4 },
    }),
    day.role('release-bot-staging', {
      createdDaysAgo: 505,
      trust: service('codebuild'),
      statements: deploysFunctions,
      boundary: day.arn('policy/delivery-boundary'),
      tags: platform,
      uses: { lambda: ['UpdateFunctionCode'] },
      rhythm: { weekdays: true, everyDays: 4 },
    }),
    day.role('on-call', {
      createdDaysAgo: 620,
      trust: assumedBy('support-desk'),
      statements: toAdmin,
      attached: [day.managed('ViewOnlyAccess')],
      tags: platform,
      uses: { ec2: ['DescribeInstances'], sts: [] },
      rhythm: { everyDays: 4 },
    }),
    day.role('on-call-eu', {
      createdDaysAgo: 610,
      trust: assumedBy('support-desk-eu'),
      statements: toAdmin,
      attached: [day.managed('ViewOnlyAccess')],
      tags: platform,
      uses: { ec2: ['DescribeInstances'] },
      rhythm: { everyDays: 4 },
    }),
    day.role('support-desk', {
      createdDaysAgo: 620,
      trust: corporate,
      statements: [allow('sts:AssumeRole', day.arn('role/on-call'))],
      tags: support,
      uses: { sts: [] },
      rhythm: { everyDays: 2 },
    }),
    day.role('support-desk-eu', {
      createdDaysAgo: 610,
      trust: corporate,
      // The trust policy of account-admin does not name it.
      statements: [allow('sts:AssumeRole', [day.arn('role/on-call-eu'), day.arn('role/account-admin')])],
      attached: [day.managed('ViewOnlyAccess')],
      tags: support,
      uses: { sts: [] },
      rhythm: { everyDays: 4 },
    }),
    day.role('iam-housekeeping', {
      createdDaysAgo: 450,
      trust: service('ecs-tasks'),
      statements: [changesTrust, allow(['iam:ListRoles', 'iam:GetRole'])],
      tags: platform,
      uses: { iam: ['ListRoles', 'GetRole'] },
      rhythm: { everyDays: 8 },
    }),
    day.role('trust-reviewer', {
      createdDaysAgo: 430,
      trust: service('ecs-tasks'),
      statements: [changesTrust, allow(['iam:ListRoles', 'iam:GetRole']), deny('iam:UpdateAssumeRolePolicy')],
      tags: platform,
      uses: { iam: ['ListRoles', 'GetRole'] },
      rhythm: { everyDays: 8 },
    }),
    day.role('config-sync', {
      createdDaysAgo: 280,
      trust: service('events'),
      statements: [
        allow(['ssm:GetParameter', 'ssm:PutParameter'], `arn:aws:ssm:eu-west-1:${day.accountId}:parameter/shop/*`),
        ...(day.isSince(TOO_POWERFUL_DAYS_AGO) ? [allow('iam:PutRolePolicy', day.arn('role/config-sync'))] : []),
      ],
      tags: platform,
      uses: { ssm: [] },
      rhythm: { everyDays: 4 },
    }),
    day.role('config-sync-replica', {
      createdDaysAgo: 275,
      trust: service('events'),
      statements: [
        allow('ssm:GetParameter', `arn:aws:ssm:eu-west-1:${day.accountId}:parameter/shop/*`),
        allow('iam:PutRolePolicy', day.arn('role/config-sync-archive')),
      ],
      tags: platform,
      uses: { ssm: [] },
      rhythm: { everyDays: 4 },
    }),
  ];
}

import type { EmulatedRole } from '../../account.ts';
import { BYSTANDER_ROLE, BYSTANDER_USER } from '../../cloudtrail/bystander-calls.ts';
import { hostileTags } from '../account.ts';
import { allow, type StatementSource } from '../policies.ts';
import { trust } from '../role-origins.ts';
import type { CompanyDay, Rhythm, Uses } from './company-day.ts';

const GITHUB = 'token.actions.githubusercontent.com';
const METRICS_VENDOR = '999988887777';
const BACKUP_VENDOR = '888877776666';

const service = (...names: readonly string[]) => trust({ Service: names.map((name) => `${name}.amazonaws.com`) });

/** The roles besides those with planted ways. */
export const serviceRoles = (day: CompanyDay): EmulatedRole[] => [
  ...functions(day),
  ...servers(day),
  ...administration(day),
  ...deployment(day),
  ...outsiders(day),
  ...reserved(day),
  ...unused(day),
];

const platform = { team: 'platform', owner: 'ines.moreau@paperlark.example' };
const shop = { team: 'shop', owner: 'tomas.berg@paperlark.example' };
const data = { team: 'data', owner: 'priya.nair@paperlark.example' };

function functions(day: CompanyDay): EmulatedRole[] {
  const logs = day.managed('AWSLambdaBasicExecutionRole');
  const table = (name: string) => `arn:aws:dynamodb:eu-west-1:${day.accountId}:table/${name}`;
  const queue = (name: string) => `arn:aws:sqs:eu-west-1:${day.accountId}:${name}`;
  const lambdaRole = (
    name: string,
    createdDaysAgo: number,
    statements: StatementSource[],
    uses: Uses,
    rhythm: Rhythm = { everyDays: 4 },
  ) =>
    day.role(name, {
      createdDaysAgo,
      trust: service('lambda'),
      statements,
      attached: [logs],
      tags: shop,
      uses: { logs: [], ...uses },
      rhythm,
    });
  const tableActions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'];
  return [
    lambdaRole(
      'shop-checkout',
      640,
      [allow(tableActions, table('orders')), allow('sqs:SendMessage', queue('mail'))],
      {
        dynamodb: ['DescribeTable'],
        sqs: [],
      },
      {},
    ),
    lambdaRole('shop-catalog', 640, [allow(['dynamodb:GetItem', 'dynamodb:Query'], table('books'))], { dynamodb: [] }),
    lambdaRole('shop-covers', 520, [allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::paperlark-covers/*')], {
      s3: [],
    }),
    lambdaRole('order-mailer', 600, [allow('ses:SendEmail'), allow('sqs:ReceiveMessage', queue('mail'))], {
      ses: [],
      sqs: [],
    }),
    // The function needs one secret, and its role may read all.
    lambdaRole(
      'invoice-writer',
      430,
      [allow('secretsmanager:GetSecretValue'), allow('s3:PutObject', 'arn:aws:s3:::paperlark-invoices/*')],
      {
        s3: [],
        secretsmanager: [],
      },
    ),
    lambdaRole(
      'stock-sync',
      390,
      [allow('dynamodb:*'), allow('s3:*')],
      { dynamodb: ['DescribeTable'] },
      { everyDays: 2 },
    ),
  ];
}

const servers = (day: CompanyDay): EmulatedRole[] => [
  day.role('web-server', {
    createdDaysAgo: 700,
    trust: service('ec2'),
    statements: [
      allow(['s3:GetObject'], 'arn:aws:s3:::paperlark-covers/*'),
      allow(['ssm:GetParameter'], `arn:aws:ssm:eu-west-1:${day.accountId}:parameter/shop/*`),
    ],
    tags: shop,
    uses: { s3: [], ssm: [] },
  }),
  day.role('bastion', {
    createdDaysAgo: 800,
    trust: service('ec2'),
    statements: [allow('ec2-instance-connect:SendSSHPublicKey')],
    tags: { ...platform, ...hostileTags },
    rhythm: { everyDays: 8 },
    uses: { ec2: [] },
  }),
  day.role('recommendations-task', {
    rhythm: { everyDays: 4 },
    createdDaysAgo: 310,
    trust: service('ecs-tasks'),
    statements: [allow('s3:GetObject', 'arn:aws:s3:::paperlark-data/*'), allow('kinesis:GetRecords')],
    tags: data,
    uses: { s3: [], kinesis: [] },
  }),
  day.role('ecs-execution', {
    rhythm: { everyDays: 4 },
    createdDaysAgo: 310,
    trust: service('ecs-tasks'),
    statements: [
      allow(['ecr:GetAuthorizationToken', 'ecr:BatchGetImage']),
      allow(['logs:CreateLogStream', 'logs:PutLogEvents']),
    ],
    tags: platform,
    uses: { ecr: [], logs: [] },
  }),
  day.role('nightly-etl', {
    rhythm: { everyDays: 4 },
    createdDaysAgo: 450,
    trust: service('glue'),
    statements: [
      allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::paperlark-data/*'),
      allow(['glue:GetTable', 'glue:GetPartitions']),
    ],
    tags: data,
    uses: { glue: [], s3: [] },
  }),
  day.role(BYSTANDER_ROLE, {
    createdDaysAgo: 200,
    trust: trust({ AWS: day.arn(`user/${BYSTANDER_USER}`) }),
    attached: [day.managed('IAMReadOnlyAccess'), day.managed('ViewOnlyAccess')],
    tags: platform,
    uses: { iam: ['ListRoles', 'ListUsers'] },
  }),
];

const administration = (day: CompanyDay): EmulatedRole[] => [
  day.role('ops-automation', {
    rhythm: { everyDays: 4 },
    createdDaysAgo: 660,
    trust: service('lambda'),
    attached: [day.managed('AdministratorAccess')],
    tags: platform,
    uses: { ec2: ['StopInstances', 'StartInstances'], rds: [] },
  }),
  day.role('account-admin', {
    createdDaysAgo: 700,
    trust: trust({ AWS: day.arn('role/on-call') }),
    attached: [day.managed('AdministratorAccess')],
    tags: platform,
    uses: { iam: ['ListRoles', 'PutRolePolicy'], ec2: ['DescribeInstances'], s3: [] },
    rhythm: { everyDays: 8 },
  }),
];

function deployment(day: CompanyDay): EmulatedRole[] {
  const byGitHub = (subject?: string) =>
    trust(
      { Federated: day.arn(`oidc-provider/${GITHUB}`) },
      {
        StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' },
        ...(subject === undefined ? {} : { StringLike: { [`${GITHUB}:sub`]: subject } }),
      },
      'sts:AssumeRoleWithWebIdentity',
    );
  return [
    day.role('deploy-infra', {
      createdDaysAgo: 460,
      trust: byGitHub('repo:paperlark/infra:ref:refs/heads/main'),
      attached: [day.managed('AdministratorAccess')],
      tags: platform,
      uses: {
        cloudformation: ['CreateStack', 'DescribeStacks', 'UpdateStack'],
        iam: ['CreateRole', 'PutRolePolicy'],
        lambda: ['UpdateFunctionCode'],
        s3: [],
        ec2: [],
        rds: [],
      },
      rhythm: { weekdays: true, everyDays: 4 },
    }),
    day.role('deploy-shop', {
      createdDaysAgo: 440,
      trust: byGitHub('repo:paperlark/shop:*'),
      statements: [
        allow(
          ['lambda:UpdateFunctionCode', 'lambda:GetFunction'],
          `arn:aws:lambda:eu-west-1:${day.accountId}:function:shop-*`,
        ),
        allow(['s3:PutObject', 's3:GetObject'], 'arn:aws:s3:::paperlark-artifacts/*'),
      ],
      boundary: day.arn('policy/delivery-boundary'),
      tags: shop,
      uses: { lambda: ['UpdateFunctionCode'], s3: [] },
      rhythm: { weekdays: true, everyDays: 4 },
    }),
    day.role('deploy-site', {
      createdDaysAgo: 400,
      trust: byGitHub('repo:paperlark/site:ref:refs/heads/main'),
      statements: [
        allow(['s3:PutObject', 's3:DeleteObject'], 'arn:aws:s3:::paperlark-site/*'),
        allow('cloudfront:CreateInvalidation'),
      ],
      tags: shop,
      uses: { s3: [], cloudfront: [] },
      rhythm: { everyDays: 4 },
    }),
    // Created yesterday, and any repository of GitHub may assume it.
    day.role('deploy-preview', {
      createdDaysAgo: 1,
      trust: byGitHub(),
      statements: [allow(['s3:PutObject', 's3:DeleteObject'], 'arn:aws:s3:::paperlark-preview/*')],
      tags: shop,
      rhythm: null,
    }),
  ];
}

const outsiders = (day: CompanyDay): EmulatedRole[] => [
  day.role('vendor-metrics', {
    rhythm: { everyDays: 2 },
    createdDaysAgo: 340,
    trust: trust({ AWS: `arn:aws:iam::${METRICS_VENDOR}:root` }),
    statements: [allow(['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics', 'logs:FilterLogEvents'])],
    attached: [day.managed('ViewOnlyAccess')],
    tags: platform,
    uses: { cloudwatch: [], ec2: ['DescribeInstances'] },
  }),
  day.role('vendor-backup', {
    rhythm: { everyDays: 4 },
    createdDaysAgo: 250,
    trust: trust(
      { AWS: `arn:aws:iam::${BACKUP_VENDOR}:root` },
      { StringEquals: { 'sts:ExternalId': 'paperlark-4711' } },
    ),
    statements: [
      allow(['s3:GetObject', 's3:ListBucket'], ['arn:aws:s3:::paperlark-backups', 'arn:aws:s3:::paperlark-backups/*']),
    ],
    tags: platform,
    uses: { s3: [] },
  }),
];

/** Roles that IAM Identity Center and AWS services created. */
function reserved(day: CompanyDay): EmulatedRole[] {
  const saml = trust(
    { Federated: day.arn('saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE') },
    { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
    'sts:AssumeRoleWithSAML',
  );
  const permissionSet = (name: string, attached: string[], uses: Uses) =>
    day.role(`AWSReservedSSO_${name}_0123456789abcdef`, {
      createdDaysAgo: 360,
      path: '/aws-reserved/sso.amazonaws.com/eu-west-1/',
      trust: saml,
      attached: attached.map((one) => day.managed(one)),
      rhythm: { weekdays: true, everyDays: 4 },
      uses,
    });
  const linked = (name: string, host: string, createdDaysAgo: number) =>
    day.role(`AWSServiceRoleFor${name}`, {
      createdDaysAgo,
      path: `/aws-service-role/${host}.amazonaws.com/`,
      trust: service(host),
      rhythm: { everyDays: 8 },
      statements: [allow(['ec2:Describe*', 'elasticloadbalancing:Describe*'])],
      uses: { ec2: ['DescribeInstances'] },
    });
  return [
    permissionSet('Administrator', ['AdministratorAccess'], { iam: ['ListRoles'], ec2: [], s3: [], rds: [] }),
    permissionSet('ReadOnly', ['ViewOnlyAccess', 'IAMReadOnlyAccess'], {
      ec2: ['DescribeInstances'],
      iam: ['ListUsers'],
    }),
    linked('AutoScaling', 'autoscaling', 700),
    linked('ECS', 'ecs', 310),
    linked('RDS', 'rds', 690),
  ];
}

const unused = (day: CompanyDay): EmulatedRole[] => [
  day.role('migration-2024', {
    createdDaysAgo: 700,
    trust: service('dms'),
    attached: [day.managed('AdministratorAccess')],
    tags: platform,
    rhythm: null,
  }),
  day.role('search-poc', {
    createdDaysAgo: 290,
    trust: service('lambda'),
    statements: [allow('es:*'), allow('logs:*')],
    tags: { ...shop, owner: 'viktor.sokolov@paperlark.example' },
    rhythm: { stoppedDaysAgo: 190 },
    uses: { es: [], logs: [] },
  }),
  day.role('legacy-reports', {
    createdDaysAgo: 800,
    trust: trust({ AWS: 'AROAEXAMPLEOFAROLEGONE' }),
    statements: [allow('s3:GetObject', 'arn:aws:s3:::paperlark-reports/*')],
    tags: data,
    rhythm: { stoppedDaysAgo: 330 },
    uses: { s3: [] },
  }),
  day.role('newsletter-import', {
    createdDaysAgo: 360,
    trust: service('lambda'),
    statements: [allow(['ses:ListContacts', 'ses:CreateContact']), allow('dynamodb:PutItem')],
    tags: shop,
    rhythm: { stoppedDaysAgo: 120 },
    uses: { ses: [], dynamodb: [] },
  }),
];

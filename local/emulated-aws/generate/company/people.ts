import type { EmulatedUser } from '../../account.ts';
import { BYSTANDER_ROLE, BYSTANDER_USER } from '../../cloudtrail/bystander-calls.ts';
import { allow } from '../policies.ts';
import type { CompanyDay, UserSource } from './company-day.ts';

type Person = Omit<UserSource, 'tags'> & { readonly team: string };

/** The users besides those with planted ways: people who sign in, and programs with access keys. */
export function users(day: CompanyDay): EmulatedUser[] {
  const person = (name: string, { team, ...source }: Person): EmulatedUser =>
    day.user(name, {
      hasPassword: true,
      mfaActive: true,
      rhythm: { weekdays: true, everyDays: 4 },
      tags: { team, owner: `${name}@paperlark.example` },
      ...source,
    });
  return [...people(day, person), ...programs(day)];
}

function people(day: CompanyDay, person: (name: string, source: Person) => EmulatedUser): EmulatedUser[] {
  const developerUses = { s3: [], logs: [], lambda: ['ListFunctions'], dynamodb: ['DescribeTable'] };
  return [
    person('ines.moreau', {
      team: 'platform',
      createdDaysAgo: 890,
      groups: ['administrators'],
      uses: {
        iam: ['ListRoles', 'CreateRole', 'PutRolePolicy', 'AttachRolePolicy'],
        ec2: ['DescribeInstances'],
        s3: [],
        cloudformation: ['DescribeStacks', 'UpdateStack'],
        lambda: ['ListFunctions'],
        rds: [],
        route53: [],
        ecs: ['UpdateService'],
        cloudwatch: [],
      },
    }),
    person('tomas.berg', {
      team: 'shop',
      createdDaysAgo: 760,
      groups: ['administrators'],
      uses: { s3: [], cloudwatch: [], logs: [] },
    }),
    person('aiko.tanaka', {
      team: 'platform',
      createdDaysAgo: 530,
      groups: ['developers'],
      attached: [day.managed('PowerUserAccess')],
      uses: { ec2: ['DescribeInstances'], ecs: ['UpdateService'], rds: [], cloudwatch: [], s3: [] },
    }),
    person('samuel.okafor', { team: 'shop', createdDaysAgo: 480, groups: ['developers'], uses: developerUses }),
    person('lena.fischer', {
      team: 'shop',
      createdDaysAgo: 350,
      groups: ['developers'],
      uses: developerUses,
      keys: [{ createdDaysAgo: 210, service: 's3', rhythm: { everyDays: 8 } }],
    }),
    person('mateo.ruiz', {
      team: 'shop',
      createdDaysAgo: 240,
      groups: ['developers'],
      mfaActive: day.isSince(1),
      uses: developerUses,
    }),
    person('daniel.costa', {
      team: 'shop',
      createdDaysAgo: 190,
      groups: ['developers'],
      mfaActive: day.isSince(18),
      uses: developerUses,
    }),
    person('nora.jensen', {
      team: 'shop',
      createdDaysAgo: 26,
      groups: ['developers'],
      mfaActive: day.isSince(22),
      uses: developerUses,
    }),
    person('priya.nair', {
      team: 'data',
      createdDaysAgo: 500,
      groups: ['analysts'],
      uses: { athena: [], s3: [], glue: [] },
    }),
    person('jonas.lind', {
      team: 'data',
      createdDaysAgo: 330,
      groups: ['analysts'],
      uses: { athena: [], s3: [] },
      keys: [{ createdDaysAgo: 320, service: 's3', rhythm: { everyDays: 8, stoppedDaysAgo: 140 } }],
    }),
    person('chloe.martin', {
      team: 'finance',
      createdDaysAgo: 610,
      groups: ['billing'],
      uses: { ce: [], budgets: [] },
    }),
    person('omar.haddad', {
      team: 'support',
      createdDaysAgo: 560,
      groups: ['support'],
      mfaActive: false,
      uses: { logs: [], 'cognito-idp': [] },
    }),
    // Left the company months ago.
    person('greta.wolf', {
      team: 'platform',
      createdDaysAgo: 820,
      groups: ['developers'],
      statements: [allow(['secretsmanager:GetSecretValue', 'ssm:StartSession'])],
      mfaActive: false,
      keys: [{ createdDaysAgo: 700, service: 'secretsmanager', rhythm: { everyDays: 4, stoppedDaysAgo: 215 } }],
      rhythm: { weekdays: true, stoppedDaysAgo: 214 },
      uses: { secretsmanager: [], ssm: [], s3: [] },
    }),
    // His last working day was 96 days ago, so he counts as unused since five days.
    person('theo.lambert', {
      team: 'data',
      createdDaysAgo: 270,
      groups: ['analysts'],
      rhythm: { weekdays: true, stoppedDaysAgo: 96 },
      uses: { athena: [], s3: [] },
    }),
    person('viktor.sokolov', { team: 'shop', createdDaysAgo: 400, groups: ['developers'], rhythm: null }),
    person('break-glass', {
      team: 'platform',
      createdDaysAgo: 880,
      groups: ['administrators'],
      rhythm: { stoppedDaysAgo: 130, everyDays: 130 },
      uses: { iam: ['ListRoles'] },
    }),
  ];
}

function programs(day: CompanyDay): EmulatedUser[] {
  const bucket = (name: string): string[] => [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`];
  return [
    day.user('ci-legacy', {
      createdDaysAgo: 850,
      statements: [
        allow(['s3:GetObject', 's3:PutObject', 's3:ListBucket'], bucket('paperlark-artifacts')),
        allow('ecr:*'),
      ],
      keys: [
        { createdDaysAgo: 850, service: 'ecr', rhythm: { weekdays: true, everyDays: 4 } },
        { createdDaysAgo: 400, service: 's3', rhythm: { stoppedDaysAgo: 160, everyDays: 4 } },
      ],
      tags: { team: 'shop', owner: 'viktor.sokolov@paperlark.example' },
      uses: { ecr: [], s3: [] },
    }),
    day.user('ci-mobile', {
      createdDaysAgo: 420,
      statements: [allow(['s3:PutObject', 's3:GetObject'], bucket('paperlark-mobile-builds'))],
      keys: [{ createdDaysAgo: 420, service: 's3', rhythm: { everyDays: 4 } }],
      tags: { team: 'shop', owner: 'samuel.okafor@paperlark.example' },
      uses: { s3: [] },
    }),
    // Its key is rotated: the second one is created 24 days ago, and the first deactivated ten days ago.
    day.user('backup-sync', {
      createdDaysAgo: 370,
      statements: [allow(['s3:GetObject', 's3:PutObject', 's3:ListBucket'], bucket('paperlark-backups'))],
      keys: [
        { createdDaysAgo: 370, deactivatedDaysAgo: 10, service: 's3', rhythm: { stoppedDaysAgo: 20 } },
        { createdDaysAgo: 24, service: 's3', rhythm: { everyDays: 2 } },
      ],
      tags: { team: 'platform', owner: 'aiko.tanaka@paperlark.example' },
      uses: { s3: [] },
    }),
    day.user('mail-sender', {
      createdDaysAgo: 300,
      statements: [allow('ses:SendRawEmail', `arn:aws:ses:eu-west-1:${day.accountId}:identity/paperlark.example`)],
      keys: [{ createdDaysAgo: 60, service: 'ses' }],
      tags: { team: 'shop', owner: 'samuel.okafor@paperlark.example' },
      uses: { ses: [] },
    }),
    day.user(BYSTANDER_USER, {
      createdDaysAgo: 200,
      statements: [allow('sts:AssumeRole', day.arn(`role/${BYSTANDER_ROLE}`))],
      keys: [{ createdDaysAgo: 80, service: 'sts' }],
      tags: { team: 'platform', owner: 'aiko.tanaka@paperlark.example' },
      uses: { sts: [] },
    }),
  ];
}

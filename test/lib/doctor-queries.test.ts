import { Match } from 'aws-cdk-lib/assertions';
import { logQueryNames } from '../../core/ports/log-queries.ts';
import {
  KEY,
  list,
  resolved,
  resourcesOf,
  resourcesOfType,
  statementsOf,
  templateOf as anyTemplateOf,
} from '../support/template.ts';

const HERE = { account: '111122223333', region: 'eu-central-1' };
/** Without the tables of runs, which have a workgroup and named queries of their own. */
const templateOf = (settings: Record<string, unknown> = {}, env?: typeof HERE): ReturnType<typeof anyTemplateOf> =>
  anyTemplateOf({ tables: { athena: false }, ...settings }, env);
const doctor = { trailBucket: 'the-trail' };
const template = templateOf({ doctor });
const types = (of: typeof template): string[] => resourcesOf(of).map(([, { Type }]) => Type);

/** The parameters of the CloudTrail table. */
const table = (settings: Record<string, unknown>, env?: typeof HERE): Record<string, unknown> => {
  const [first] = resourcesOfType('AWS::Glue::Table', templateOf(settings, env));
  const input = first!.Properties.TableInput as { Parameters: Record<string, unknown> };
  return resolved(input.Parameters) as Record<string, unknown>;
};

test('without a trail there is no table, no workgroup and no named query', () => {
  expect(types(templateOf()).filter((type) => /^AWS::(Athena|Glue)::|ManagedPolicy/.test(type))).toEqual([]);
});

test('with a trail each question is a named query of the workgroup, and one collects the rows', () => {
  const queries = resourcesOfType('AWS::Athena::NamedQuery', template).map(({ Properties }) => Properties);
  expect(queries.map(({ Name }) => Name).sort()).toEqual(['collect', ...logQueryNames].sort());
  expect(new Set(queries.map(({ WorkGroup }) => JSON.stringify(WorkGroup))).size).toBe(1);
  template.hasOutput('DoctorWorkgroupName', {});
});

test('only the query that collects the rows reads the logs, and it does so once', () => {
  const reads = resourcesOfType('AWS::Athena::NamedQuery', template).map(({ Properties }) => [
    Properties.Name,
    JSON.stringify(resolved(Properties.QueryString)).match(/iamaudit_doctor\\"\.\\"cloudtrail/g)?.length ?? 0,
  ]);
  expect(reads.filter(([, count]) => count !== 0)).toEqual([['collect', 1]]);
});

test('the workgroup limits each query, encrypts the answers, and lets nobody change that', () => {
  template.hasResourceProperties('AWS::Athena::WorkGroup', {
    Name: 'IamAudit-doctor',
    RecursiveDeleteOption: true,
    WorkGroupConfiguration: {
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 100e9,
      ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_S3' } },
    },
  });
  templateOf({ doctor: { ...doctor, scanLimitGigabytes: 7 }, kmsKeyArn: KEY }).hasResourceProperties(
    'AWS::Athena::WorkGroup',
    {
      WorkGroupConfiguration: {
        BytesScannedCutoffPerQuery: 7e9,
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: KEY } },
      },
    },
  );
});

test.each([
  [{}, '111122223333', 'AWSLogs/'],
  [{ accounts: ['444455556666', '111122223333'] }, '444455556666,111122223333', 'AWSLogs/'],
  [{ trailPrefix: 'logs/all' }, '111122223333', 'logs/all/AWSLogs/'],
  [{ trailPrefix: 'logs', organizationId: 'o-exampleorg' }, '111122223333', 'logs/AWSLogs/o-exampleorg/'],
])('%j: the partitions are computed from the accounts, and the folder is the trail’s', (more, accounts, folder) => {
  expect(table({ doctor: { ...doctor, ...more } }, HERE)).toMatchObject({
    'projection.enabled': 'true',
    'projection.account.values': accounts,
    'projection.day.format': 'yyyy/MM/dd',
    'storage.location.template': `s3://the-trail/${folder}\${account}/CloudTrail/\${region}/\${day}`,
  });
});

test('the accounts that are audited are those whose logs are read', () => {
  const settings = { doctor, accountIds: ['111122223334', '111122223335'], memberRoleName: 'member' };
  expect(table(settings)['projection.account.values']).toBe('111122223334,111122223335');
});

test('the Regions are those of the settings, or that of IAM and the stack’s own, which may be the same', () => {
  expect(table({ doctor: { ...doctor, regions: ['eu-west-1', 'us-east-1'] } })['projection.region.values']).toBe(
    'eu-west-1,us-east-1',
  );
  expect(JSON.stringify(table({ doctor }, HERE)['projection.region.values'])).toContain('us-east-1,eu-central-1');
  template.hasCondition('*', { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] });
});

test('rows and answers are deleted after a week', () => {
  template.hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ Prefix: 'doctor/', ExpirationInDays: 7 })]) },
  });
});

test('the policy for users of the doctor reads the trail and writes below its own prefix', () => {
  const settings = { doctor: { ...doctor, trailPrefix: 'p', trailKeyArn: KEY }, resultsBucketName: 'results' };
  const [policy] = resourcesOfType('AWS::IAM::ManagedPolicy', templateOf(settings));
  expect(policy!.Properties.Roles).toBeUndefined();
  const statements = statementsOf(policy!.Properties.PolicyDocument);
  const withAction = (action: string): unknown =>
    statements.filter(({ Action }) => list(Action).includes(action)).map(({ Resource }) => resolved(Resource));
  expect(withAction('s3:PutObject')).toEqual(['arn:aws:s3:::results/doctor/*']);
  expect(withAction('s3:GetObject')).toEqual(['arn:aws:s3:::the-trail/p/AWSLogs/*', 'arn:aws:s3:::results/doctor/*']);
  expect(withAction('kms:Decrypt')).toEqual([KEY]);
  expect(withAction('athena:StartQueryExecution')).toEqual([
    'arn:aws:athena:ap-southeast-3:111122223333:workgroup/IamAudit-doctor',
  ]);
});

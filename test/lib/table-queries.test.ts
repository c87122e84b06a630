import { Match } from 'aws-cdk-lib/assertions';
import { tables, tableNames } from '../../core/contract/tables/tables.ts';
import { tableQueries } from '../../questions/table-queries.ts';
import { KEY, list, resolved, resourcesOf, resourcesOfType, statementsOf, templateOf } from '../support/template.ts';

const template = templateOf();

interface TableInput {
  readonly Name: string;
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly PartitionKeys: readonly { readonly Name: string; readonly Type: string }[];
  readonly StorageDescriptor: {
    readonly Columns: readonly { readonly Name: string; readonly Type: string; readonly Comment: string }[];
  };
}
const inputs = (of: typeof template): TableInput[] =>
  resourcesOfType('AWS::Glue::Table', of).map(({ Properties }) => resolved(Properties.TableInput) as TableInput);

test('each table of the contract is a table, with its columns and its folder', () => {
  expect(inputs(template).map(({ Name }) => Name)).toEqual([...tableNames]);
  const types = { text: 'string', count: 'bigint', number: 'double', flag: 'boolean', time: 'timestamp' };
  for (const { Name, StorageDescriptor, Parameters, PartitionKeys } of inputs(template)) {
    const name = tableNames.find((one) => one === Name)!;
    expect(StorageDescriptor.Columns.map((column) => [column.Name, column.Type])).toEqual(
      Object.entries(tables[name].columns).map(([column, { type }]) => [column, types[type]]),
    );
    // AWS Glue API, Column: comments have at most 255 bytes.
    for (const { Comment } of StorageDescriptor.Columns) expect(Buffer.byteLength(Comment)).toBeLessThanOrEqual(255);
    expect(PartitionKeys.map((key) => [key.Name, key.Type])).toEqual([['date', 'string']]);
    expect(Parameters['storage.location.template']).toMatch(
      new RegExp(String.raw`^s3://x+/tables/${Name}/date=\$\{date\}/$`),
    );
  }
});

test('Athena computes the days for which the tables are kept, and every partition column has a projection', () => {
  for (const { Parameters, PartitionKeys } of inputs(templateOf({ retention: { tableDays: 365 } }))) {
    for (const { Name } of PartitionKeys) expect(Parameters[`projection.${Name}.type`]).toBe('date');
    expect(Parameters['projection.date.range']).toBe('NOW-365DAYS,NOW');
    expect(Parameters['projection.date.format']).toBe('yyyy-MM-dd');
  }
});

test('each question is a named query of the workgroup and the database', () => {
  const queries = resourcesOfType('AWS::Athena::NamedQuery', template).map(({ Properties }) => Properties);
  expect(queries.map(({ Name, QueryString, Description }) => [Name, QueryString, Description])).toEqual(
    tableQueries().map(({ name, sql, question }) => [name, sql, question]),
  );
  for (const attribute of ['WorkGroup', 'Database']) {
    expect(new Set(queries.map((query) => JSON.stringify(query[attribute]))).size).toBe(1);
  }
  template.hasOutput('TablesWorkgroupName', {});
});

test('the workgroup limits each query, encrypts the answers, and lets nobody change that', () => {
  const workgroup = (limit: number, encryption: Record<string, string>) => ({
    Name: 'IamAudit-tables',
    RecursiveDeleteOption: true,
    WorkGroupConfiguration: {
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: limit,
      ResultConfiguration: { EncryptionConfiguration: encryption },
    },
  });
  template.hasResourceProperties('AWS::Athena::WorkGroup', workgroup(10e9, { EncryptionOption: 'SSE_S3' }));
  templateOf({ tables: { scanLimitGigabytes: 3 }, kmsKeyArn: KEY }).hasResourceProperties(
    'AWS::Athena::WorkGroup',
    workgroup(3e9, { EncryptionOption: 'SSE_KMS', KmsKey: KEY }),
  );
});

test('the policy for queries reads only the tables, and writes only answers', () => {
  const [policy] = resourcesOfType('AWS::IAM::ManagedPolicy', template);
  const statements = statementsOf(policy!.Properties.PolicyDocument).map((statement) => ({
    actions: list(statement.Action),
    resources: [resolved(statement.Resource)].flat().map(String),
  }));
  const resourcesFor = (action: string): string[] => [
    ...new Set(statements.filter(({ actions }) => actions.includes(action)).flatMap(({ resources }) => resources)),
  ];
  expect(resourcesFor('s3:GetObject').map((arn) => arn.replace(/^.*x/, ''))).toEqual(['/tables/*', '/queries/*']);
  expect(resourcesFor('s3:PutObject').map((arn) => arn.replace(/^.*x/, ''))).toEqual(['/queries/*']);
  expect(
    statements.flatMap(({ actions }) => actions).filter((action) => /Delete|Create|Update|\*/.test(action)),
  ).toEqual([]);
});

test('answers expire after a week', () => {
  template.hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ Prefix: 'queries/', ExpirationInDays: 7 })]) },
  });
});

test('without tables.athena there is nothing of it, and the functions still write the tables', () => {
  const without = templateOf({ tables: { athena: false } });
  const types = resourcesOf(without).map(([, { Type }]) => Type);
  expect(types.filter((type) => /^AWS::(Athena|Glue)::|ManagedPolicy/.test(type))).toEqual([]);
  expect(JSON.stringify(without.toJSON())).not.toContain('queries/');
  expect(JSON.stringify(without.toJSON())).toContain('/tables/principals/*');
});

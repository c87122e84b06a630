import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledgements.ts';
import type { ResultsBucket } from './results-bucket.ts';
import type { Settings } from './settings.ts';

/** What queries of a workgroup read and write. */
export interface QueryAccess {
  /** The bucket of the data that the tables show, the prefix of its keys, and the key that encrypts it. */
  readonly data: { readonly bucketName: string; readonly prefix: string; readonly keyArn: string | undefined };
  readonly results: ResultsBucket;
  /** Prefix of the keys of the answers in the results bucket. The queries may read and write below it. */
  readonly answers: string;
  readonly settings: Settings;
  readonly workgroupName: string;
  readonly databaseName: string;
  readonly tableNames: readonly string[];
}

/** One statement of a policy that allows queries. */
export interface QueryPermission {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Why some resources of these statements have wildcards. */
export const queryWildcards = 'Keys of data files and of answers are not known before they are written.';

export interface QueryPolicyProps {
  readonly access: QueryAccess;
  readonly description: string;
}

/** A managed policy with the permissions for the queries of a workgroup. The stack does not attach it to a principal. */
export class QueryPolicy extends Construct {
  constructor(scope: Construct, id: string, { access, description }: QueryPolicyProps) {
    super(scope, id);
    const policy = new ManagedPolicy(this, 'Policy', { path: access.settings.rolePath, description });
    const findsQueries = ['athena:BatchGetNamedQuery', 'athena:ListNamedQueries'];
    for (const { sid, actions, resources } of queryPermissions(this, access, findsQueries)) {
      policy.addStatements(new PolicyStatement({ sid, actions: [...actions], resources: [...resources] }));
      acknowledgeWildcards(policy, resources, queryWildcards);
    }
  }
}

/** What running queries needs. @param more actions on the workgroup */
export function queryPermissions(
  scope: Construct,
  { data, results, answers, settings, workgroupName, databaseName, tableNames }: QueryAccess,
  more: readonly string[],
): QueryPermission[] {
  const stack = Stack.of(scope);
  const glue = (resource: string, resourceName?: string): string =>
    resourceName === undefined
      ? stack.formatArn({ service: 'glue', resource, arnFormat: ArnFormat.NO_RESOURCE_NAME })
      : stack.formatArn({ service: 'glue', resource, resourceName });
  const s3 = (bucket: string, keys = ''): string =>
    `${stack.formatArn({ service: 's3', region: '', account: '', resource: bucket })}${keys}`;
  const permissions: QueryPermission[] = [];
  const allow = (sid: string, resources: string[], ...actions: string[]): void => {
    permissions.push({ sid, actions, resources });
  };

  allow(
    'RunQueries',
    [stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: workgroupName })],
    ...[
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StartQueryExecution',
      'athena:StopQueryExecution',
      ...more,
    ].sort(),
  );
  allow(
    'ReadTables',
    [
      glue('catalog'),
      glue('database', databaseName),
      ...tableNames.map((name) => glue('table', `${databaseName}/${name}`)),
    ],
    'glue:GetDatabase',
    'glue:GetPartitions',
    'glue:GetTable',
  );
  allow('FindData', [s3(data.bucketName)], 's3:GetBucketLocation', 's3:ListBucket');
  allow('ReadData', [s3(data.bucketName, `/${data.prefix}*`)], 's3:GetObject');
  allow(
    'FindAnswers',
    [results.bucket.bucketArn],
    's3:GetBucketLocation',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
  );
  allow(
    'StoreAnswers',
    [results.bucket.arnForObjects(`${answers}*`)],
    's3:AbortMultipartUpload',
    's3:GetObject',
    's3:ListMultipartUploadParts',
    's3:PutObject',
  );
  if (data.keyArn !== undefined) allow('DecryptData', [data.keyArn], 'kms:Decrypt');
  if (settings.kmsKeyArn !== undefined) {
    allow('EncryptAnswers', [settings.kmsKeyArn], 'kms:Decrypt', 'kms:GenerateDataKey');
  }
  return permissions;
}
